import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { data } from 'currency-codes';
import fc from 'fast-check';
import { amendments, currencies } from '../../src/platform/values/currencies';
import { isCurrency, maxAmountMinor, minorDigits, parseDecimalAmount } from '../../src/platform/values/money';
import { testSeed } from '../support/random';

describe('a decimal amount', () => {
  test.each([
    ['146.76', 'SEK', 14_676],
    ['146.7', 'SEK', 14_670],
    ['146', 'SEK', 14_600],
    ['0', 'SEK', 0],
    ['0.01', 'SEK', 1],
    ['007.50', 'SEK', 750],
    ['1.2300', 'SEK', 123],
    [' 12.5 ', 'EUR', 1_250],
    ['1200', 'JPY', 1_200],
    ['1200.00', 'JPY', 1_200],
    ['1.234', 'KWD', 1_234],
    ['0.29', 'USD', 29],
    ['1.005', 'KWD', 1_005],
    ['90071992547409.91', 'SEK', maxAmountMinor],
    ['9007199254740991', 'JPY', maxAmountMinor],
  ])('of %j %s is %d minor units', (text, currency, amountMinor) => {
    expect(parseDecimalAmount(text, currency)).toBe(amountMinor);
  });

  test.each([
    ['', 'SEK'],
    ['-1', 'SEK'],
    ['+1', 'SEK'],
    ['1,50', 'SEK'],
    ['1 000', 'SEK'],
    ['1.', 'SEK'],
    ['.5', 'SEK'],
    ['1e3', 'SEK'],
    ['0x10', 'SEK'],
    ['NaN', 'SEK'],
    ['kr 5', 'SEK'],
    ['1.001', 'SEK'],
    // One, or a thousand.
    ['1.000', 'SEK'],
    ['1.000', 'JPY'],
    ['1,250.00', 'SEK'],
    ['0.5', 'JPY'],
    ['90071992547409.92', 'SEK'],
    ['9007199254740992', 'JPY'],
    ['99999999999999999999', 'SEK'],
  ])('%j %s is none, or not exactly one', (text, currency) => {
    expect(parseDecimalAmount(text, currency)).toBeUndefined();
  });

  test('is read without rounding, whatever its digits', () => {
    const amounts = fc.integer({ min: 0, max: maxAmountMinor });
    fc.assert(
      fc.property(amounts, fc.constantFrom('SEK', 'JPY', 'KWD'), (amountMinor, currency) => {
        const digits = minorDigits(currency);
        const text = String(amountMinor).padStart(digits + 1, '0');
        const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
        expect(parseDecimalAmount(decimal, currency)).toBe(amountMinor);
      }),
      { seed: testSeed, numRuns: 2_000 },
    );
  });
});

describe('a currency', () => {
  // List one of ISO 4217 as of 2026: `N.A.` where there are no minor units.
  const listOne: { code: string; minor_units: string }[] = parse(
    readFileSync(join(__dirname, 'iso4217ListOne.csv')),
    { columns: true },
  );

  test('is a code of list one of ISO 4217, with its decimals, whatever Intl knows of it', () => {
    expect([...currencies].sort()).toEqual(listOne.map(({ code }) => code));
    for (const { code, minor_units } of listOne) {
      expect([code, isCurrency(code), minorDigits(code)]).toEqual([
        code,
        true,
        minor_units === 'N.A.' ? 0 : Number(minor_units),
      ]);
    }
    const inIntl = new Set(Intl.supportedValuesOf('currency'));
    expect(listOne.filter(({ code }) => !inIntl.has(code)).length).toBeGreaterThan(0);
  });

  test('is no code that was withdrawn, nor one in small letters', () => {
    const none = ['BGN', 'ANG', 'CUC', 'HRK', 'ZWL', 'sek', 'XYZ', 'kronor', '', 'SE', 'SEK ', '__proto__'];
    expect(none.filter(isCurrency)).toEqual([]);
  });

  test('that was withdrawn keeps its decimals, for the sums that are there', () => {
    expect(['BGN', 'HRK', 'ITL', 'none at all'].map(minorDigits)).toEqual([2, 2, 0, 2]);
  });

  test('is amended only where the package is not up to date yet', () => {
    const shipped = new Map(data.map(({ code, digits }) => [code, digits]));
    for (const [code, change] of Object.entries(amendments)) {
      expect([code, shipped.get(code)]).not.toEqual([code, change === 'withdrawn' ? undefined : change]);
    }
  });
});

import { createFormat } from '../../src/web/language/format';
import { readAmount } from '../../src/web/language/readAmount';
import { parseCsv, styleCsv } from '../../src/web/ui/csv';

const nbsp = '\u00a0';
const narrow = '\u202f';

describe('an amount that is typed', () => {
  test.each([
    // As the language writes it, with any space that a keyboard or a copied text may hold.
    ['1 250,50', 'SEK', 'sv-SE', 125_050],
    [`1${nbsp}250,50`, 'SEK', 'sv-SE', 125_050],
    [`1${narrow}250,50`, 'SEK', 'sv-SE', 125_050],
    ['1\u2009250', 'SEK', 'sv-SE', 125_000],
    ['1250,5', 'SEK', 'sv-SE', 125_050],
    ['12 345 678,90', 'SEK', 'sv-SE', 1_234_567_890],
    ['1,250', 'KWD', 'sv-SE', 1_250],
    ['1,250.50', 'SEK', 'en-GB', 125_050],
    ['1,250', 'SEK', 'en-US', 125_000],
    ['1,250,000', 'SEK', 'en-US', 125_000_000],
    ['12,34,567.5', 'INR', 'en-IN', 123_456_750],
    ['1.250', 'KWD', 'en-GB', 1_250],
    ['0', 'SEK', 'sv-SE', 0],
    ['90071992547409.91', 'SEK', 'en-GB', Number.MAX_SAFE_INTEGER],
    ['90 071 992 547 409,91', 'SEK', 'sv-SE', Number.MAX_SAFE_INTEGER],
    // As the other language writes it, where that can be nothing else.
    ['1250.50', 'SEK', 'sv-SE', 125_050],
    ['1,250.50', 'SEK', 'sv-SE', 125_050],
    ['1 250,50', 'SEK', 'en-GB', 125_050],
    // By ISO 4217, whatever Intl shows.
    ['12,5', 'HUF', 'sv-SE', 1_250],
    ['1,2345', 'UYW', 'sv-SE', 12_345],
    ['1 250', 'JPY', 'sv-SE', 1_250],
    ['7', 'XAU', 'en-GB', 7],
  ])('%j %s in %s is understood', (text, currency, locale, amountMinor) => {
    expect(readAmount(text, currency, locale)).toBe(amountMinor);
  });

  test.each([
    // A thousand to some, one to others.
    ['1.250', 'SEK', 'sv-SE'],
    ['1,250', 'SEK', 'sv-SE'],
    ['1.250', 'SEK', 'en-GB'],
    ['1.000', 'SEK', 'en-GB'],
    ['1,000', 'SEK', 'sv-SE'],
    ['1.250', 'KWD', 'sv-SE'],
    ['1.250,50', 'SEK', 'sv-SE'],
    ['1.250,50', 'SEK', 'en-GB'],
    ['1.250.000', 'SEK', 'sv-SE'],
    // Marks where no thousands end.
    ['12,50,0', 'SEK', 'en-GB'],
    ['1 25,50', 'SEK', 'sv-SE'],
    ['1 2500', 'SEK', 'sv-SE'],
    ['1234 567', 'SEK', 'sv-SE'],
    ['1  250', 'SEK', 'sv-SE'],
    ['1 250,000', 'SEK', 'en-GB'],
    // More decimals than the currency has.
    ['1,005', 'SEK', 'sv-SE'],
    ['0,5', 'JPY', 'sv-SE'],
    ['12,345', 'HUF', 'sv-SE'],
    ['', 'SEK', 'sv-SE'],
    ['-1', 'SEK', 'sv-SE'],
    ['\u22121', 'SEK', 'sv-SE'],
    ['1e3', 'SEK', 'en-GB'],
    ['12,', 'SEK', 'sv-SE'],
    [',5', 'SEK', 'sv-SE'],
    ['1 250 kr', 'SEK', 'sv-SE'],
    ['１２', 'SEK', 'sv-SE'],
    ['90 071 992 547 409,92', 'SEK', 'sv-SE'],
  ])('%j %s in %s is not guessed', (text, currency, locale) => {
    expect(readAmount(text, currency, locale)).toBeUndefined();
  });

  test.each(['en-GB', 'en-US', 'en-IN', 'en-ZA', 'en-SE', 'sv-SE', 'sv-FI'])(
    'is understood as %s shows it',
    (locale) => {
      const format = createFormat(locale);
      for (const currency of ['SEK', 'JPY', 'KWD', 'UYW', 'HUF', 'XCG', 'ZWG', 'CLF', 'XAU']) {
        for (const amountMinor of [0, 7, 1_234, 123_456, 1_234_567_890, Number.MAX_SAFE_INTEGER]) {
          const shown = format.amount(amountMinor, currency).replace(/^[^\d]+|[^\d]+$/gu, '');
          expect([currency, shown, format.readAmount(shown, currency)]).toEqual([
            currency,
            shown,
            amountMinor,
          ]);
          const plain = format.plainAmount(amountMinor, currency);
          expect([currency, plain, format.readAmount(plain, currency)]).toEqual([
            currency,
            plain,
            amountMinor,
          ]);
        }
      }
    },
  );
});

test('an amount is shown with the decimals of ISO 4217, in currencies that Intl does not know, too', () => {
  const format = createFormat('sv-SE');
  const shown = ['HUF', 'IQD', 'UYW', 'XCG', 'ZWG', 'XAU'].map((currency) =>
    format.amount(1_234_567, currency),
  );
  expect(shown.map((text) => text.replaceAll(/\s/g, ' '))).toEqual([
    '12 345,67 HUF',
    '1 234,567 IQD',
    '123,4567 UYW',
    '12 345,67 XCG',
    '12 345,67 ZWG',
    '1 234 567 XAU',
  ]);
});

describe('CSV for a spreadsheet', () => {
  const csv = [
    'caregiver_id,caregiver,currency,total_amount,total_events',
    `1,"'=1+1",SEK,123456,2`,
    '2,"a;""b"", c",KWD,-1234,1',
    `3,"x;'=1",JPY,7,1`,
    '4,"two\nlines",UYW,12345,1',
    '',
  ].join('\r\n');

  test('has the separator, the amounts and the byte order mark that were chosen', () => {
    expect(styleCsv(csv, { separator: ';', hasByteOrderMark: true, decimalMark: ',' })).toBe(
      [
        '\ufeffcaregiver_id;caregiver;currency;total_amount;total_events',
        "1;'=1+1;SEK;1234,56;2",
        '2;"a;""b"", c";KWD;-1,234;1',
        `3;"x;'=1";JPY;7;1`,
        '4;"two\nlines";UYW;1,2345;1',
        '',
      ].join('\r\n'),
    );
  });

  test('puts decimals with a comma in quotes where commas part cells', () => {
    const styled = styleCsv(csv, { separator: ',', hasByteOrderMark: false, decimalMark: ',' });
    expect(styled.split('\r\n')[1]).toBe(`1,'=1+1,SEK,"1234,56",2`);
  });

  test('says the same as before where nothing is chosen', () => {
    const styled = styleCsv(csv, { separator: '\t', hasByteOrderMark: false, decimalMark: undefined });
    expect(parseCsv(styled.replaceAll('\t', ','))[1]).toEqual(parseCsv(csv)[1]);
  });
});

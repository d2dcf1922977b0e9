import { createFormat, decimalText } from '../../src/web/language/format';
import { lastDayOf, monthsBetween, startOfDay } from '../../src/web/report/calendar';
import {
  inMonth,
  presetDays,
  presetOf,
  readChoice,
  toFilter,
  writeChoice,
} from '../../src/web/report/choice';
import { parseCsv } from '../../src/web/ui/csv';

const stockholm = 'Europe/Stockholm';
const everybody = { caregiverIds: [], unitIds: [] };

describe('the choice of a report', () => {
  test('is the same after it has stood in an address', () => {
    const choice = { caregiverIds: ['3', '17'], unitIds: ['2'], from: '2026-01-10', to: undefined };
    const address = writeChoice(choice, new URLSearchParams('columns=month&caregiverIds=9'));
    expect(String(address)).toBe('columns=month&caregiverIds=3%2C17&unitIds=2&from=2026-01-10&to=');
    expect(readChoice(address, '2026-05-05')).toEqual(choice);
  });

  test('is of this year where the address says nothing, and takes no nonsense out of it', () => {
    expect(readChoice(new URLSearchParams(), '2026-05-05')).toEqual({
      ...everybody,
      from: '2026-01-01',
      to: '2026-12-31',
    });
    const nonsense = new URLSearchParams('caregiverIds=x,4,-1,&from=2026-13-01&to=tomorrow');
    expect(readChoice(nonsense, '2026-05-05')).toEqual({
      caregiverIds: ['4'],
      unitIds: [],
      from: undefined,
      to: undefined,
    });
  });

  test.each([
    ['2026-01-01', { fromMonth: '2026-01', toMonth: '2026-02' }, '2026-02-28'],
    ['2026-03-29', { from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z' }, '2026-03-29'],
    ['2026-10-25', { from: '2026-10-24T22:00:00.000Z', to: '2026-10-25T23:00:00.000Z' }, '2026-10-25'],
    [undefined, { toMonth: '2028-02' }, '2028-02-29'],
    // The API counts no later years, and takes no border in one.
    ['2199-12-02', { from: '2199-12-01T23:00:00.000Z' }, '2200-12-31'],
    [undefined, {}, undefined],
  ])('from %s is asked for as %j', (from, asked, to) => {
    expect(toFilter({ ...everybody, from, to }, stockholm)).toEqual(asked);
  });

  test.each([
    ['2026-01-15', '2025-10-01', '2025-12-31'],
    ['2026-03-31', '2025-10-01', '2025-12-31'],
    ['2026-04-01', '2026-01-01', '2026-03-31'],
    ['2026-12-31', '2026-07-01', '2026-09-30'],
  ])('on %s the last quarter is %s to %s', (today, from, to) => {
    expect(presetDays('lastQuarter', today)).toEqual({ from, to });
    expect(presetOf({ from, to }, today)).toBe('lastQuarter');
  });

  test('is narrowed to a month, and no further than it was', () => {
    const choice = { ...everybody, from: '2026-01-10', to: '2026-03-05' };
    expect(inMonth(choice, '2026-01')).toMatchObject({ from: '2026-01-10', to: '2026-01-31' });
    expect(inMonth(choice, '2026-02')).toMatchObject({ from: '2026-02-01', to: '2026-02-28' });
    expect(inMonth(choice, '2026-03')).toMatchObject({ from: '2026-03-01', to: '2026-03-05' });
  });
});

describe('the calendar of the pages', () => {
  test.each([
    ['America/New_York', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['America/New_York', '2026-03-09', '2026-03-09T04:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-08', '2026-03-07T18:30:00.000Z'],
    ['UTC', '2026-03-08', '2026-03-08T00:00:00.000Z'],
    // Where clocks go from midnight to one, the day begins at one.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    // This day never was.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Auckland', '2026-04-06', '2026-04-05T12:00:00.000Z'],
  ])('in %s %s begins at %s', (timeZone, day, instant) => {
    expect(startOfDay(day, timeZone)).toBe(instant);
  });

  test('months follow each other over the year', () => {
    expect(monthsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
    expect(lastDayOf('2028-02')).toBe('2028-02-29');
  });
});

test('amounts are written digit by digit, also those that no division keeps exact', () => {
  expect(decimalText(Number.MAX_SAFE_INTEGER, 2)).toBe('90071992547409.91');
  expect(decimalText(-5, 2)).toBe('-0.05');
  expect(decimalText(1234, 0)).toBe('1234');
});

test.each([
  ['en-GB', '9,999', '12.3k', 'SEK 1,234.50'],
  ['sv-SE', '9 999', '12,3 tn', '1 234,50 kr'],
])('counts from 10,000 are shortened, amounts never, in %s', (locale, whole, short, amount) => {
  const format = createFormat(locale);
  // Languages put narrow and unbreakable spaces; which of them is theirs to say.
  const plain = (text: string) => text.replace(/\s/g, ' ');
  expect(plain(format.shortCount(9_999))).toBe(whole);
  expect(plain(format.shortCount(12_345)).toLowerCase()).toBe(short);
  expect(plain(format.amount(123_450, 'SEK'))).toBe(amount);
});

test.each([
  [
    'a,b\r\n1,2\r\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  ['a,"b ""c"", d",\r\n', [['a', 'b "c", d', '']]],
  ['"two\r\nlines",x', [['two\r\nlines', 'x']]],
  ['', []],
])('the CSV %j is read as %j', (text, lines) => {
  expect(parseCsv(text)).toEqual(lines);
});

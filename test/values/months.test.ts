import fc from 'fast-check';
import {
  createCalendar,
  earliestInstantMs,
  formatMonth,
  isTimeZone,
  latestInstantMs,
  type Month,
  nextMonth,
  parseMonth,
  previousMonth,
} from '../../src/platform/values/months';
import { testSeed } from '../support/random';

const hourMs = 3_600_000;

describe('a month begins when the clocks of its zone first show its date', () => {
  const borders: [zone: string, month: Month, begins: string, why: string][] = [
    ['Europe/Stockholm', 202403, '2024-02-29T23:00:00.000Z', 'winter time, behind a leap day'],
    ['Europe/Stockholm', 202404, '2024-03-31T22:00:00.000Z', 'summer time, which began that very day'],
    ['Europe/Stockholm', 202411, '2024-10-31T23:00:00.000Z', 'winter time again'],
    ['Europe/Stockholm', 202501, '2024-12-31T23:00:00.000Z', 'another year'],
    ['America/New_York', 190001, '1900-01-01T05:00:00.000Z', 'the first of all'],
    ['America/New_York', 194202, '1942-02-01T05:00:00.000Z', 'before the war time'],
    ['America/New_York', 194203, '1942-03-01T04:00:00.000Z', 'in the war time'],
    ['America/New_York', 196912, '1969-12-01T05:00:00.000Z', 'before 1970'],
    ['Asia/Kolkata', 202603, '2026-02-28T18:30:00.000Z', 'half an hour'],
    ['Asia/Kathmandu', 198601, '1985-12-31T18:30:00.000Z', 'the clocks went on by a quarter at midnight'],
    [
      'America/Havana',
      200104,
      '2001-04-01T05:00:00.000Z',
      'summer time began at midnight: 00:00 is never shown',
    ],
    ['Asia/Beirut', 198505, '1985-04-30T22:00:00.000Z', 'summer time began at midnight, too'],
    ['Asia/Damascus', 200110, '2001-09-30T22:00:00.000Z', 'at midnight the clocks went back to 23:00'],
    ['Pacific/Apia', 201112, '2011-12-01T10:00:00.000Z', 'east of the date line'],
    ['Pacific/Apia', 201201, '2011-12-31T10:00:00.000Z', 'west of it, a day after 30 December was left out'],
    ['Pacific/Kiritimati', 199501, '1994-12-31T10:00:00.000Z', 'the last day of 1994 was left out'],
    ['UTC', 202603, '2026-03-01T00:00:00.000Z', 'no offset'],
  ];
  test.each(borders)('%s %d: %s (%s)', (zone, month, begins) => {
    const calendar = createCalendar(zone);
    const startMs = calendar.startOf(month);
    expect(new Date(startMs).toISOString()).toBe(begins);
    expect(calendar.monthOf(startMs)).toBe(month);
    expect(calendar.monthOf(startMs - 1)).toBe(previousMonth(month));
  });

  // The clocks went from 00:01 on the first back to 23:01 on the last: one range, begun when its date was first shown.
  test.each([
    ['America/St_Johns', '2009-11-01T02:30:00.000Z', 200911],
    ['America/Phoenix', '1944-01-01T06:00:00.000Z', 194401],
  ])('%s showed the end of a month twice, and the new month goes on', (zone, begins, month) => {
    const calendar = createCalendar(zone);
    const startMs = Date.parse(begins);
    expect(calendar.startOf(month)).toBe(startMs);
    const monthShown = monthShownIn(zone);
    expect(monthShown(startMs)).toBe(month);
    expect(monthShown(startMs + hourMs / 4)).toBe(previousMonth(month));
    expect(calendar.monthOf(startMs + hourMs / 4)).toBe(month);
    expect(calendar.monthOf(startMs - 1)).toBe(previousMonth(month));
  });
});

/** The month that the zone's clocks show, by Intl alone. */
function monthShownIn(timeZone: string): (instantMs: number) => Month {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' });
  return (instantMs) => Number(format.format(instantMs).replace('-', ''));
}

describe('in every zone of the world', () => {
  const zones = Intl.supportedValuesOf('timeZone').map((timeZone) => ({
    timeZone,
    calendar: createCalendar(timeZone),
    monthShown: monthShownIn(timeZone),
  }));
  const anyInstant = fc.integer({ min: earliestInstantMs, max: latestInstantMs - 1 });
  /** Within 15 hours of a midnight of UTC on the first of a month: where local months begin. */
  const nearBorder = fc
    .record({
      year: fc.integer({ min: 1901, max: 2199 }),
      monthIndex: fc.nat(11),
      distanceMs: fc.integer({ min: -15 * hourMs, max: 15 * hourMs }),
    })
    .map(({ year, monthIndex, distanceMs }) => Date.UTC(year, monthIndex, 1) + distanceMs);
  const instants = fc.oneof(anyInstant, nearBorder);
  const settings = { seed: testSeed, numRuns: 5_000 };

  test('an instant lies between the beginning of its month and that of the next', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, ({ calendar }, instantMs) => {
        const month = calendar.monthOf(instantMs);
        expect(calendar.startOf(month)).toBeLessThanOrEqual(instantMs);
        expect(calendar.startOf(nextMonth(month))).toBeGreaterThan(instantMs);
      }),
      settings,
    );
  });

  test('its month is the one that the clocks show, unless they show the end of the old one again', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, ({ calendar, monthShown }, instantMs) => {
        const month = calendar.monthOf(instantMs);
        if (monthShown(instantMs) === month) return;
        const startMs = calendar.startOf(month);
        expect(monthShown(instantMs)).toBe(previousMonth(month));
        expect(monthShown(startMs)).toBe(month);
        expect(instantMs - startMs).toBeLessThanOrEqual(hourMs);
      }),
      settings,
    );
  });

  test('a month begins at the first millisecond that the clocks show it', () => {
    const months = fc.record({
      year: fc.integer({ min: 1900, max: 2200 }),
      month: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...zones), months, ({ calendar, monthShown }, { year, month }) => {
        const startMs = calendar.startOf(year * 100 + month);
        expect(monthShown(startMs)).toBe(year * 100 + month);
        expect(monthShown(startMs - 1)).toBeLessThan(year * 100 + month);
      }),
      settings,
    );
  });
});

describe('a month as text', () => {
  test('is a year and a month', () => {
    expect(parseMonth('2026-03')).toBe(202603);
    expect(formatMonth(202603)).toBe('2026-03');
    expect(formatMonth(189912)).toBe('1899-12');
  });

  test('lies from 1900 to 2200', () => {
    expect(parseMonth('1900-01')).toBe(190001);
    expect(parseMonth('1899-12')).toBeUndefined();
    expect(parseMonth('2200-12')).toBe(220012);
    expect(parseMonth('2201-01')).toBeUndefined();
  });

  test.each(['', '2026', '2026-3', '2026-13', '2026-00', '202603', '2026-03-01', ' 2026-03', '2026-03\n'])(
    'is not %j',
    (text) => {
      expect(parseMonth(text)).toBeUndefined();
    },
  );

  test('is followed by the next, over the year', () => {
    expect([202602, 202612].map(nextMonth)).toEqual([202603, 202701]);
    expect([202603, 202601].map(previousMonth)).toEqual([202602, 202512]);
  });
});

test('a time zone is a name with rules, not an offset', () => {
  expect(['Europe/Stockholm', 'UTC', 'Pacific/Apia', 'Etc/GMT+3'].map(isTimeZone)).toEqual(
    Array(4).fill(true),
  );
  expect(['', '+02:00', '-0500', 'Mars/Phobos', 'Stockholm', 'SELECT'].map(isTimeZone)).toEqual(
    Array(6).fill(false),
  );
});

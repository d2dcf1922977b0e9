import fc from 'fast-check';
import { earliestInstantMs, latestInstantMs, zoneOf } from '../../src/platform/values/months';
import {
  instantsOfWallClock,
  nextDay,
  offsetAt,
  startOfDay,
  wallClockAt,
} from '../../src/platform/values/wallClock';
import { testSeed } from '../support/random';

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const asText = (instantMs: number) => new Date(instantMs).toISOString();

describe('a day begins when the clocks of its zone first show its date', () => {
  test.each([
    ['Europe/Stockholm', '2026-03-29', '2026-03-28T23:00:00.000Z', 'summer time begins later that day'],
    ['Europe/Stockholm', '2026-10-26', '2026-10-25T23:00:00.000Z', 'winter time began the day before'],
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', 'at 01:00'],
    ['Asia/Beirut', '2026-03-29', '2026-03-28T22:00:00.000Z', 'at 01:00'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00.000Z', 'at 01:00'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 'at 01:00'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 'at 01:00'],
    ['America/Toronto', '1919-03-31', '1919-03-31T04:30:00.000Z', 'at 00:30: clocks went on at 23:30'],
    [
      'America/St_Johns',
      '2009-11-01',
      '2009-11-01T02:30:00.000Z',
      'and the day before is shown again after a minute',
    ],
    ['Asia/Kathmandu', '2026-04-24', '2026-04-23T18:15:00.000Z', 'a quarter of an hour'],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z', 'the last one on this side of the date line'],
    [
      'Pacific/Apia',
      '2011-12-30',
      '2011-12-30T10:00:00.000Z',
      'a day that never was: the beginning of the next',
    ],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', 'the first one on the other side'],
    ['Pacific/Kwajalein', '1993-08-21', '1993-08-21T12:00:00.000Z', 'a day that never was'],
    ['Pacific/Kiritimati', '1994-12-31', '1994-12-31T10:00:00.000Z', 'a day that never was'],
  ])('%s %s: %s (%s)', (zone, day, begins) => {
    expect(asText(startOfDay(day, zone))).toBe(begins);
  });
});

describe('what clocks show', () => {
  test.each([
    ['2026-10-25T02:30', ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'], 'twice'],
    ['2026-10-25T02:00', ['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z'], 'twice, from here on'],
    ['2026-10-25T03:00', ['2026-10-25T02:00:00.000Z'], 'once'],
    ['2026-03-29T02:30', [], 'never'],
    ['2026-03-29T03:00', ['2026-03-29T01:00:00.000Z'], 'at the jump'],
    ['', [], 'no time'],
    ['2026-02-30T25:00', [], 'no time'],
    ['275760-09-13T00:00', [], 'the end of all dates'],
  ])('%s in Stockholm: %j, %s', (wallClock, instants) => {
    expect(instantsOfWallClock(wallClock, 'Europe/Stockholm').map(asText)).toEqual(instants);
  });

  test('is told apart by the offset', () => {
    const instants = instantsOfWallClock('2026-10-25T02:30', 'Europe/Stockholm');
    expect(instants.map((instantMs) => offsetAt(instantMs, 'Europe/Stockholm'))).toEqual([
      '+02:00',
      '+01:00',
    ]);
    expect(offsetAt(0, 'America/St_Johns')).toBe('-03:30');
  });

  test('in a year that somebody is still typing is that year', () => {
    expect(instantsOfWallClock('0002-03-29T12:00', 'UTC').map(asText)).toEqual(['0002-03-29T12:00:00.000Z']);
  });
});

/** The day that the zone's clocks show, by Intl alone. */
const dayFormats = new Map<string, Intl.DateTimeFormat>();
function dayShownIn(timeZone: string): (instantMs: number) => string {
  const known = dayFormats.get(timeZone);
  const format =
    known ??
    new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  dayFormats.set(timeZone, format);
  return (instantMs) => format.format(instantMs);
}

describe('in every zone of the world and every year', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  const settings = { seed: testSeed, numRuns: 1_500 };
  const someZone = fc.constantFrom(...zones);
  const instant = fc.integer({ min: earliestInstantMs + dayMs, max: latestInstantMs - dayMs });

  /** Around an instant at which the offset changes, within a year behind one; undefined where it never does. */
  function findChange(timeZone: string, fromMs: number): number | undefined {
    const { shownAt } = zoneOf(timeZone);
    const offsetMsAt = (instantMs: number) => shownAt(instantMs) - instantMs;
    for (let beforeMs = fromMs; beforeMs < fromMs + 365 * dayMs; beforeMs += 30 * dayMs) {
      let [leastMs, mostMs] = [beforeMs, beforeMs + 30 * dayMs];
      if (offsetMsAt(leastMs) === offsetMsAt(mostMs)) continue;
      while (mostMs - leastMs > minuteMs) {
        const middleMs = Math.floor((leastMs + mostMs) / 2);
        if (offsetMsAt(middleMs) === offsetMsAt(leastMs)) leastMs = middleMs;
        else mostMs = middleMs;
      }
      return mostMs;
    }
    return undefined;
  }
  /** Half of them lie where clocks are changed. */
  const nearChange = fc.record({ timeZone: someZone, fromMs: instant, isNear: fc.boolean() }).map((near) => {
    const changeMs = near.isNear ? findChange(near.timeZone, near.fromMs) : undefined;
    return { timeZone: near.timeZone, instantMs: changeMs ?? near.fromMs };
  });

  test('a day begins at the first millisecond that the clocks show it, or a later one', () => {
    fc.assert(
      fc.property(nearChange, ({ timeZone, instantMs }) => {
        const dayShown = dayShownIn(timeZone);
        const today = dayShown(instantMs);
        for (const day of [today, nextDay(today)]) {
          const startMs = startOfDay(day, timeZone);
          // A day that was left out begins and ends at the same instant.
          if (dayShown(startMs) !== day) expect(startMs).toBe(startOfDay(nextDay(day), timeZone));
          expect(dayShown(startMs) >= day).toBe(true);
          for (const beforeMs of [
            1,
            minuteMs,
            hourMs / 2,
            hourMs,
            2 * hourMs,
            3 * hourMs,
            12 * hourMs,
            dayMs,
          ]) {
            expect(dayShown(startMs - beforeMs) < day).toBe(true);
          }
        }
      }),
      settings,
    );
  });

  test('an instant is among those at which clocks show what they show then', () => {
    const distance = fc.integer({ min: -3 * hourMs, max: 3 * hourMs });
    fc.assert(
      fc.property(nearChange, distance, ({ timeZone, instantMs }, distanceMs) => {
        const givenMs = instantMs + distanceMs;
        const wallClock = wallClockAt(givenMs, timeZone);
        const instants = instantsOfWallClock(wallClock, timeZone);
        expect([1, 2]).toContain(instants.length);
        for (const found of instants) expect(wallClockAt(found, timeZone)).toBe(wallClock);
        expect(instants).toEqual([...instants].sort((one, other) => one - other));
        // To the minute.
        expect(instants.some((found) => givenMs - found >= 0 && givenMs - found < minuteMs)).toBe(true);
      }),
      settings,
    );
  });

  test('a time that clocks never show lies in a jump', () => {
    const distance = fc.integer({ min: -3 * 60, max: 3 * 60 });
    fc.assert(
      fc.property(nearChange, distance, ({ timeZone, instantMs }, minutes) => {
        const { shownAt, firstInstantOf } = zoneOf(timeZone);
        const shownMs = Math.floor(shownAt(instantMs) / minuteMs + minutes) * minuteMs;
        const firstMs = firstInstantOf(shownMs);
        const isShown = instantsOfWallClock(asText(shownMs).slice(0, 16), timeZone).length > 0;
        expect(shownAt(firstMs) === shownMs).toBe(isShown);
        expect(shownAt(firstMs)).toBeGreaterThanOrEqual(shownMs);
        expect(shownAt(firstMs - 1)).toBeLessThan(shownMs);
      }),
      settings,
    );
  });
});

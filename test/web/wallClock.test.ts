import { instantOf, momentOf, recentDays, wallClockOf } from '../../src/web/register/wallClock';

const zone = 'Europe/Stockholm';
const asText = (instantMs: number | undefined) => instantMs && new Date(instantMs).toISOString();

describe('times as people say them', () => {
  test.each([
    ['2026-03-10T12:00', '2026-03-10T11:00:00.000Z', 'in winter'],
    ['2026-07-10T12:00', '2026-07-10T10:00:00.000Z', 'in summer'],
    ['2026-03-29T01:59', '2026-03-29T00:59:00.000Z', 'in the last minute of winter time'],
    ['2026-03-29T03:00', '2026-03-29T01:00:00.000Z', 'in the first minute of summer time'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z', 'in the hour that comes twice, the earlier one'],
    ['2026-10-25T03:00', '2026-10-25T02:00:00.000Z', 'behind it'],
  ])('%s is %s, %s', (wallClock, instant) => {
    expect(asText(instantOf(wallClock, zone))).toBe(instant);
    expect(wallClockOf(Date.parse(instant), zone)).toBe(wallClock);
  });

  test('of a time that comes twice either one is taken, and is known again', () => {
    const [earlier, later] = ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'];
    const wallClock = '2026-10-25T02:30';
    expect(asText(instantOf(wallClock, zone, true))).toBe(later);
    expect(momentOf(Date.parse(earlier), zone)).toEqual({ wallClock, isLater: false });
    expect(momentOf(Date.parse(later), zone)).toEqual({ wallClock, isLater: true });
    expect(momentOf(Date.parse(later) + 30_000, zone)).toEqual({ wallClock, isLater: true });
    expect(asText(instantOf('2026-10-25T03:30', zone, true))).toBe('2026-10-25T02:30:00.000Z');
  });

  test('there is no half past two when clocks are put forward, and nothing in an empty field', () => {
    expect(instantOf('2026-03-29T02:30', zone)).toBeUndefined();
    expect(instantOf('', zone)).toBeUndefined();
  });

  test.each([
    ['Europe/Stockholm', '2026-03-29T12:00:00Z', '2026-03-26T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Stockholm', '2026-10-25T12:00:00Z', '2026-10-22T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['Europe/Stockholm', '2026-12-31T23:30:00Z', '2026-12-29T23:00:00.000Z', '2027-01-01T23:00:00.000Z'],
    // Clocks go from midnight to one.
    ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-21T22:00:00.000Z', '2026-04-24T21:00:00.000Z'],
    // The day behind this one never was.
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-27T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['Asia/Kathmandu', '2026-04-24T12:00:00Z', '2026-04-21T18:15:00.000Z', '2026-04-24T18:15:00.000Z'],
  ])('in %s at %s the days of the last 48 hours go from %s to %s', (timeZone, instant, from, to) => {
    expect(recentDays(Date.parse(instant), timeZone)).toMatchObject({ from, to });
  });

  test('the latest day comes first, and each as people call it', () => {
    expect(recentDays(Date.parse('2026-12-31T23:30:00Z'), zone).days).toEqual([
      '2027-01-01',
      '2026-12-31',
      '2026-12-30',
    ]);
  });
});

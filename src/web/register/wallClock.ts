import { instantsOfWallClock, nextDay, startOfDay, wallClockAt } from '../../platform/values/wallClock';

/**
 * A time as people say it, `2026-10-25T02:30`: what an input of type datetime-local takes and gives. Where clocks show it
 * twice, in autumn, somebody says which is meant.
 */
export interface WallClock {
  wallClock: string;
  /** Whether the second time is meant. */
  isLater: boolean;
}

/** What clocks show at an instant, to the minute. */
export function wallClockOf(instantMs: number, timeZone: string): string {
  return wallClockAt(instantMs, timeZone);
}

/** The same, with which of two times it is. */
export function momentOf(instantMs: number, timeZone: string): WallClock {
  const wallClock = wallClockAt(instantMs, timeZone);
  const [, laterMs] = instantsOfWallClock(wallClock, timeZone);
  return { wallClock, isLater: laterMs !== undefined && instantMs >= laterMs };
}

/**
 * The instant at which clocks show a time: of two the earlier one, unless the later one is meant. Undefined in the hour that
 * spring leaves out, and where the text is no time, or half of one: of a year that is being typed, 0002 comes first.
 */
export function instantOf(wallClock: string, timeZone: string, isLater = false): number | undefined {
  if (wallClock.startsWith('0')) return undefined;
  return instantsOfWallClock(wallClock, timeZone).at(isLater ? -1 : 0);
}

/** The day of the calendar in which an instant lies, as `2026-03-29`. */
export function dayOf(instantMs: number, timeZone: string): string {
  return wallClockAt(instantMs, timeZone).slice(0, 10);
}

const recentMs = 48 * 3_600_000;

/**
 * The days of the calendar in which the last 48 hours lie, the latest first; with the first instant of them all and that of
 * the day after.
 */
export function recentDays(nowMs: number, timeZone: string): { days: string[]; from: string; to: string } {
  const today = dayOf(nowMs, timeZone);
  const days: string[] = [];
  for (let day = dayOf(nowMs - recentMs, timeZone); day <= today; day = nextDay(day)) days.unshift(day);
  const asText = (ms: number) => new Date(ms).toISOString();
  const first = days.at(-1) ?? today;
  return {
    days,
    from: asText(startOfDay(first, timeZone)),
    to: asText(startOfDay(nextDay(today), timeZone)),
  };
}

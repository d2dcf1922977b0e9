import { zoneOf } from './months';

/**
 * Days and times as people say them in a time zone. The pages share this file with the service, so that a day begins here
 * when it begins there.
 */

const dayMs = 86_400_000;

/** The first instant of a day such as `2026-03-29`; of one that a zone leaves out, that of the day behind it. */
export function startOfDay(day: string, timeZone: string): number {
  return zoneOf(timeZone).firstInstantOf(Date.parse(`${day}T00:00:00Z`));
}

/** The day behind another one in the calendar. */
export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
}

/** What clocks show at an instant, to the minute: `2026-03-29T03:30`. */
export function wallClockAt(instantMs: number, timeZone: string): string {
  return new Date(zoneOf(timeZone).shownAt(instantMs)).toISOString().slice(0, 16);
}

/** When clocks show a time such as `2026-10-25T02:30`, the earlier instant first; never where the text is no time. */
export function instantsOfWallClock(wallClock: string, timeZone: string): number[] {
  const shownMs = Date.parse(`${wallClock}Z`);
  // Dates end with the year 275760.
  const isDate = Math.abs(shownMs) <= 8.64e15 - 2 * dayMs;
  return isDate ? zoneOf(timeZone).instantsOf(shownMs) : [];
}

/** How far clocks are ahead of UTC at an instant: `+02:00`. */
export function offsetAt(instantMs: number, timeZone: string): string {
  const offsetMs = zoneOf(timeZone).shownAt(instantMs) - instantMs;
  const size = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16);
  return `${offsetMs < 0 ? '-' : '+'}${size}`;
}

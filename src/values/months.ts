import { zoneOf } from './zone';

/**
 * Calendar months in a time zone. Every month in the service comes from here: the rollup's key, the borders of a
 * report, and the table `calendar_month` that SQL counts with.
 *
 * A month is the integer yyyymm: 202403 is March 2024.
 */
export type Month = number;

/** First and last month that the service counts in; events lie between 1900 and 2200. */
export const firstMonth: Month = 189912;
export const lastMonth: Month = 220101;

/** Events before this instant are refused: a year like 0202 is a slip of the finger. */
export const earliestInstantMs = Date.UTC(1900, 0, 1);
/** The end of what can be asked for: the report's ranges end before this instant. */
export const latestInstantMs = Date.UTC(2200, 11, 31);

export interface Calendar {
  /** IANA name. */
  readonly timeZone: string;
  /** The month that an instant (milliseconds since 1970, UTC) falls in. */
  monthOf(instantMs: number): Month;
  /** The first instant of a month, in milliseconds since 1970, UTC. It ends where the next one begins. */
  startOf(month: Month): number;
}

/**
 * The calendar of a zone, exact for any offset and any rule of daylight saving: only the borders of months are
 * looked up (one search through Intl for each month, kept), and an instant is compared with the borders next to it.
 *
 * A zone that sets its clocks back across midnight on the first of a month shows the end of the old month twice; from
 * 1900 to 2200 that is so in St John's and Goose Bay in 2009, and in Phoenix and Creston in 1944. The new month begins
 * when its date is first shown, so that a month is one range.
 */
export function createCalendar(timeZone: string): Calendar {
  const zone = zoneOf(timeZone);
  const starts = new Map<Month, number>();

  function startOf(month: Month): number {
    let start = starts.get(month);
    if (start === undefined) {
      start = zone.firstInstantOf(Date.UTC(Math.floor(month / 100), (month % 100) - 1, 1));
      starts.set(month, start);
    }
    return start;
  }

  function monthOf(instantMs: number): Month {
    const utc = new Date(instantMs);
    const month = utc.getUTCFullYear() * 100 + utc.getUTCMonth() + 1;
    // No offset reaches a day and a half, so the local month is the UTC month or one of its neighbours.
    if (instantMs < startOf(month)) return previousMonth(month);
    return instantMs < startOf(nextMonth(month)) ? month : nextMonth(month);
  }

  return { timeZone, monthOf, startOf };
}

export function nextMonth(month: Month): Month {
  return month % 100 === 12 ? month + 89 : month + 1;
}

export function previousMonth(month: Month): Month {
  return month % 100 === 1 ? month - 89 : month - 1;
}

/** `2026-03` for 202603. */
export function formatMonth(month: Month): string {
  return `${String(Math.floor(month / 100)).padStart(4, '0')}-${String(month % 100).padStart(2, '0')}`;
}

/** 202603 for `2026-03`; undefined for anything else, months outside the service's calendar included. */
export function parseMonth(text: string): Month | undefined {
  const parts = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text);
  if (!parts) return undefined;
  const month = Number(parts[1]) * 100 + Number(parts[2]);
  return month > firstMonth && month < lastMonth ? month : undefined;
}

export function isTimeZone(name: string): boolean {
  try {
    // Intl also takes offsets such as +02:00, which are not zones: they have no rules to follow.
    return /^[A-Za-z]/.test(name) && zoneOf(name) !== undefined;
  } catch {
    return false;
  }
}

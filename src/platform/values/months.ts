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

/**
 * What clocks show in a time zone, and when: the one place that asks Intl. What is shown is a number of milliseconds, too:
 * the one at which clocks in UTC show the same.
 */
export interface Zone {
  /** What clocks show at an instant. */
  shownAt(instantMs: number): number;
  /** When clocks show a time: once, as a rule; twice when they are put back over it; never when they skip it. */
  instantsOf(shownMs: number): number[];
  /** The first instant at which clocks show a time or a later one: where they skip it, that of the jump. */
  firstInstantOf(shownMs: number): number;
}

const dayMs = 86_400_000;
const zones = new Map<string, Zone>();

/**
 * @param timeZone IANA name
 * @throws RangeError where there is none of this name
 */
export function zoneOf(timeZone: string): Zone {
  const zone = zones.get(timeZone) ?? createZone(timeZone);
  zones.set(timeZone, zone);
  return zone;
}

function createZone(timeZone: string): Zone {
  const shownAt = createClock(timeZone);

  /** A time as each offset says that is in force around it; no offset reaches a day. In order, each instant once. */
  function readingsOf(shownMs: number): number[] {
    const readings = [shownMs - dayMs, shownMs, shownMs + dayMs].map(
      (nearMs) => shownMs - (shownAt(nearMs) - nearMs),
    );
    return [...new Set(readings)].sort((left, right) => left - right);
  }

  return {
    shownAt,
    instantsOf: (shownMs) => readingsOf(shownMs).filter((instantMs) => shownAt(instantMs) === shownMs),
    firstInstantOf(shownMs) {
      const readings = readingsOf(shownMs);
      let reachedMs = readings.find((instantMs) => shownAt(instantMs) >= shownMs) as number;
      if (shownAt(reachedMs) === shownMs) return reachedMs;
      // The time is skipped, and the jump may have come before the reading: Toronto went from 23:30 to 00:30 in 1919.
      let beforeMs = readings[0] as number;
      while (reachedMs - beforeMs > 1) {
        const middleMs = Math.floor((beforeMs + reachedMs) / 2);
        if (shownAt(middleMs) >= shownMs) reachedMs = middleMs;
        else beforeMs = middleMs;
      }
      return reachedMs;
    },
  };
}

function createClock(timeZone: string): Zone['shownAt'] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const order = format.formatToParts(0).flatMap(({ type }) => (type === 'literal' ? [] : [type]));
  return (instantMs) => {
    const shown: Record<string, number> = {};
    // Text that is taken apart here comes in half the time of parts that Intl has made.
    for (const [place, digits] of (format.format(instantMs).match(/\d+/g) ?? []).entries()) {
      shown[order[place] as string] = Number(digits);
    }
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = shown;
    const ms = ((instantMs % 1_000) + 1_000) % 1_000;
    // Date.UTC takes the years below 100 for those of the twentieth century.
    const date = new Date(Date.UTC(2000, 0, 1, hour, minute, second, ms));
    return date.setUTCFullYear(year, month - 1, day);
  };
}

/**
 * What clocks show in a time zone, and when. The one place that asks: the service's months, the days of reports and the
 * times that somebody types on a page all come from here. It imports nothing, for the pages share it.
 *
 * What is shown is a number of milliseconds, too: the one at which clocks in UTC show the same.
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

/**
 * Times as people say them, `2026-03-29T02:30`, in a time zone: what an input of type datetime-local takes and gives.
 */

/** What clocks show at an instant, to the minute. */
export function wallClockOf(instantMs: number, timeZone: string): string {
  return new Date(instantMs + offsetMsAt(instantMs, timeZone)).toISOString().slice(0, 16);
}

/**
 * The instant at which clocks show a time. In the hour that comes twice in autumn it is the earlier one; undefined in the
 * hour that spring leaves out, and where the text is no time.
 */
export function instantOf(wallClock: string, timeZone: string): number | undefined {
  return candidates(wallClock, timeZone).find((instantMs) => wallClockOf(instantMs, timeZone) === wallClock);
}

/** The day of the calendar in which an instant lies, from its first instant to the next day's; half-open. */
export function dayOf(instantMs: number, timeZone: string): { from: string; to: string } {
  const day = wallClockOf(instantMs, timeZone).slice(0, 10);
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  return { from: firstInstantOf(day, timeZone), to: firstInstantOf(next, timeZone) };
}

function firstInstantOf(day: string, timeZone: string): string {
  const midnight = `${day}T00:00`;
  // Where clocks are put forward at midnight, the day begins at that instant, by the offset that held before.
  const instantMs = instantOf(midnight, timeZone) ?? (candidates(midnight, timeZone).at(-1) as number);
  return new Date(instantMs).toISOString();
}

/** By the offsets of the day before and the day after, the earlier instant first. */
function candidates(wallClock: string, timeZone: string): number[] {
  const asUtcMs = Date.parse(`${wallClock}Z`);
  if (Number.isNaN(asUtcMs)) return [];
  return [asUtcMs - 86_400_000, asUtcMs + 86_400_000]
    .map((nearMs) => asUtcMs - offsetMsAt(nearMs, timeZone))
    .sort((left, right) => left - right);
}

/** How far clocks are ahead of UTC. */
function offsetMsAt(instantMs: number, timeZone: string): number {
  const parts = formatIn(timeZone).formatToParts(instantMs);
  const part = (type: string) => Number(parts.find((found) => found.type === type)?.value);
  const shownMs = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return shownMs - Math.floor(instantMs / 1_000) * 1_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en', {
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
    formats.set(timeZone, format);
  }
  return format;
}

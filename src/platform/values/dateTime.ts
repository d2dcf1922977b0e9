/**
 * Instants as text: RFC 3339 with an offset, kept as milliseconds since 1970 in UTC. Fractions finer than a
 * millisecond are cut off, as clients in Java or Go send nanoseconds that nobody needs.
 */
const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))?$/;

export type ParsedDateTime = { instantMs: number } | { problem: string };

const example = 'write it like 2026-03-01T14:30:00+01:00';

/** Reads RFC 3339 text; the problem is the end of a sentence that begins with the field's name. */
export function parseDateTime(text: unknown): ParsedDateTime {
  const parts = typeof text === 'string' ? pattern.exec(text) : null;
  if (!parts) return { problem: `must be a date and time with an offset from UTC: ${example}` };
  const [, year, month, day, hour, minute, second, fraction = '', zulu, sign, offsetHour, offsetMinute] =
    parts;
  if (zulu === undefined && sign === undefined) {
    return { problem: `must say its offset from UTC (Z, or for example +01:00): ${example}` };
  }
  const wallClock = new Date(0);
  wallClock.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  wallClock.setUTCHours(
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.slice(0, 3).padEnd(3, '0')),
  );
  const exists =
    wallClock.getUTCMonth() === Number(month) - 1 &&
    wallClock.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  if (!exists) return { problem: `must be a date and time that exists: ${example}` };
  if (Number(offsetHour ?? 0) > 23 || Number(offsetMinute ?? 0) > 59) {
    return { problem: `must have an offset between -23:59 and +23:59: ${example}` };
  }
  const offsetMs = (Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0)) * 60_000;
  return { instantMs: wallClock.getTime() - (sign === '-' ? -offsetMs : offsetMs) };
}

/** `2026-03-01T13:30:00.000Z` */
export function formatDateTime(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

import { startOfDay as firstInstantOfDay, wallClockAt } from '../../platform/values/wallClock';

export { nextDay } from '../../platform/values/wallClock';

/** Days and months of the service's calendar, as texts: `2026-03-29`, `2026-03`. */

/** The day that it is in a time zone. */
export function dayAt(instant: Date, timeZone: string): string {
  return wallClockAt(instant.getTime(), timeZone).slice(0, 10);
}

/** The instant at which a day begins in a time zone, in UTC. */
export function startOfDay(day: string, timeZone: string): string {
  return new Date(firstInstantOfDay(day, timeZone)).toISOString();
}

export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function firstDayOf(month: string): string {
  return `${month}-01`;
}

export function lastDayOf(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}

/** A month so many months later, or earlier. */
export function plusMonths(month: string, count: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + count, 1)).toISOString().slice(0, 7);
}

/** All months from one to another, both included. */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first; month <= last; month = plusMonths(month, 1)) months.push(month);
  return months;
}

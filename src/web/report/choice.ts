import { earliestInstantMs, latestInstantMs } from '../../platform/values/months';
import type { VariablesOf } from '../api/graphql';
import { dayAt, firstDayOf, lastDayOf, monthOf, nextDay, plusMonths, startOfDay } from './calendar';
import type { reportQuery } from './operations';

/** What an analyst has chosen; it stands in the address, so that a link shows the same. */
export interface Choice extends Days {
  /** Nobody chosen means everybody. */
  caregiverIds: readonly string[];
  unitIds: readonly string[];
}

/** The first and the last day, both included; without one the range is open there. */
export interface Days {
  from: string | undefined;
  to: string | undefined;
}

/** The days that the API has months for. */
export const firstDay = '1900-01-01';
export const lastDay = '2200-12-31';

export type ReportFilter = NonNullable<VariablesOf<typeof reportQuery>['filter']>;

/** What the address says. Without a range it is this year's. */
export function readChoice(address: URLSearchParams, today: string): Choice {
  const isRanged = address.has('from') || address.has('to');
  return {
    caregiverIds: readIds(address.get('caregiverIds')),
    unitIds: readIds(address.get('unitIds')),
    ...(isRanged
      ? { from: readDay(address.get('from')), to: readDay(address.get('to')) }
      : presetDays('thisYear', today)),
  };
}

/** Puts a choice into an address, and leaves the rest of it as it is. */
export function writeChoice(choice: Choice, address: URLSearchParams): URLSearchParams {
  const written = new URLSearchParams(address);
  write(written, 'caregiverIds', choice.caregiverIds.join(','));
  write(written, 'unitIds', choice.unitIds.join(','));
  // Also where they are empty: no range at all stands for this year's.
  written.set('from', choice.from ?? '');
  written.set('to', choice.to ?? '');
  return written;
}

/** The choice as the API takes it: whole months as months, other days as the instants at which they begin and end. */
export function toFilter({ caregiverIds, unitIds, from, to }: Choice, timeZone: string): ReportFilter {
  const isWhole =
    (from === undefined || from === firstDayOf(monthOf(from))) &&
    (to === undefined || to === lastDayOf(monthOf(to)));
  const range = isWhole
    ? { ...(from && { fromMonth: monthOf(from) }), ...(to && { toMonth: monthOf(to) }) }
    : {
        ...(from && within('from', startOfDay(from, timeZone))),
        ...(to && within('to', startOfDay(nextDay(to), timeZone))),
      };
  return {
    ...(caregiverIds.length > 0 && { caregiverIds: [...caregiverIds] }),
    ...(unitIds.length > 0 && { unitIds: [...unitIds] }),
    ...range,
  };
}

/** A border of a range, left out where nothing lies beyond it: the API takes none outside the years that it counts. */
function within(border: 'from' | 'to', instant: string): { from?: string; to?: string } {
  const instantMs = Date.parse(instant);
  return instantMs >= earliestInstantMs && instantMs < latestInstantMs ? { [border]: instant } : {};
}

export const presets = ['thisMonth', 'lastQuarter', 'thisYear'] as const;
export type Preset = (typeof presets)[number];

/** The days of a preset, seen from today. */
export function presetDays(preset: Preset, today: string): { from: string; to: string } {
  const month = monthOf(today);
  const year = month.slice(0, 4);
  const quarterBegan = plusMonths(`${year}-01`, 3 * Math.floor((Number(month.slice(5)) - 1) / 3));
  const [first, last] = {
    thisMonth: [month, month],
    lastQuarter: [plusMonths(quarterBegan, -3), plusMonths(quarterBegan, -1)],
    thisYear: [`${year}-01`, `${year}-12`],
  }[preset] as [string, string];
  return { from: firstDayOf(first), to: lastDayOf(last) };
}

/** The preset that a range is just now, if it is one. */
export function presetOf({ from, to }: Days, today: string): Preset | undefined {
  return presets.find((preset) => {
    const days = presetDays(preset, today);
    return days.from === from && days.to === to;
  });
}

/** Days with another first or last day. Where it lies beyond the other end, that one goes with it. */
export function moveEnd(days: Days, end: keyof Days, day: string | undefined): Days {
  const moved = { ...days, [end]: day };
  const isTurned = moved.from !== undefined && moved.to !== undefined && moved.from > moved.to;
  return isTurned ? { from: day, to: day } : moved;
}

/** The part of a choice that lies in one month. */
export function inMonth(choice: Choice, month: string): Choice {
  const [first, last] = [firstDayOf(month), lastDayOf(month)];
  return {
    ...choice,
    from: choice.from !== undefined && choice.from > first ? choice.from : first,
    to: choice.to !== undefined && choice.to < last ? choice.to : last,
  };
}

export function todayIn(timeZone: string): string {
  return dayAt(new Date(), timeZone);
}

function readIds(text: string | null): string[] {
  return (text ?? '').split(',').filter((id) => /^[1-9]\d{0,15}$/.test(id));
}

function readDay(text: string | null): string | undefined {
  const isDay = text !== null && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
  return isDay && text >= firstDay && text <= lastDay ? text : undefined;
}

function write(address: URLSearchParams, name: string, value: string): void {
  if (value === '') address.delete(name);
  else address.set(name, value);
}

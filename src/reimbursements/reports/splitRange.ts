import { type Calendar, type Month, nextMonth, previousMonth } from '../../platform/values/months';
import type { Range } from '../../platform/values/range';

/** The months of a range: those inside it, and those that it only cuts. */
export interface SplitRange {
  /** Whole months, both ends included; null is unbounded. */
  whole: { from: Month | null; to: Month | null } | undefined;
  /** At most two, with the part of each that lies in the range, half-open. */
  partial: { month: Month; fromMs: number; toMs: number }[];
}

export function splitRange(range: Range, calendar: Calendar): SplitRange {
  const { fromMs, toMs } = range;
  if (fromMs !== null && toMs !== null && fromMs >= toMs) return { whole: undefined, partial: [] };
  const firstCut = fromMs === null ? null : cutMonth(fromMs, calendar);
  const lastCut = toMs === null ? null : cutMonth(toMs, calendar);
  if (fromMs !== null && toMs !== null && firstCut !== null && firstCut === lastCut) {
    return { whole: undefined, partial: [{ month: firstCut, fromMs, toMs }] };
  }
  const partial: SplitRange['partial'] = [];
  if (fromMs !== null && firstCut !== null) {
    partial.push({ month: firstCut, fromMs, toMs: calendar.startOf(nextMonth(firstCut)) });
  }
  if (toMs !== null && lastCut !== null) {
    partial.push({ month: lastCut, fromMs: calendar.startOf(lastCut), toMs });
  }
  const from = fromMs === null ? null : firstCut === null ? calendar.monthOf(fromMs) : nextMonth(firstCut);
  const to = toMs === null ? null : previousMonth(lastCut ?? calendar.monthOf(toMs));
  const whole = from !== null && to !== null && from > to ? undefined : { from, to };
  return { whole, partial };
}

/** The month that an instant cuts in two; null where it lies on a border between months. */
function cutMonth(instantMs: number, calendar: Calendar): Month | null {
  const month = calendar.monthOf(instantMs);
  return calendar.startOf(month) === instantMs ? null : month;
}

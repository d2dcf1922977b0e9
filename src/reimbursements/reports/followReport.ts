import { followCaregivers, narrow } from '../../directory';
import type { Changes } from '../../platform/storage/core/changes';
import type { Database } from '../../platform/storage/core/database';
import type { Calendar } from '../../platform/values/months';
import { monthlyRollup } from '../events/monthlyRollup';
import type { ReportQuery } from './readReport';

/**
 * Follows what may change a report: the sums of its caregivers in its months, and the caregivers themselves. Whatever is
 * registered, deleted or paid passes through the rollup; in a month that the range cuts, also what lies outside it wakes.
 */
export function followReport(
  database: Database,
  query: ReportQuery,
  calendar: Calendar,
): AsyncIterableIterator<Changes> {
  const { fromMs, toMs } = query.range;
  const first = fromMs === null ? Number.NEGATIVE_INFINITY : calendar.monthOf(fromMs);
  const last = toMs === null ? Number.POSITIVE_INFINITY : calendar.monthOf(toMs - 1);
  const isInRange = (month: unknown) =>
    month === undefined || (Number(month) >= first && Number(month) <= last);
  return followCaregivers(database, narrow(query.scope, query), (changes, isAmong) =>
    changes
      .keysOf(monthlyRollup.table)
      .some(([caregiverId, month]) => isAmong(caregiverId) && isInRange(month)),
  );
}

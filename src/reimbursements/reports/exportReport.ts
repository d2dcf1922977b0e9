import sql from 'sql-template-tag';
import type { Column, ExportTable } from '../../platform/export/exportTable';
import { leadingJoin } from '../../platform/storage/core/dialect';
import { inSql } from '../../platform/storage/core/textInSql';
import { type Calendar, nextMonth } from '../../platform/values/months';
import type { Range } from '../../platform/values/range';
import { type ReportCursor, type ReportQuery, reportPage } from './readReport';

/** The report's rows with the names of caregivers and units, in the order of month, caregiver and currency. */
export function reportTable(query: ReportQuery, calendar: Calendar): ExportTable {
  return {
    name: 'report',
    rowName: 'row',
    columns,
    stretches: splitAtCutMonths(query.range, calendar).map((range) => ({
      page: (first, after: ReportCursor | undefined) =>
        reportPage({ ...query, range }, calendar, first, after),
    })),
    source: sql`page r ${leadingJoin} caregiver c on c.id = r.caregiver_id left join unit u on u.id = c.unit_id`,
    cursor: sql`month, caregiver_id as "caregiverId", currency`,
    lastFirst: sql`month desc, caregiver_id desc, currency desc`,
  };
}

/**
 * A range as at most three that follow one another, the first and the last within one month each. A month that the
 * range cuts is summed up from its events, and for every page that it could have rows in: so only for its own.
 */
function splitAtCutMonths(range: Range, { startOf, monthOf }: Calendar): Range[] {
  const { fromMs, toMs } = range;
  const borders = [
    ...(fromMs === null ? [] : [startOf(nextMonth(monthOf(fromMs)))]),
    ...(toMs === null ? [] : [startOf(monthOf(toMs))]),
  ].filter((border) => (fromMs === null || border > fromMs) && (toMs === null || border < toMs));
  const points = [fromMs, ...new Set(borders), toMs];
  return points.slice(1).map((point, index) => ({ fromMs: points[index] ?? null, toMs: point }));
}

const columns: readonly Column[] = [
  { name: 'month', kind: 'code', value: inSql.month(sql`r.month`) },
  { name: 'caregiver_id', kind: 'number', value: sql`r.caregiver_id` },
  { name: 'caregiver_external_id', kind: 'text', value: sql`c.external_id` },
  { name: 'caregiver', kind: 'text', value: sql`c.name` },
  { name: 'unit', kind: 'text', value: sql`u.name` },
  { name: 'currency', kind: 'code', value: sql`r.currency` },
  { name: 'reimbursed_amount', kind: 'number', value: sql`r.reimbursed_amount` },
  { name: 'reimbursed_events', kind: 'number', value: sql`r.reimbursed_events` },
  { name: 'unreimbursed_amount', kind: 'number', value: sql`r.unreimbursed_amount` },
  { name: 'unreimbursed_events', kind: 'number', value: sql`r.unreimbursed_events` },
  { name: 'total_amount', kind: 'number', value: sql`(r.reimbursed_amount + r.unreimbursed_amount)` },
  { name: 'total_events', kind: 'number', value: sql`(r.reimbursed_events + r.unreimbursed_events)` },
];

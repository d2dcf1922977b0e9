import sql, { empty, join, type Sql } from 'sql-template-tag';
import { AppError } from '../errors';
import { monthlySums } from '../events/monthlyRollup';
import { listOf } from '../storage/dialect';
import { isIntegerOverflow } from '../storage/failures';
import type { Snapshot } from '../storage/transaction';
import { type Calendar, type Month, nextMonth, previousMonth } from '../values/months';
import type { Range } from '../values/range';

/** Whose events a report sums up, and when. Undefined does not narrow; an empty list matches nobody. */
export interface ReportQuery {
  caregiverIds?: readonly number[] | undefined;
  unitIds?: readonly number[] | undefined;
  range: Range;
}

/** A sum of money (minor units) and the number of events it comes from. */
export interface Tally {
  amountMinor: number;
  events: number;
}

export interface ReportTotal {
  currency: string;
  reimbursed: Tally;
  unreimbursed: Tally;
  total: Tally;
}
export type ReportMonth = ReportTotal & { month: Month };
export type ReportRow = ReportMonth & { caregiverId: number };

/** Where a page begins: behind this row, in the order of month, caregiver and currency. */
export type ReportCursor = Pick<ReportRow, 'month' | 'caregiverId' | 'currency'>;

/**
 * One sum for each currency.
 * @throws AppError AMOUNT_TOO_LARGE when a sum passes 2^53−1
 */
export async function readTotals(
  snapshot: Snapshot,
  query: ReportQuery,
  calendar: Calendar,
): Promise<ReportTotal[]> {
  const rows = await allSums<SumRow>(
    snapshot,
    sql`select currency, ${sums} from (${reportRows(query, calendar)}) group by currency order by currency`,
  );
  return rows.map(toTotal);
}

/**
 * One sum for each month and currency that has events, in order.
 * @throws AppError AMOUNT_TOO_LARGE when a sum passes 2^53−1
 */
export async function readMonths(
  snapshot: Snapshot,
  query: ReportQuery,
  calendar: Calendar,
): Promise<ReportMonth[]> {
  const rows = await allSums<SumRow & { month: Month }>(
    snapshot,
    sql`select month, currency, ${sums} from (${reportRows(query, calendar)})
        group by month, currency order by month, currency`,
  );
  return rows.map((row) => ({ month: row.month, ...toTotal(row) }));
}

/** A page of the rows of each month, caregiver and currency that have events, in this order. */
export async function readRows(
  snapshot: Snapshot,
  query: ReportQuery,
  calendar: Calendar,
  first: number,
  after: ReportCursor | undefined,
): Promise<ReportRow[]> {
  const rows = await snapshot.all<SumRow & { month: Month; caregiver_id: number }>(
    reportPage(query, calendar, first, after),
  );
  return rows.map((row) => ({ month: row.month, caregiverId: row.caregiver_id, ...toTotal(row) }));
}

/**
 * The statement of a page; a test of its own looks at its plan. Each source is ordered and limited by itself: SQLite
 * would sum up a whole month that the range cuts before it merges its first row.
 */
export function reportPage(
  query: ReportQuery,
  calendar: Calendar,
  first: number,
  after: ReportCursor | undefined,
): Sql {
  const sources = reportSources(query, calendar, after).map(
    (source) => sql`select * from (${source} order by r.month, r.caregiver_id, r.currency limit ${first})`,
  );
  return sql`${join(sources, ' union all ')} order by month, caregiver_id, currency limit ${first}`;
}

interface SumRow {
  currency: string;
  reimbursed_amount: number;
  reimbursed_events: number;
  unreimbursed_amount: number;
  unreimbursed_events: number;
}

const sums = sql`
  sum(reimbursed_amount) as reimbursed_amount, sum(reimbursed_events) as reimbursed_events,
  sum(unreimbursed_amount) as unreimbursed_amount, sum(unreimbursed_events) as unreimbursed_events`;

/** The months of a range: those inside it, and those that it only cuts. */
interface SplitRange {
  /** Whole months, both ends included; null is unbounded. */
  whole: { from: Month | null; to: Month | null } | undefined;
  /** At most two, with the part of each that lies in the range, half-open. */
  partial: { month: Month; fromMs: number; toMs: number }[];
}

function splitRange(range: Range, calendar: Calendar): SplitRange {
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

/**
 * The report's rows from their two sources: whole months from the rollup; the at most two months that the range cuts
 * from the events. The rollup leads there, too: it tells in the order of the page which caregivers have events in
 * the month, and each one's events are a stretch of the event table's key.
 */
function reportRows(query: ReportQuery, calendar: Calendar): Sql {
  return join(reportSources(query, calendar, undefined), ' union all ');
}

function reportSources(query: ReportQuery, calendar: Calendar, after: ReportCursor | undefined): Sql[] {
  const { whole, partial } = splitRange(query.range, calendar);
  const narrowed = narrow(query, after);
  return [
    ...partial
      .filter((part) => after === undefined || part.month >= after.month)
      .map((part) => partialMonth(part, narrowed)),
    wholeMonths(whole, narrowed, after),
  ];
}

function wholeMonths(whole: SplitRange['whole'], narrowed: Sql, after: ReportCursor | undefined): Sql {
  const { from, to } = whole ?? { from: null, to: null };
  // Where the cursor says where to begin the range must not: SQLite would begin every page at the range's beginning.
  const begun = from === null || (after !== undefined && after.month >= from);
  const conditions = [
    whole === undefined ? sql`false` : sql`true`,
    ...(begun ? [] : [sql`r.month >= ${from}`]),
    ...(to === null ? [] : [sql`r.month <= ${to}`]),
  ];
  const months = join(conditions, ' and ');
  return sql`
    select r.month, r.caregiver_id, r.currency,
      r.reimbursed_amount, r.reimbursed_events, r.unreimbursed_amount, r.unreimbursed_events
    from monthly_rollup r
    where ${months} ${narrowed}`;
}

function partialMonth(part: SplitRange['partial'][number], narrowed: Sql): Sql {
  return sql`
    select r.month, r.caregiver_id, r.currency, ${monthlySums}
    from monthly_rollup r
    cross join event e on e.caregiver_id = r.caregiver_id and e.currency = r.currency
    where r.month = ${part.month} ${narrowed}
      and e.occurred_at_ms >= ${part.fromMs} and e.occurred_at_ms < ${part.toMs} and e.deleted_at_ms is null
    group by r.month, r.caregiver_id, r.currency`;
}

/** The conditions that hold for both sources: whose rows, and behind which one. */
function narrow(query: ReportQuery, after: ReportCursor | undefined): Sql {
  return sql`
    ${query.caregiverIds ? sql`and r.caregiver_id in ${listOf(query.caregiverIds)}` : empty}
    ${query.unitIds ? sql`and r.caregiver_id in (select id from caregiver where unit_id in ${listOf(query.unitIds)})` : empty}
    ${after ? sql`and (r.month, r.caregiver_id, r.currency) > (${after.month}, ${after.caregiverId}, ${after.currency})` : empty}`;
}

function toTotal(row: SumRow): ReportTotal {
  const reimbursed = { amountMinor: row.reimbursed_amount, events: row.reimbursed_events };
  const unreimbursed = { amountMinor: row.unreimbursed_amount, events: row.unreimbursed_events };
  const total = {
    amountMinor: reimbursed.amountMinor + unreimbursed.amountMinor,
    events: reimbursed.events + unreimbursed.events,
  };
  // Beyond 2^53 a number may have been rounded on its way out of the database, so none is shown.
  const exact = [reimbursed, unreimbursed, total].every((tally) => Number.isSafeInteger(tally.amountMinor));
  if (!exact) throw sumTooLarge();
  return { currency: row.currency, reimbursed, unreimbursed, total };
}

/** Sums past 2^63 fail in the database already; to the reader that is the same thing. */
async function allSums<Row>(snapshot: Snapshot, statement: Sql): Promise<Row[]> {
  try {
    return await snapshot.all<Row>(statement);
  } catch (error) {
    throw isIntegerOverflow(error) ? sumTooLarge() : error;
  }
}

function sumTooLarge(): AppError {
  return new AppError(
    'AMOUNT_TOO_LARGE',
    'A sum passes 9007199254740991 minor units, the largest exact number. Ask for fewer caregivers or a shorter range.',
    'filter',
  );
}

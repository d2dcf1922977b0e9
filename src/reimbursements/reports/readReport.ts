import sql, { join, type Sql } from 'sql-template-tag';
import type { Scope } from '../../platform/access/scope';
import { AppError } from '../../platform/errors';
import { isIntegerOverflow } from '../../platform/storage/core/failures';
import type { Snapshot } from '../../platform/storage/core/transaction';
import type { Calendar, Month } from '../../platform/values/months';
import type { Range } from '../../platform/values/range';
import { pageSources, rowSources } from './reportSources';

/** Whose events a report sums up, and when. Undefined does not narrow; an empty list matches nobody. */
export interface ReportQuery {
  scope: Scope;
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
    sql`select currency, ${sums} from (${join(rowSources(query, calendar), ' union all ')}) report group by currency order by currency`,
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
    sql`select month, currency, ${sums} from (${join(rowSources(query, calendar), ' union all ')}) report
        group by month, currency order by month, currency`,
  );
  return rows.map((row) => ({ month: row.month, ...toTotal(row) }));
}

/**
 * A page of the rows of each month, caregiver and currency that have events, in this order.
 * @param owedOnly leaves out rows of which everything has been paid
 */
export async function readRows(
  snapshot: Snapshot,
  query: ReportQuery,
  calendar: Calendar,
  first: number,
  after: ReportCursor | undefined,
  owedOnly = false,
): Promise<ReportRow[]> {
  const rows = await snapshot.all<SumRow & { month: Month; caregiver_id: number }>(
    reportPage(query, calendar, first, after, owedOnly),
  );
  return rows.map((row) => ({ month: row.month, caregiverId: row.caregiver_id, ...toTotal(row) }));
}

/** The statement of a page; a test of its own looks at its plan. */
export function reportPage(
  query: ReportQuery,
  calendar: Calendar,
  first: number,
  after: ReportCursor | undefined,
  owedOnly = false,
): Sql {
  const sources = pageSources(query, calendar, first, after, owedOnly).map(
    (source) => sql`select * from (${source}) source`,
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

import sql, { empty, raw, type Sql } from 'sql-template-tag';
import { narrow } from '../../directory';
import { keptOrder, leadingJoin, listOf, withComputedLimits } from '../../platform/storage/core/dialect';
import type { Calendar } from '../../platform/values/months';
import { monthlySums } from '../events/monthlyRollup';
import type { ReportCursor, ReportQuery } from './readReport';
import { type SplitRange, splitRange } from './splitRange';

/**
 * The report's rows as selects of their two sources: whole months from the rollup; the at most two months that the range
 * cuts from the events. The rollup leads there, too: it tells in the order of the page which caregivers have events
 * in the month, and each one's events are a stretch of the event table's key.
 */
export function rowSources(asked: ReportQuery, calendar: Calendar): Sql[] {
  const query = narrowed(asked);
  const { whole, partial } = splitRange(query.range, calendar);
  return [
    ...partial.map((part) => partialMonth(part, query, undefined)),
    sql`${rollupRows} where ${inMonths(whole, undefined)} ${ofChosen(query)}`,
  ];
}

/**
 * The sources of a page, each ordered and limited by itself: SQLite would sum up a whole month that the range cuts
 * before it merges its first row.
 */
export function pageSources(
  asked: ReportQuery,
  calendar: Calendar,
  first: number,
  after: ReportCursor | undefined,
  owedOnly: boolean,
): Sql[] {
  const query = narrowed(asked);
  const { whole, partial } = splitRange(query.range, calendar);
  const months = sql`${inMonths(whole, after)} ${owedOnly ? raw('and r.unreimbursed_events <> 0') : empty}`;
  const isNarrowed = query.caregiverIds !== undefined || query.unitIds !== undefined;
  return [
    ...partial
      .filter((part) => after === undefined || part.month >= after.month)
      .map((part) => {
        const owed = owedOnly ? raw('having count(*) filter (where e.payout_id is null) <> 0') : empty;
        return sql`${partialMonth(part, query, after)} ${owed} ${inOrder} limit ${first}`;
      }),
    isNarrowed
      ? pageOfChosen(query, months, first, owedOnly)
      : sql`${rollupRows} where ${months} ${inOrder} limit ${first}`,
  ];
}

/** A report of whom was asked for and is in scope. */
type NarrowedQuery = Omit<ReportQuery, 'scope'>;

function narrowed(query: ReportQuery): NarrowedQuery {
  return { range: query.range, ...narrow(query.scope, query) };
}

/** Up to so many caregivers are looked up at once: that takes 0.1 to 0.4 ms, and trying to walk takes 0.1 to 0.2 more. */
const fewCaregivers = 100;

/**
 * A page of the whole months of chosen caregivers, be they one or all. There are two ways to it:
 * - to look up each one by the key and sort. SQLite leaves each one's months where they pass the end of the page, so that
 *   this takes a step or two for everyone who is chosen, on every page;
 * - to walk the index by month, which is in the order of the page, and take whom one meets. This takes as many steps
 *   as the page has rows, and more the rarer the chosen are.
 * How rare they are shows on the way: when the walk has not filled the page in as many steps as looking up takes, it is
 * given up. Pages of 100 rows, in milliseconds:
 *
 *                              look up    walk    both
 *     1,000 of 5,000               1.2     0.6     0.6
 *     5,000 of 5,000               3.3     1.3     1.1
 *     units with all of 50,000      60      12     1.4
 *     10,000 of whom 5 have rows   2.8      80     6.7
 */
function pageOfChosen(query: NarrowedQuery, months: Sql, first: number, owedOnly: boolean): Sql {
  const { caregiverIds, unitIds } = query;
  const lookUp = (limit: Sql) =>
    sql`${rollupRows} where ${months} ${ofChosen(query)} ${inOrder} limit ${limit}`;
  // The index by month does not tell what is owed, so that a walk would read every row that it passes.
  if (owedOnly || (caregiverIds && caregiverIds.length <= fewCaregivers)) return lookUp(sql`${first}`);
  const chosen = caregiverIds
    ? sql`${caregiverIds.length}`
    : sql`(select count(*) from caregiver where unit_id in ${listOf(unitIds ?? [])})`;
  const both = sql`
    with walked as materialized (
      select * from (
        select r.month, r.caregiver_id, r.currency from monthly_rollup r
        where ${months} ${inOrder} limit ${first} + 2 * ${chosen}
      ) r
      where true ${isChosen(query)} ${keptOrder(inOrder)} limit ${first}
    )
    select r.* from walked ${leadingJoin} (${rollupRows}) r using (caregiver_id, month, currency)
    where (select count(*) from walked) = ${first}
    union all
    select * from (${lookUp(sql`case when (select count(*) from walked) = ${first} then 0 else ${first} end`)}) looked_up`;
  // On a cluster each node looks up its own, and they do it side by side.
  return withComputedLimits(both, lookUp(sql`${first}`));
}

const rollupRows = raw(`
  select r.month, r.caregiver_id, r.currency,
    r.reimbursed_amount, r.reimbursed_events, r.unreimbursed_amount, r.unreimbursed_events
  from monthly_rollup r`);

const inOrder = raw('order by r.month, r.caregiver_id, r.currency');

function inMonths(whole: SplitRange['whole'], after: ReportCursor | undefined): Sql {
  if (whole === undefined || (after && whole.to !== null && whole.to < after.month)) return sql`false`;
  const { from, to } = whole;
  // Where the cursor says where to begin the range must not: SQLite would begin every page at the range's beginning.
  const begun = after !== undefined && (from === null || after.month >= from);
  return sql`true
    ${begun ? sql`and (r.month, r.caregiver_id, r.currency) > (${after.month}, ${after.caregiverId}, ${after.currency})` : empty}
    ${begun || from === null ? empty : sql`and r.month >= ${from}`}
    ${to === null ? empty : sql`and r.month <= ${to}`}`;
}

function partialMonth(
  part: SplitRange['partial'][number],
  query: NarrowedQuery,
  after: ReportCursor | undefined,
): Sql {
  return sql`
    select r.month, r.caregiver_id, r.currency, ${monthlySums}
    from monthly_rollup r
    ${leadingJoin} event e on e.caregiver_id = r.caregiver_id and e.currency = r.currency
    where r.month = ${part.month} ${ofChosen(query)}
      ${after?.month === part.month ? sql`and (r.caregiver_id, r.currency) > (${after.caregiverId}, ${after.currency})` : empty}
      and e.occurred_at_ms >= ${part.fromMs} and e.occurred_at_ms < ${part.toMs} and e.deleted_at_ms is null
    group by r.month, r.caregiver_id, r.currency`;
}

/** Whose rows, as lists to look up. */
function ofChosen({ caregiverIds, unitIds }: NarrowedQuery): Sql {
  return sql`
    ${caregiverIds ? sql`and r.caregiver_id in ${listOf(caregiverIds)}` : empty}
    ${unitIds ? sql`and r.caregiver_id in (select id from caregiver where unit_id in ${listOf(unitIds)})` : empty}`;
}

/** The same as a question to one row: a unit may have so many caregivers that listing them takes longer than the page. */
function isChosen({ caregiverIds, unitIds }: NarrowedQuery): Sql {
  return sql`
    ${caregiverIds ? sql`and r.caregiver_id in ${listOf(caregiverIds)}` : empty}
    ${unitIds ? sql`and (select unit_id from caregiver where id = r.caregiver_id) in ${listOf(unitIds)}` : empty}`;
}

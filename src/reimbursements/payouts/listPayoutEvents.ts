import sql, { empty, type Sql } from 'sql-template-tag';
import { inScope } from '../../directory';
import type { Scope } from '../../platform/access/scope';
import { columnNames, listOf, lookUp, selectRows, uuidOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';
import { groupBy } from '../../platform/values/groupBy';
import { type Calendar, type Month, nextMonth } from '../../platform/values/months';
import { type EventRecord, type EventRow, eventColumns, toEvent } from '../events/event.table';
import type { EventCursor } from '../events/listEvents';

/** What a payout has paid one caregiver for a month. */
interface Slice {
  payout_id: number;
  caregiver_id: number;
  month: Month;
}

const sliceColumns = {
  payout_id: 'integer',
  caregiver_id: 'integer',
  from_ms: 'integer',
  to_ms: 'integer',
} as const;

/**
 * The same page of the events of each of these payouts, for the caregivers in scope, in the order of caregiver, time and
 * id; in two statements, however many payouts there are. The rollup counts the events of each caregiver and month, and so
 * tells in which of them the page lies; these alone are read.
 */
export async function listPayoutEvents(
  snapshot: Snapshot,
  payoutIds: readonly number[],
  scope: Scope,
  calendar: Calendar,
  first: number,
  after: EventCursor | undefined,
): Promise<Map<number, EventRecord[]>> {
  const slices = await snapshot.all<Slice>(slicesOfPage(payoutIds, scope, calendar, first, after));
  const rows = slices.map(({ payout_id, caregiver_id, month }) => [
    payout_id,
    caregiver_id,
    calendar.startOf(month),
    calendar.startOf(nextMonth(month)),
  ]);
  const events = (await snapshot.all<EventRow>(eventsOfSlices(rows, after))).map(toEvent);
  const byPayout = groupBy(events, ({ payoutId }) => payoutId as number);
  return new Map([...byPayout].map(([payoutId, found]) => [payoutId, found.slice(0, first)]));
}

/** From the cursor's slice on, of which nobody knows how much lies behind it, until there are enough. */
function slicesOfPage(
  payoutIds: readonly number[],
  scope: Scope,
  calendar: Calendar,
  first: number,
  after: EventCursor | undefined,
): Sql {
  const cursor = after && sql`(${after.caregiverId}, ${calendar.monthOf(after.occurredAtMs)})`;
  return sql`
    select payout_id, caregiver_id, month
    from (
      select payout_id, caregiver_id, month,
        sum(events) over (partition by payout_id order by caregiver_id, month) - events as events_before
      from (
        select payout_id, caregiver_id, month,
          ${cursor ? sql`case when (caregiver_id, month) = ${cursor} then 0 else sum(events) end` : sql`sum(events)`} as events
        from payout_rollup
        where payout_id in ${listOf(payoutIds)} and ${inScope(scope, sql`caregiver_id`)}
          ${cursor ? sql`and (caregiver_id, month) >= ${cursor}` : empty}
        group by payout_id, caregiver_id, month
      ) slice
    ) counted
    where events_before < ${first}
    order by payout_id, caregiver_id, month`;
}

const ofSlice = sql`e.caregiver_id = s.caregiver_id and e.payout_id = s.payout_id
  and e.occurred_at_ms >= s.from_ms and e.occurred_at_ms < s.to_ms`;

/** The statement, for slices as {@link sliceColumns} has them. */
function eventsOfSlices(slices: readonly (readonly number[])[], after: EventCursor | undefined): Sql {
  return sql`
    with slice (${columnNames(sliceColumns)}) as (${selectRows(sliceColumns, slices)})
    select ${eventColumns}
    from slice s
    ${lookUp('event', 'e', ofSlice)}
    ${after ? sql`where (e.caregiver_id, e.occurred_at_ms, e.id) > (${after.caregiverId}, ${after.occurredAtMs}, ${uuidOf(after.id)})` : empty}
    order by e.payout_id, e.caregiver_id, e.occurred_at_ms, e.id`;
}

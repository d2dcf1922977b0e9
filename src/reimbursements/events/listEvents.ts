import sql, { empty, join, type Sql } from 'sql-template-tag';
import { narrow } from '../../directory';
import type { Scope } from '../../platform/access/scope';
import { implied, isAmong, leadingJoin, listOf, uuidOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';
import type { Range } from '../../platform/values/range';
import { type EventRecord, type EventRow, eventColumns, toEvent } from './event.table';

/** Which events to list; what is undefined or null does not narrow. An empty list matches nothing. */
export interface EventQuery {
  scope: Scope;
  caregiverIds?: readonly number[] | undefined;
  unitIds?: readonly number[] | undefined;
  eventTypeIds?: readonly number[] | undefined;
  range: Range;
  reimbursed?: boolean | null | undefined;
  deleted?: boolean | null | undefined;
}

/** Where a page begins: behind this event, in the order of caregiver, time and id. */
export type EventCursor = Pick<EventRecord, 'caregiverId' | 'occurredAtMs' | 'id'>;

/**
 * Events in the order in which they are stored: by caregiver, time and id. So every page is read from the key of the
 * table, however many events there are: for each caregiver one range of times, from the cursor on.
 */
export async function listEvents(
  snapshot: Snapshot,
  query: EventQuery,
  first: number,
  after: EventCursor | undefined,
): Promise<EventRecord[]> {
  const rows = await snapshot.all<EventRow>(eventPage(query, first, after));
  return rows.map(toEvent);
}

/** The statement of a page; a test of its own looks at its plan. */
export function eventPage(query: EventQuery, first: number, after: EventCursor | undefined): Sql {
  const { range } = query;
  const { caregiverIds, unitIds } = narrow(query.scope, query);
  const conditions = [
    caregiverIds && sql`c.id in ${listOf(caregiverIds)}`,
    // The plus keeps SQLite from the index by unit, out of whose order it would have to sort all events.
    unitIds && sql`+c.unit_id in ${listOf(unitIds)}`,
    query.eventTypeIds && isAmong(sql`e.event_type_id`, query.eventTypeIds),
    lowerBound(range.fromMs, after),
    range.toMs === null ? undefined : sql`e.occurred_at_ms < ${range.toMs}`,
    after && sql`c.id >= ${after.caregiverId}`,
    after &&
      sql`(c.id > ${after.caregiverId} or (e.occurred_at_ms, e.id) > (${after.occurredAtMs}, ${uuidOf(after.id)}))`,
    after &&
      implied(
        sql`(e.caregiver_id, e.occurred_at_ms, e.id) > (${after.caregiverId}, ${after.occurredAtMs}, ${uuidOf(after.id)})`,
      ),
    isNull(sql`e.payout_id`, query.reimbursed),
    isNull(sql`e.deleted_at_ms`, query.deleted),
  ].filter((condition) => condition !== undefined);
  return sql`
    select ${eventColumns}
    from caregiver c
    ${leadingJoin} event e on e.caregiver_id = c.id
    ${conditions.length > 0 ? sql`where ${join(conditions, ' and ')}` : empty}
    order by c.id, e.occurred_at_ms, e.id
    limit ${first}`;
}

/** The cursor's own caregiver goes on from the cursor's time; the others begin at the range. */
function lowerBound(fromMs: number | null, after: EventCursor | undefined): Sql | undefined {
  if (after === undefined) return fromMs === null ? undefined : sql`e.occurred_at_ms >= ${fromMs}`;
  const from = fromMs ?? Number.MIN_SAFE_INTEGER;
  const cursorMs = Math.max(from, after.occurredAtMs);
  return sql`e.occurred_at_ms >= case when c.id = ${after.caregiverId} then ${cursorMs} else ${from} end`;
}

/** A filter on whether a column is filled: true wants it filled, false wants it empty, nothing takes both. */
function isNull(column: Sql, filled: boolean | null | undefined): Sql | undefined {
  if (filled === null || filled === undefined) return undefined;
  return filled ? sql`${column} is not null` : sql`${column} is null`;
}

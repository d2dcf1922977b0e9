import sql, { raw, type Sql } from 'sql-template-tag';
import { inScope } from '../../directory';
import type { Scope } from '../../platform/access/scope';
import { type Columns, uuidListOf, uuidOf, uuidText } from '../../platform/storage/core/dialect';
import type { Snapshot, Transaction } from '../../platform/storage/core/transaction';

/** A registered event, as it is stored. Instants are milliseconds since 1970, UTC. */
export interface EventRecord {
  /** UUID in lower case. */
  id: string;
  caregiverId: number;
  eventTypeId: number;
  occurredAtMs: number;
  /** Minor units, copied from the event type when the event was registered. */
  amountMinor: number;
  currency: string;
  registeredAtMs: number;
  /** Why the event was registered after the limit for late entries. */
  lateReason: string | null;
  /** The payout that paid for it; null while it is not reimbursed. */
  payoutId: number | null;
  /** When, by whom and why it was deleted; null while it counts. */
  deletedAtMs: number | null;
  deletedBy: string | null;
  deleteReason: string | null;
}

/** Stands in the place of what people had typed about an event, once its caregiver's name was erased. */
export const erasedText = '(erased)';

/** A row of the table `event`, with {@link eventColumns}. */
export interface EventRow {
  id: Uint8Array | string;
  caregiver_id: number;
  event_type_id: number;
  occurred_at_ms: number;
  amount: number;
  currency: string;
  registered_at_ms: number;
  late_reason: string | null;
  payout_id: number | null;
  deleted_at_ms: number | null;
  deleted_by: string | null;
  delete_reason: string | null;
}

/** The columns of `event e`, for a select. */
export const eventColumns: Sql = raw(
  'e.id, e.caregiver_id, e.event_type_id, e.occurred_at_ms, e.amount, e.currency, e.registered_at_ms, ' +
    'e.late_reason, e.payout_id, e.deleted_at_ms, e.deleted_by, e.delete_reason',
);

/** The calendar month of `event e`, looked up in the table that is filled from values/months.ts. */
export const monthOfEvent: Sql = raw(
  '(select m.month from calendar_month m where m.from_ms <= e.occurred_at_ms order by m.from_ms desc limit 1)',
);

export function toEvent(row: EventRow): EventRecord {
  return {
    id: uuidText(row.id),
    caregiverId: row.caregiver_id,
    eventTypeId: row.event_type_id,
    occurredAtMs: row.occurred_at_ms,
    amountMinor: row.amount,
    currency: row.currency,
    registeredAtMs: row.registered_at_ms,
    lateReason: row.late_reason,
    payoutId: row.payout_id,
    deletedAtMs: row.deleted_at_ms,
    deletedBy: row.deleted_by,
    deleteReason: row.delete_reason,
  };
}

/** The events with these ids, by id; deleted ones too. */
export async function findEventsByIds(
  snapshot: Snapshot,
  ids: readonly string[],
): Promise<Map<string, EventRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await snapshot.all<EventRow>(
    sql`select ${eventColumns} from event e
        where e.id in ${uuidListOf(ids)} ${await snapshot.onNodesOf('event', 'e', ids)}`,
  );
  return new Map(rows.map((row) => [uuidText(row.id), toEvent(row)]));
}

/** The event with this id, deleted or not, if its caregiver is in scope. */
export async function findEvent(
  snapshot: Snapshot,
  id: string,
  scope: Scope,
): Promise<EventRecord | undefined> {
  const row = await snapshot.one<EventRow>(eventById(id, scope));
  return row && toEvent(row);
}

/** The statement; a test of its own looks at its plan. */
export function eventById(id: string, scope: Scope): Sql {
  return sql`
    select ${eventColumns} from event e
    where e.id = ${uuidOf(id)} and ${inScope(scope, sql`e.caregiver_id`)}`;
}

/** Keeps others from paying or deleting these events until the transaction ends; in the order of the key. */
export function lockEvents(tx: Transaction, which: Sql): Promise<void> {
  return tx.lockRows(
    'event',
    sql`select 1 from event e where ${which} order by e.caregiver_id, e.occurred_at_ms, e.id`,
  );
}

/** Says that these events are new or changed. */
export function announceEvents(tx: Transaction, events: readonly EventRecord[]): void {
  tx.announce('event', keysOf(events));
}

function* keysOf(events: readonly EventRecord[]): Generator<[number, number, string]> {
  for (const { caregiverId, occurredAtMs, id } of events) yield [caregiverId, occurredAtMs, id];
}

const insertedColumns = {
  caregiver_id: 'integer',
  occurred_at_ms: 'integer',
  id: 'uuid',
  event_type_id: 'integer',
  amount: 'integer',
  currency: 'text',
  registered_at_ms: 'integer',
  late_reason: 'text',
} as const satisfies Columns;

/**
 * Stores new events, in the order of their ids: neighbours in the index of the ids, which are random where clients
 * choose them, are written together, and transactions that overlap on a server take them in the same order.
 * @returns the ids that are taken already, whose events were left out
 */
export async function insertNewEvents(tx: Transaction, events: readonly EventRecord[]): Promise<string[]> {
  if (events.length === 0) return [];
  const inOrder = [...events].sort((left, right) => (left.id < right.id ? -1 : 1));
  const leftOut = await tx.insertNewRows(
    { table: 'event', columns: insertedColumns, key: 'id' },
    inOrder.map((event) => [
      event.caregiverId,
      event.occurredAtMs,
      event.id,
      event.eventTypeId,
      event.amountMinor,
      event.currency,
      event.registeredAtMs,
      event.lateReason,
    ]),
  );
  return leftOut.map((place) => (inOrder[place] as EventRecord).id);
}

import sql from 'sql-template-tag';
import { includes, unitsOf } from '../../directory';
import type { Scope } from '../../platform/access/scope';
import type { Audited } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { addDifferences } from '../../platform/rollup/addDifferences';
import { type Columns, selectRows, uuidListOf } from '../../platform/storage/core/dialect';
import type { Transaction } from '../../platform/storage/core/transaction';
import type { Outcome } from '../../platform/storage/core/writeQueue';
import { formatDateTime } from '../../platform/values/dateTime';
import type { Calendar } from '../../platform/values/months';
import { audit } from '../audit';
import { announceEvents, type EventRecord, findEventsByIds, lockEvents } from './event.table';
import { deleted, monthlyRollup } from './monthlyRollup';

export interface DeleteEvent {
  /** UUID in lower case. */
  id: string;
  reason: string | null;
  /** Whose events the sender may delete: others are as unknown as those that there are not. */
  scope: Scope;
  deletedBy: string;
  deletedAtMs: number;
}

const tombstoneColumns = {
  id: 'uuid',
  deleted_at_ms: 'integer',
  deleted_by: 'text',
  delete_reason: 'text',
} as const satisfies Columns;

/**
 * Deletes events: each stays as a tombstone that tells who, when and why, keeps its id taken, and counts no more.
 * Deleting a deleted event again answers the tombstone as it is, so that a lost answer can be asked for again.
 * @returns one outcome for each input; errors: UNKNOWN_EVENT, EVENT_REIMBURSED
 */
export async function deleteEvents(
  tx: Transaction,
  inputs: readonly Audited<DeleteEvent>[],
  calendar: Calendar,
): Promise<Outcome<EventRecord>[]> {
  const ids = inputs.map((input) => input.id);
  await lockEvents(tx, sql`e.id in ${uuidListOf(ids)}`);
  const events = await findEventsByIds(tx, ids);
  const caregiverOf = await readCaregivers(tx, inputs, events);
  const gone: EventRecord[] = [];
  const outcomes = inputs.map((input): Outcome<EventRecord> => {
    const event = events.get(input.id);
    if (!event || !includes(input.scope, caregiverOf(event))) {
      return { error: new AppError('UNKNOWN_EVENT', `There is no event ${input.id}.`, 'id') };
    }
    if (event.deletedAtMs !== null) return { value: event };
    if (event.payoutId !== null) {
      return {
        error: new AppError(
          'EVENT_REIMBURSED',
          `The event ${input.id} is paid out and cannot be deleted.`,
          'id',
        ),
      };
    }
    const tombstone: EventRecord = {
      ...event,
      deletedAtMs: input.deletedAtMs,
      deletedBy: input.deletedBy,
      deleteReason: input.reason,
    };
    events.set(event.id, tombstone);
    gone.push(tombstone);
    recordDeletion(tx, input, event);
    return { value: tombstone };
  });

  if (gone.length > 0) {
    const tombstones = gone.map((event) => [
      event.id,
      event.deletedAtMs,
      event.deletedBy,
      event.deleteReason,
    ]);
    await tx.run(sql`
      with tombstone (id, deleted_at_ms, deleted_by, delete_reason) as (${selectRows(tombstoneColumns, tombstones)})
      update event
      set deleted_at_ms = tombstone.deleted_at_ms,
        deleted_by = tombstone.deleted_by,
        delete_reason = tombstone.delete_reason
      from tombstone
      where event.id = tombstone.id`);
    announceEvents(tx, gone);
    await addDifferences(
      tx,
      monthlyRollup,
      gone.map((event) => deleted(event, calendar)),
    );
  }
  return outcomes;
}

function recordDeletion(tx: Transaction, { act, reason }: Audited<DeleteEvent>, event: EventRecord): void {
  const { id, caregiverId, eventTypeId, occurredAtMs, amountMinor, currency } = event;
  const occurredAt = formatDateTime(occurredAtMs);
  audit.record(tx, {
    act,
    action: 'deleteEvent',
    target: ['event', id],
    before: { caregiverId, eventTypeId, occurredAt, amount: amountMinor, currency },
    ...(reason !== null && { personal: { caregiverId, reason } }),
  });
}

/** Whose the events are, as scopes ask. The units of caregivers are read only where somebody's scope is a unit. */
async function readCaregivers(
  tx: Transaction,
  inputs: readonly DeleteEvent[],
  events: ReadonlyMap<string, EventRecord>,
): Promise<(event: EventRecord) => { id: number; unitId: number | null }> {
  const byUnit = inputs.some(({ scope }) => scope !== 'everybody' && scope.kind === 'unit');
  const caregiverIds = byUnit ? [...new Set([...events.values()].map((event) => event.caregiverId))] : [];
  const units = caregiverIds.length > 0 ? await unitsOf(tx, caregiverIds) : new Map<number, number | null>();
  return ({ caregiverId }) => ({ id: caregiverId, unitId: units.get(caregiverId) ?? null });
}

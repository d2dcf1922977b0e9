import sql from 'sql-template-tag';
import { AppError } from '../errors';
import { addDifferences } from '../rollup/addDifferences';
import { type Columns, selectRows } from '../storage/dialect';
import type { Transaction } from '../storage/transaction';
import type { Outcome } from '../storage/writeQueue';
import type { Calendar } from '../values/months';
import { type EventRecord, findEventsByIds } from './event.table';
import { deleted, monthlyRollup } from './monthlyRollup';

export interface DeleteEvent {
  /** UUID in lower case. */
  id: string;
  reason: string | null;
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
  inputs: readonly DeleteEvent[],
  calendar: Calendar,
): Promise<Outcome<EventRecord>[]> {
  const events = await findEventsByIds(
    tx,
    inputs.map((input) => input.id),
  );
  const gone: EventRecord[] = [];
  const outcomes = inputs.map((input): Outcome<EventRecord> => {
    const event = events.get(input.id);
    if (!event) return { error: new AppError('UNKNOWN_EVENT', `There is no event ${input.id}.`, 'id') };
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
    await addDifferences(
      tx,
      monthlyRollup,
      gone.map((event) => deleted(event, calendar)),
    );
  }
  return outcomes;
}

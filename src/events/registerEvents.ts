import sql from 'sql-template-tag';
import { v7 as uuidV7 } from 'uuid';
import { AppError } from '../errors';
import { addDifferences } from '../rollup/addDifferences';
import { listOf } from '../storage/dialect';
import type { Transaction } from '../storage/transaction';
import type { Outcome } from '../storage/writeQueue';
import { checkInstant, checkIntegerId, checkOptionalText, checkUuid, limits } from '../values/checks';
import type { ParsedDateTime } from '../values/dateTime';
import { formatDateTime } from '../values/dateTime';
import type { Calendar } from '../values/months';
import { type EventRecord, findEventsByIds, insertNewEvents } from './event.table';
import { monthlyRollup, registered } from './monthlyRollup';

/** An event as somebody asks for it to be registered; ids are unchecked. */
export interface RegisterEvent {
  /** UUID chosen by the client; null lets the service make one. */
  id: string | null;
  caregiverId: string | number;
  eventTypeId: string | number;
  occurredAt: ParsedDateTime;
  /** Why the event comes late; kept on the event. */
  lateReason: string | null;
  /** When the request came in: what lateness and the future are measured from. */
  receivedAtMs: number;
}

export interface RegisteredEvent {
  event: EventRecord;
  /** True when the same id with the same content had been registered before; nothing was changed then. */
  replayed: boolean;
}

export interface RegisterSettings {
  calendar: Calendar;
  lateEntryLimitMs: number;
}

/** What an input asks for, once its own shape is found right. */
interface Wish {
  id: string;
  caregiverId: number;
  eventTypeId: number;
  occurredAtMs: number;
  lateReason: string | null;
  receivedAtMs: number;
}

interface Tariff {
  id: number;
  amount: number;
  currency: string;
  archived: number;
  used: number;
}

/**
 * Registers events: checks everything, then stores the good ones and adds them to the rollup. One bad input never
 * spoils its neighbours.
 * @returns one outcome for each input; errors name the field: BAD_USER_INPUT, UNKNOWN_CAREGIVER, UNKNOWN_EVENT_TYPE,
 *   EVENT_TYPE_ARCHIVED, EVENT_IN_FUTURE, LATE_ENTRY, EVENT_ID_CONFLICT
 * @throws AppError AMOUNT_TOO_LARGE when a sum would not fit; the transaction must be rolled back
 */
export async function registerEvents(
  tx: Transaction,
  inputs: readonly RegisterEvent[],
  settings: RegisterSettings,
): Promise<Outcome<RegisteredEvent>[]> {
  const wishes = inputs.map((input) => attempt(() => readWish(input)));
  const known = await loadKnown(tx, wishes.flatMap(valuesOf));
  const admitted = wishes.map((wish) =>
    'error' in wish ? wish : attempt(() => admit(wish.value, known, settings.lateEntryLimitMs)),
  );
  const added = firstOfEachId(admitted.flatMap(valuesOf));

  // Everything is checked but the ids, and those the table itself checks while it takes the events in.
  const taken = added.size === 0 ? new Set<string>() : await insertNewEvents(tx, [...added.values()]);
  for (const id of taken) added.delete(id);
  if (added.size > 0) {
    const events = [...added.values()];
    await markUsed(tx, events, known.tariffs);
    await addDifferences(
      tx,
      monthlyRollup,
      events.map((event) => registered(event, settings.calendar)),
    );
  }

  // What was refused may have been registered before it became late, or its type was archived: then it is a replay.
  const refusedIds = wishes.flatMap((wish, index) =>
    'value' in wish && 'error' in (admitted[index] as Outcome<EventRecord>) ? [wish.value.id] : [],
  );
  const before = await findEventsByIds(tx, [...taken, ...refusedIds]);
  for (const id of added.keys()) before.delete(id);
  return wishes.map((wish, index): Outcome<RegisteredEvent> => {
    if ('error' in wish) return wish;
    const { id } = wish.value;
    const admission = admitted[index] as Outcome<EventRecord>;
    const stored = before.get(id);
    if (stored) return attempt(() => replay(stored, wish.value));
    if ('error' in admission) return admission;
    // From here on the event is there for whatever follows in this batch, and not for what came before.
    before.set(id, admission.value);
    return { value: { event: admission.value, replayed: false } };
  });
}

/** Of events with the same id, the first; the others meet it like any stored event. */
function firstOfEachId(events: readonly EventRecord[]): Map<string, EventRecord> {
  const first = new Map<string, EventRecord>();
  for (const event of events) if (!first.has(event.id)) first.set(event.id, event);
  return first;
}

/** Reads one input by itself, without the database. */
function readWish(input: RegisterEvent): Wish {
  if ('problem' in input.occurredAt) {
    throw new AppError('BAD_USER_INPUT', `occurredAt ${input.occurredAt.problem}.`, 'occurredAt');
  }
  return {
    id: input.id === null ? uuidV7() : checkUuid(input.id, 'id'),
    caregiverId: checkIntegerId(input.caregiverId, 'caregiverId'),
    eventTypeId: checkIntegerId(input.eventTypeId, 'eventTypeId'),
    occurredAtMs: checkInstant(input.occurredAt.instantMs, 'occurredAt'),
    lateReason: checkOptionalText(input.lateReason, 'lateReason', limits.reasonCharacters),
    receivedAtMs: input.receivedAtMs,
  };
}

interface Known {
  caregiverIds: Set<number>;
  tariffs: Map<number, Tariff>;
}

/** All that the checks need from the database: two statements for any number of inputs. */
async function loadKnown(tx: Transaction, wishes: readonly Wish[]): Promise<Known> {
  const caregivers = await tx.all<{ id: number }>(
    sql`select id from caregiver where id in ${listOf([...new Set(wishes.map((wish) => wish.caregiverId))])}`,
  );
  const tariffs = await tx.all<Tariff>(
    sql`select id, amount, currency, archived, used from event_type
        where id in ${listOf([...new Set(wishes.map((wish) => wish.eventTypeId))])}`,
  );
  return {
    caregiverIds: new Set(caregivers.map((caregiver) => caregiver.id)),
    tariffs: new Map(tariffs.map((tariff) => [tariff.id, tariff])),
  };
}

/** The id is taken: the same content is a replay, anything else a conflict that names the field. */
function replay(stored: EventRecord, wish: Wish): RegisteredEvent {
  const field = (['caregiverId', 'eventTypeId', 'occurredAtMs', 'lateReason'] as const).find(
    (name) => stored[name] !== wish[name],
  );
  if (field === undefined) return { event: stored, replayed: true };
  const name = field === 'occurredAtMs' ? 'occurredAt' : field;
  throw new AppError(
    'EVENT_ID_CONFLICT',
    `The id ${wish.id} belongs to an event with another ${name}. Send the same content again, or choose a new id.`,
    name,
  );
}

/** Checks a wish against what is known, and makes the event that it asks for. */
function admit(wish: Wish, known: Known, lateEntryLimitMs: number): EventRecord {
  const tariff = known.tariffs.get(wish.eventTypeId);
  if (!known.caregiverIds.has(wish.caregiverId)) {
    throw new AppError('UNKNOWN_CAREGIVER', `There is no caregiver ${wish.caregiverId}.`, 'caregiverId');
  }
  if (!tariff) {
    throw new AppError('UNKNOWN_EVENT_TYPE', `There is no event type ${wish.eventTypeId}.`, 'eventTypeId');
  }
  if (tariff.archived) {
    throw new AppError(
      'EVENT_TYPE_ARCHIVED',
      `The event type ${wish.eventTypeId} is archived and takes no new events; choose another one.`,
      'eventTypeId',
    );
  }
  if (wish.occurredAtMs - wish.receivedAtMs > limits.clockSkewMs) {
    throw new AppError(
      'EVENT_IN_FUTURE',
      `occurredAt is ahead of the service's clock (${formatDateTime(wish.receivedAtMs)}) by more than ` +
        `${limits.clockSkewMs / 60_000} minutes; register an event once it has taken place.`,
      'occurredAt',
    );
  }
  if (wish.lateReason === null && wish.receivedAtMs - wish.occurredAtMs > lateEntryLimitMs) {
    throw new AppError(
      'LATE_ENTRY',
      `occurredAt is more than ${lateEntryLimitMs / 3_600_000} hours ago; say why in lateReason.`,
      'occurredAt',
    );
  }
  return {
    id: wish.id,
    caregiverId: wish.caregiverId,
    eventTypeId: wish.eventTypeId,
    occurredAtMs: wish.occurredAtMs,
    amountMinor: tariff.amount,
    currency: tariff.currency,
    registeredAtMs: wish.receivedAtMs,
    lateReason: wish.lateReason,
    payoutId: null,
    deletedAtMs: null,
    deletedBy: null,
    deleteReason: null,
  };
}

/** From its first event on, an event type cannot be deleted. */
async function markUsed(
  tx: Transaction,
  added: readonly EventRecord[],
  tariffs: ReadonlyMap<number, Tariff>,
): Promise<void> {
  const unused = new Set(added.map((event) => event.eventTypeId).filter((id) => !tariffs.get(id)?.used));
  if (unused.size > 0) await tx.run(sql`update event_type set used = 1 where id in ${listOf([...unused])}`);
}

/** Runs a check; its expected failure becomes the outcome of that input. */
function attempt<Value>(check: () => Value): Outcome<Value> {
  try {
    return { value: check() };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

/** The value of an outcome as a list of one, or none. */
function valuesOf<Value>(outcome: Outcome<Value>): Value[] {
  return 'value' in outcome ? [outcome.value] : [];
}

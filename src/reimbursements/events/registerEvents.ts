import sql from 'sql-template-tag';
import { includes, unitsOf } from '../../directory';
import { everybody, type Scope } from '../../platform/access/scope';
import { AppError } from '../../platform/errors';
import { addDifferences } from '../../platform/rollup/addDifferences';
import { listOf } from '../../platform/storage/core/dialect';
import { NotYetVisible } from '../../platform/storage/core/failures';
import type { Transaction } from '../../platform/storage/core/transaction';
import type { Outcome } from '../../platform/storage/core/writeQueue';
import {
  checkInstant,
  checkIntegerId,
  checkOptionalText,
  checkUuid,
  limits,
} from '../../platform/values/checks';
import { count } from '../../platform/values/count';
import type { ParsedDateTime } from '../../platform/values/dateTime';
import { formatDateTime } from '../../platform/values/dateTime';
import type { Calendar } from '../../platform/values/months';
import {
  announceEvents,
  type EventRecord,
  erasedText,
  findEventsByIds,
  insertNewEvents,
} from './event.table';
import { monthlyRollup, registered } from './monthlyRollup';
import { newEventId } from './newEventId';

/** What whoever sends an event may do. */
export interface Sender {
  /** Whose events they may register: others are as unknown as those that there are not. */
  scope: Scope;
  /** Whether they may give a `lateReason`, and so register late. */
  mayBeLate: boolean;
  /** Whether what they say of lateness is taken as it is: that there was no reason, too. */
  needsNoReason?: boolean;
}

/** Who works on the database itself. */
export const operator: Sender = Object.freeze({ scope: everybody, mayBeLate: true });

/** Who brings in events that were registered elsewhere, with what was said of them there. */
export const recorder: Sender = Object.freeze({ ...operator, needsNoReason: true });

/** An event as somebody asks for it to be registered; ids are unchecked. */
export interface RegisterEvent {
  /** UUID chosen by the client; null lets the service make one. */
  id: string | null;
  caregiverId: string | number;
  eventTypeId: string | number;
  occurredAt: ParsedDateTime;
  /** Why the event comes late; kept on the event. */
  lateReason: string | null;
  sender: Sender;
  /** When the request came in: what lateness and the future are measured from. */
  receivedAtMs: number;
  /** Of an event that was registered elsewhere: what is kept of it as it was there. */
  record?: EventRecordElsewhere;
}

export interface EventRecordElsewhere {
  amountMinor: number;
  currency: string;
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
  sender: Sender;
  receivedAtMs: number;
  record?: EventRecordElsewhere | undefined;
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
 * @returns one outcome for each input; errors name the field: FORBIDDEN, BAD_USER_INPUT, UNKNOWN_CAREGIVER,
 *   UNKNOWN_EVENT_TYPE, EVENT_TYPE_ARCHIVED, EVENT_IN_FUTURE, LATE_ENTRY, EVENT_ID_CONFLICT
 * @throws AppError AMOUNT_TOO_LARGE when a sum would not fit; the transaction must be rolled back
 */
export async function registerEvents(
  tx: Transaction,
  inputs: readonly RegisterEvent[],
  settings: RegisterSettings,
): Promise<Outcome<RegisteredEvent>[]> {
  const read = inputs.map((input) => refusalOr(readWish, input));
  const known = await loadKnown(tx, read.filter(isGood));
  // Before everything else: an event of somebody outside the sender's scope is not even a replay.
  const wishes = read.map((wish) =>
    isGood(wish) && !isInScope(wish, known) ? unknownCaregiver(wish) : wish,
  );
  const admitted = wishes.map((wish) =>
    isGood(wish) ? refusalOr(admit, wish, known, settings.lateEntryLimitMs) : wish,
  );

  // Everything is checked but the ids, and those the table itself checks while it takes the events in.
  const added = firstOfEachId(admitted);
  const taken = await insertNewEvents(tx, [...added.values()].map(eventAt));
  for (const id of taken) added.delete(id);
  const events = [...added.values()].map(eventAt);
  announceEvents(tx, events);
  await markUsed(tx, events, known.tariffs);
  await addDifferences(tx, monthlyRollup, registered(events, settings.calendar));

  // What was refused may have been registered before it became late, or its type was archived: then it is a replay.
  const refusedIds = wishes
    .filter((wish, index) => isGood(wish) && !isGood(admitted[index] as Checked<EventRecord>))
    .map((wish) => (wish as Wish).id);
  const before = await findEventsByIds(tx, [...taken, ...refusedIds.filter((id) => !added.has(id))]);
  if (taken.some((id) => !before.has(id))) throw new NotYetVisible('an event whose id is taken');
  return wishes.map((wish, index): Outcome<RegisteredEvent> => {
    if (!isGood(wish)) return { error: wish };
    const place = added.get(wish.id);
    if (place === index) return { value: { event: eventAt(place), replayed: false } };
    // An event of this batch is there for the inputs behind it, and not for those before it.
    const stored = place !== undefined && place < index ? eventAt(place) : before.get(wish.id);
    const answer = stored ? refusalOr(meet, stored, wish, admitted[index]) : (admitted[index] as AppError);
    return isGood(answer) ? { value: answer } : { error: answer };
  });

  function eventAt(place: number): EventRecord {
    return admitted[place] as EventRecord;
  }
}

/** Of events with the same id, the place of the first; the others meet it like any stored event. */
function firstOfEachId(events: readonly Checked<EventRecord>[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const [place, event] of events.entries()) {
    if (isGood(event) && !first.has(event.id)) first.set(event.id, place);
  }
  return first;
}

/** Reads one input by itself, without the database. */
function readWish(input: RegisterEvent): Wish {
  if (input.lateReason !== null && !input.sender.mayBeLate) {
    throw new AppError(
      'FORBIDDEN',
      'lateReason is not for caregivers: ask the manager of your unit to register the event.',
      'lateReason',
    );
  }
  if ('problem' in input.occurredAt) {
    throw new AppError('BAD_USER_INPUT', `occurredAt ${input.occurredAt.problem}.`, 'occurredAt');
  }
  return {
    id: input.id === null ? newEventId() : checkUuid(input.id, 'id'),
    caregiverId: checkIntegerId(input.caregiverId, 'caregiverId'),
    eventTypeId: checkIntegerId(input.eventTypeId, 'eventTypeId'),
    occurredAtMs: checkInstant(input.occurredAt.instantMs, 'occurredAt'),
    lateReason: checkOptionalText(input.lateReason, 'lateReason', limits.reasonCharacters),
    sender: input.sender,
    receivedAtMs: input.receivedAtMs,
    record: input.record,
  };
}

interface Known {
  /** The caregivers that there are, with their units. */
  caregivers: Map<number, number | null>;
  tariffs: Map<number, Tariff>;
}

/**
 * All that the checks need from the database: two statements for any number of inputs. Until the commit no other
 * instance archives, changes or deletes an event type; caregivers are never deleted.
 */
async function loadKnown(tx: Transaction, wishes: readonly Wish[]): Promise<Known> {
  await tx.lock('eventTypes', 'shared');
  const caregivers = await unitsOf(tx, [...new Set(wishes.map((wish) => wish.caregiverId))]);
  const tariffs = await tx.all<Tariff>(
    sql`select id, amount, currency, archived, used from event_type
        where id in ${listOf([...new Set(wishes.map((wish) => wish.eventTypeId))])}`,
  );
  return {
    caregivers,
    tariffs: new Map(tariffs.map((tariff) => [tariff.id, tariff])),
  };
}

function isInScope({ caregiverId, sender: { scope } }: Wish, { caregivers }: Known): boolean {
  if (scope === 'everybody') return true;
  return includes(scope, { id: caregiverId, unitId: caregivers.get(caregiverId) ?? null });
}

function unknownCaregiver({ caregiverId }: Wish): AppError {
  return new AppError('UNKNOWN_CAREGIVER', `There is no caregiver ${caregiverId}.`, 'caregiverId');
}

/**
 * The id is taken. Of an event that may be outside the sender's scope nothing is told: only a sender
 * whose event could be registered otherwise learns that the id is taken.
 */
function meet(stored: EventRecord, wish: Wish, admitted: Checked<EventRecord> | undefined): RegisteredEvent {
  if (wish.sender.scope === 'everybody' || stored.caregiverId === wish.caregiverId) {
    return replay(stored, wish);
  }
  if (admitted instanceof AppError) throw admitted;
  throw new AppError('EVENT_ID_CONFLICT', `The id ${wish.id} is taken. Choose a new id.`, 'id');
}

/**
 * The same content is a replay, anything else a conflict that names the field. Of a reason that was erased nobody knows
 * whether it was the same.
 */
function replay(stored: EventRecord, wish: Wish): RegisteredEvent {
  const field =
    (['caregiverId', 'eventTypeId', 'occurredAtMs', 'lateReason'] as const).find(
      (name) => stored[name] !== wish[name] && stored[name] !== erasedText,
    ) ??
    (['amountMinor', 'currency'] as const).find((name) => wish.record && stored[name] !== wish.record[name]);
  if (field === undefined) return { event: stored, replayed: true };
  const name = { occurredAtMs: 'occurredAt', amountMinor: 'amount' }[field as string] ?? field;
  throw new AppError(
    'EVENT_ID_CONFLICT',
    `The id ${wish.id} belongs to an event with another ${name}. Send the same content again, or choose a new id.`,
    name,
  );
}

/** Checks a wish against what is known, and makes the event that it asks for. */
function admit(wish: Wish, known: Known, lateEntryLimitMs: number): EventRecord {
  const tariff = known.tariffs.get(wish.eventTypeId);
  if (!known.caregivers.has(wish.caregiverId)) throw unknownCaregiver(wish);
  if (!tariff) {
    throw new AppError('UNKNOWN_EVENT_TYPE', `There is no event type ${wish.eventTypeId}.`, 'eventTypeId');
  }
  // Archived since: when the event was registered, it was not.
  if (tariff.archived && !wish.record) {
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
      { serviceTime: formatDateTime(wish.receivedAtMs) },
    );
  }
  if (
    wish.lateReason === null &&
    !wish.sender.needsNoReason &&
    wish.receivedAtMs - wish.occurredAtMs > lateEntryLimitMs
  ) {
    const limitHours = lateEntryLimitMs / 3_600_000;
    const { mayBeLate } = wish.sender;
    throw new AppError(
      'LATE_ENTRY',
      `occurredAt is more than ${count(limitHours, 'hour')} ago; ` +
        (mayBeLate ? 'say why in lateReason.' : 'ask the manager of your unit to register the event.'),
      'occurredAt',
      { limitHours, mayBeLate },
    );
  }
  return {
    id: wish.id,
    caregiverId: wish.caregiverId,
    eventTypeId: wish.eventTypeId,
    occurredAtMs: wish.occurredAtMs,
    amountMinor: wish.record?.amountMinor ?? tariff.amount,
    currency: wish.record?.currency ?? tariff.currency,
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
  const unused = new Set<number>();
  for (const { eventTypeId } of added) if (!tariffs.get(eventTypeId)?.used) unused.add(eventTypeId);
  if (unused.size > 0) await tx.run(sql`update event_type set used = 1 where id in ${listOf([...unused])}`);
}

/** What a check answers, or why it refuses. */
type Checked<Value> = Value | AppError;

/** Runs a check; its expected failure becomes the answer for that input. */
function refusalOr<Given extends unknown[], Value>(
  check: (...given: Given) => Value,
  ...given: Given
): Checked<Value> {
  try {
    return check(...given);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

function isGood<Value>(checked: Checked<Value>): checked is Value {
  return !(checked instanceof AppError);
}

import type { Audited } from '../../platform/audit/act';
import { differences } from '../../platform/audit/auditEntry';
import { AppError } from '../../platform/errors';
import { requireUnique } from '../../platform/storage/core/requireUnique';
import type { Transaction } from '../../platform/storage/core/transaction';
import { checkIntegerId, checkOptionalText, checkText } from '../../platform/values/checks';
import { keyOf, optionalKeyOf } from '../../platform/values/text';
import { audit } from '../audit';
import { checkAmount, stateOf } from './createEventType';
import { EventTypeEntity } from './eventType.entity';

/** What is undefined stays as it is; null empties a field that may be empty. */
export interface UpdateEventType {
  id: string;
  name?: string | undefined;
  externalId?: string | null | undefined;
  amountMinor?: number | undefined;
  archived?: boolean | undefined;
}

/**
 * Changes an event type, for events registered from now on: past events keep the amount they were registered with.
 * Its currency cannot change; create another event type for that.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_EVENT_TYPE, ALREADY_EXISTS
 */
export async function updateEventType(
  tx: Transaction,
  input: Audited<UpdateEventType>,
): Promise<EventTypeEntity> {
  await tx.lock('eventTypes', 'exclusive');
  const stored = await findEventTypeOrThrow(tx, input.id);
  const name = input.name === undefined ? stored.name : checkText(input.name, 'name');
  const externalId =
    input.externalId === undefined ? stored.externalId : checkOptionalText(input.externalId, 'externalId');
  // What stays as it is keeps its key: it may look like that of another one from before keys were compared.
  const [isNamed, isReferred] = [name !== stored.name, externalId !== stored.externalId];
  const eventType = {
    name,
    nameKey: isNamed ? keyOf(name) : stored.nameKey,
    externalId,
    externalIdKey: isReferred ? optionalKeyOf(externalId) : stored.externalIdKey,
    amountMinor: input.amountMinor === undefined ? stored.amountMinor : checkAmount(input.amountMinor),
    archived: input.archived === undefined ? stored.archived : Number(input.archived),
  };
  if (isNamed) await requireUnique(tx, EventTypeEntity, 'name', name, stored.id);
  if (isReferred) await requireUnique(tx, EventTypeEntity, 'externalId', externalId, stored.id);
  await tx.manager.update(EventTypeEntity, { id: stored.id }, eventType);
  tx.announce('event_type', [[stored.id]]);
  const updated = { ...stored, ...eventType };
  const changed = differences(stateOf(stored), stateOf(updated));
  if (changed) {
    audit.record(tx, {
      act: input.act,
      action: 'updateEventType',
      target: ['eventType', stored.id],
      ...changed,
    });
  }
  return updated;
}

/**
 * The event type with this id.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_EVENT_TYPE
 */
export async function findEventTypeOrThrow(tx: Transaction, text: string): Promise<EventTypeEntity> {
  const id = checkIntegerId(text, 'id');
  const stored = await tx.manager.findOneBy(EventTypeEntity, { id });
  if (!stored) throw new AppError('UNKNOWN_EVENT_TYPE', `There is no event type ${id}.`, 'id');
  return stored;
}

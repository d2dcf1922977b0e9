import type { Audited } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import type { Transaction } from '../../platform/storage/core/transaction';
import { audit } from '../audit';
import { stateOf } from './createEventType';
import { EventTypeEntity } from './eventType.entity';
import { findEventTypeOrThrow } from './updateEventType';

/**
 * Deletes an event type that no event refers to; deleted events refer to theirs, too.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_EVENT_TYPE, EVENT_TYPE_IN_USE
 */
export async function deleteEventType(
  tx: Transaction,
  input: Audited<{ id: string }>,
): Promise<EventTypeEntity> {
  await tx.lock('eventTypes', 'exclusive');
  const eventType = await findEventTypeOrThrow(tx, input.id);
  if (eventType.used) {
    throw new AppError(
      'EVENT_TYPE_IN_USE',
      `Events refer to the event type ${eventType.id}. Archive it instead: it then takes no new events.`,
      'id',
    );
  }
  await tx.manager.delete(EventTypeEntity, { id: eventType.id });
  tx.announce('event_type', [[eventType.id]]);
  audit.record(tx, {
    act: input.act,
    action: 'deleteEventType',
    target: ['eventType', eventType.id],
    before: stateOf(eventType),
  });
  return eventType;
}

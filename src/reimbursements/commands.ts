import type { Audited } from '../platform/audit/act';
import { commandsOf } from '../platform/commandsOf';
import { oneByOne } from '../platform/storage/core/oneByOne';
import { type Command, quickCommand } from '../platform/storage/core/writeQueue';
import { type DeleteEvent, deleteEvents } from './events/deleteEvents';
import { type RegisterEvent, registerEvents } from './events/registerEvents';
import type { PayoutEntity } from './payouts/payout.entity';
import { type ReimburseEvents, reimburseEvents } from './payouts/reimburseEvents';
import { createEventType } from './tariffs/createEventType';
import { deleteEventType } from './tariffs/deleteEventType';
import { updateEventType } from './tariffs/updateEventType';

/** Every way to change event types, events and payouts. Each takes batches and goes through the write queue. */
export const reimbursementCommands = commandsOf(({ config, calendar }) => {
  const lateEntryLimitMs = config.lateEntryLimitHours * 3_600_000;
  return {
    registerEvents: quickCommand('registerEvents', (tx, inputs: readonly RegisterEvent[]) =>
      registerEvents(tx, inputs, { calendar, lateEntryLimitMs }),
    ),
    deleteEvents: quickCommand('deleteEvents', (tx, inputs: readonly Audited<DeleteEvent>[]) =>
      deleteEvents(tx, inputs, calendar),
    ),
    // A payout may mark hundreds of thousands of events.
    reimburseEvents: { name: 'reimburseEvents', speed: 'slow', handle: reimburseEvents } satisfies Command<
      Audited<ReimburseEvents>,
      PayoutEntity
    >,
    createEventType: quickCommand('createEventType', oneByOne(createEventType)),
    updateEventType: quickCommand('updateEventType', oneByOne(updateEventType)),
    deleteEventType: quickCommand('deleteEventType', oneByOne(deleteEventType)),
  };
});

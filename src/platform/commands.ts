import { createCaregiver } from '../directory/caregivers/createCaregiver';
import {
  type PseudonymiseCaregiver,
  type Pseudonymised,
  pseudonymiseCaregiver,
} from '../directory/caregivers/pseudonymiseCaregiver';
import { updateCaregiver } from '../directory/caregivers/updateCaregiver';
import { createUnit } from '../directory/units/createUnit';
import { type DeleteEvent, deleteEvents } from '../reimbursements/events/deleteEvents';
import {
  type RegisterEvent,
  type RegisterSettings,
  registerEvents,
} from '../reimbursements/events/registerEvents';
import type { PayoutEntity } from '../reimbursements/payouts/payout.entity';
import { type ReimburseEvents, reimburseEvents } from '../reimbursements/payouts/reimburseEvents';
import { createEventType } from '../reimbursements/tariffs/createEventType';
import { deleteEventType } from '../reimbursements/tariffs/deleteEventType';
import { updateEventType } from '../reimbursements/tariffs/updateEventType';
import { revokeToken } from './access/revokedTokens';
import type { Audited } from './audit/act';
import { record } from './audit/auditChain';
import type { AuditEntry } from './audit/auditEntry';
import { oneByOne } from './storage/core/oneByOne';
import type { Transaction } from './storage/core/transaction';
import type { Command, Outcome } from './storage/core/writeQueue';

/** Every way to change data. Each takes batches and goes through the write queue. */
export function createCommands(settings: RegisterSettings) {
  return Object.freeze({
    registerEvents: command('registerEvents', (tx, inputs: readonly RegisterEvent[]) =>
      registerEvents(tx, inputs, settings),
    ),
    deleteEvents: command('deleteEvents', (tx, inputs: readonly Audited<DeleteEvent>[]) =>
      deleteEvents(tx, inputs, settings.calendar),
    ),
    // A payout may mark hundreds of thousands of events.
    reimburseEvents: { name: 'reimburseEvents', speed: 'slow', handle: reimburseEvents } satisfies Command<
      Audited<ReimburseEvents>,
      PayoutEntity
    >,
    createUnit: command('createUnit', oneByOne(createUnit)),
    createCaregiver: command('createCaregiver', oneByOne(createCaregiver)),
    updateCaregiver: command('updateCaregiver', oneByOne(updateCaregiver)),
    // As may be what somebody has registered in their life.
    pseudonymiseCaregiver: {
      name: 'pseudonymiseCaregiver',
      speed: 'slow',
      handle: oneByOne(pseudonymiseCaregiver),
    } satisfies Command<PseudonymiseCaregiver, Pseudonymised>,
    createEventType: command('createEventType', oneByOne(createEventType)),
    updateEventType: command('updateEventType', oneByOne(updateEventType)),
    deleteEventType: command('deleteEventType', oneByOne(deleteEventType)),
    revokeToken: command('revokeToken', oneByOne(revokeToken)),
    // For what changes nothing here, and must be known of: exports, and tokens that were made.
    audit: command('audit', async (tx, entries: readonly AuditEntry[]) =>
      entries.map((entry) => ({ value: record(tx, entry) })),
    ),
  });
}

export type Commands = ReturnType<typeof createCommands>;

function command<Input, Value>(
  name: string,
  handle: (tx: Transaction, inputs: readonly Input[]) => Promise<Outcome<Value>[]>,
): Command<Input, Value> {
  return { name, handle };
}

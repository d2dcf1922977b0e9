import type { Audited } from '../../platform/audit/act';
import type { State } from '../../platform/audit/auditEntry';
import { AppError } from '../../platform/errors';
import { requireUnique } from '../../platform/storage/core/requireUnique';
import type { Transaction } from '../../platform/storage/core/transaction';
import { checkOptionalText, checkText } from '../../platform/values/checks';
import { isCurrency, maxAmountMinor } from '../../platform/values/money';
import { keyOf, optionalKeyOf } from '../../platform/values/text';
import { audit } from '../audit';
import { EventTypeEntity } from './eventType.entity';

export interface CreateEventType {
  name: string;
  externalId: string | null;
  amountMinor: number;
  /** ISO 4217. */
  currency: string;
}

/**
 * Creates an event type.
 * @throws AppError BAD_USER_INPUT, ALREADY_EXISTS
 */
export async function createEventType(
  tx: Transaction,
  input: Audited<CreateEventType>,
): Promise<EventTypeEntity> {
  const name = checkText(input.name, 'name');
  const externalId = checkOptionalText(input.externalId, 'externalId');
  const eventType = {
    name,
    nameKey: keyOf(name),
    externalId,
    externalIdKey: optionalKeyOf(externalId),
    amountMinor: checkAmount(input.amountMinor),
    currency: checkCurrency(input.currency),
    archived: 0,
    used: 0,
  };
  await requireUnique(tx, EventTypeEntity, 'name', name);
  await requireUnique(tx, EventTypeEntity, 'externalId', externalId);
  const { identifiers } = await tx.manager.insert(EventTypeEntity, eventType);
  const id: number = identifiers[0]?.id;
  tx.announce('event_type', [[id]]);
  const created = { id, ...eventType };
  audit.record(tx, {
    act: input.act,
    action: 'createEventType',
    target: ['eventType', id],
    after: stateOf(created),
  });
  return created;
}

/** An event type as the audit log tells of it. */
export function stateOf({ name, externalId, amountMinor, currency, archived }: EventTypeEntity): State {
  return { name, externalId, amount: amountMinor, currency, archived: archived === 1 };
}

/**
 * The fixed sum of an event type: from 0 to 2^53−1 minor units.
 * @throws AppError BAD_USER_INPUT
 */
export function checkAmount(amountMinor: number): number {
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw new AppError(
      'BAD_USER_INPUT',
      `amount must be a whole number of minor units (öre, cents) from 0 to ${maxAmountMinor}.`,
      'amount',
    );
  }
  return amountMinor;
}

function checkCurrency(currency: string): string {
  if (!isCurrency(currency)) {
    throw new AppError(
      'BAD_USER_INPUT',
      'currency must be an ISO 4217 code in capitals, such as SEK.',
      'currency',
    );
  }
  return currency;
}

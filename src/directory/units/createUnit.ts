import type { Audited } from '../../platform/audit/act';
import { requireUnique } from '../../platform/storage/core/requireUnique';
import type { Transaction } from '../../platform/storage/core/transaction';
import { checkOptionalText, checkText } from '../../platform/values/checks';
import { optionalKeyOf } from '../../platform/values/text';
import { audit } from '../audit';
import { UnitEntity } from './unit.entity';

export interface CreateUnit {
  name: string;
  externalId: string | null;
}

/**
 * Creates a unit. Names need not be unique; external ids must be.
 * @throws AppError BAD_USER_INPUT, ALREADY_EXISTS
 */
export async function createUnit(tx: Transaction, input: Audited<CreateUnit>): Promise<UnitEntity> {
  const name = checkText(input.name, 'name');
  const externalId = checkOptionalText(input.externalId, 'externalId');
  await requireUnique(tx, UnitEntity, 'externalId', externalId);
  const unit = { name, externalId, externalIdKey: optionalKeyOf(externalId) };
  const { identifiers } = await tx.manager.insert(UnitEntity, unit);
  const id: number = identifiers[0]?.id;
  tx.announce('unit', [[id]]);
  audit.record(tx, {
    act: input.act,
    action: 'createUnit',
    target: ['unit', id],
    after: { name, externalId },
  });
  return { id, ...unit };
}

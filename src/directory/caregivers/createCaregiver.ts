import type { Audited } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { requireUnique } from '../../platform/storage/core/requireUnique';
import type { Transaction } from '../../platform/storage/core/transaction';
import { checkIntegerId, checkOptionalText, checkText } from '../../platform/values/checks';
import { foldText, optionalKeyOf } from '../../platform/values/text';
import { audit } from '../audit';
import { UnitEntity } from '../units/unit.entity';
import { CaregiverEntity } from './caregiver.entity';

export interface CreateCaregiver {
  name: string;
  externalId: string | null;
  /** Unchecked id. */
  unitId: string | null;
}

/**
 * Creates a caregiver. Names need not be unique; external ids must be.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_UNIT, ALREADY_EXISTS
 */
export async function createCaregiver(
  tx: Transaction,
  input: Audited<CreateCaregiver>,
): Promise<CaregiverEntity> {
  const name = checkText(input.name, 'name');
  const externalId = checkOptionalText(input.externalId, 'externalId');
  const caregiver = {
    name,
    nameFolded: foldText(name),
    externalId,
    externalIdKey: optionalKeyOf(externalId),
    unitId: await findUnitId(tx, input.unitId),
  };
  await requireUnique(tx, CaregiverEntity, 'externalId', caregiver.externalId);
  const { identifiers } = await tx.manager.insert(CaregiverEntity, caregiver);
  const id: number = identifiers[0]?.id;
  tx.announce('caregiver', [[id]]);
  const { unitId } = caregiver;
  audit.record(tx, {
    act: input.act,
    action: 'createCaregiver',
    target: ['caregiver', id],
    after: { unitId },
    personal: { caregiverId: id, after: { name, externalId } },
  });
  return { id, ...caregiver };
}

/**
 * The id of an existing unit, or null where none is given.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_UNIT
 */
export async function findUnitId(tx: Transaction, text: string | null): Promise<number | null> {
  if (text === null) return null;
  const id = checkIntegerId(text, 'unitId');
  if (!(await tx.manager.existsBy(UnitEntity, { id }))) {
    throw new AppError('UNKNOWN_UNIT', `There is no unit ${id}.`, 'unitId');
  }
  return id;
}

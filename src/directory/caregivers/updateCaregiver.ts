import type { Act, Audited } from '../../platform/audit/act';
import { differences } from '../../platform/audit/auditEntry';
import { AppError } from '../../platform/errors';
import { findToChange } from '../../platform/storage/core/findById';
import { requireUnique } from '../../platform/storage/core/requireUnique';
import type { Transaction } from '../../platform/storage/core/transaction';
import { checkIntegerId, checkOptionalText, checkText } from '../../platform/values/checks';
import { foldText, optionalKeyOf } from '../../platform/values/text';
import { audit } from '../audit';
import { CaregiverEntity } from './caregiver.entity';
import { type CreateCaregiver, findUnitId } from './createCaregiver';

/** What is undefined stays as it is; null empties a field that may be empty. */
export type UpdateCaregiver = { id: string } & {
  [Field in keyof CreateCaregiver]?: CreateCaregiver[Field] | undefined;
};

/**
 * Changes a caregiver. Moving to another unit moves the past events along: they belong to the caregiver.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_CAREGIVER, UNKNOWN_UNIT, ALREADY_EXISTS
 */
export async function updateCaregiver(
  tx: Transaction,
  input: Audited<UpdateCaregiver>,
): Promise<CaregiverEntity> {
  const id = checkIntegerId(input.id, 'id');
  const stored = await findToChange(tx, CaregiverEntity, id);
  if (!stored) throw new AppError('UNKNOWN_CAREGIVER', `There is no caregiver ${id}.`, 'id');
  const name = input.name === undefined ? stored.name : checkText(input.name, 'name');
  const externalId =
    input.externalId === undefined ? stored.externalId : checkOptionalText(input.externalId, 'externalId');
  // What stays as it is keeps its key: it may look like that of another one from before keys were compared.
  const isNew = externalId !== stored.externalId;
  const caregiver = {
    name,
    nameFolded: foldText(name),
    externalId,
    externalIdKey: isNew ? optionalKeyOf(externalId) : stored.externalIdKey,
    unitId: input.unitId === undefined ? stored.unitId : await findUnitId(tx, input.unitId),
  };
  if (isNew) await requireUnique(tx, CaregiverEntity, 'externalId', externalId, id);
  await tx.manager.update(CaregiverEntity, { id }, caregiver);
  tx.announce('caregiver', [[id]]);
  recordChange(tx, input.act, stored, { id, ...caregiver });
  return { id, ...caregiver };
}

/** Who they are can be erased from the log; to which unit they belong, stays. */
function recordChange(tx: Transaction, act: Act, before: CaregiverEntity, after: CaregiverEntity): void {
  const who = ({ name, externalId }: CaregiverEntity) => ({ name, externalId });
  const where = ({ unitId }: CaregiverEntity) => ({ unitId });
  const changedWho = differences(who(before), who(after));
  const changedWhere = differences(where(before), where(after));
  if (!changedWho && !changedWhere) return;
  audit.record(tx, {
    act,
    action: 'updateCaregiver',
    target: ['caregiver', after.id],
    ...changedWhere,
    ...(changedWho && { personal: { caregiverId: after.id, ...changedWho } }),
  });
}

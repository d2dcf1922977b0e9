import type { Access } from '../../platform/access/access';
import type { MadeToken } from '../../platform/access/makeToken';
import type { Role } from '../../platform/access/principal';
import { everybody } from '../../platform/access/scope';
import { maxLifetimeMs, usualName } from '../../platform/access/tokenWish';
import type { Audited } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import type { Reader } from '../../platform/storage/core/database';
import { checkIntegerId, checkText } from '../../platform/values/checks';
import { findCaregiver, findUnit } from '../caregivers/listCaregivers';

export interface CreateToken {
  role: Role;
  /** Unchecked id; for the role CAREGIVER. */
  caregiverId: string | null;
  /** Unchecked id; for the role MANAGER. */
  unitId: string | null;
  /** Null for the usual one. */
  name: string | null;
  expiresInHours: number;
}

const hourMs = 3_600_000;

/**
 * Makes a token for somebody who is there. It is kept nowhere: whoever asks for it is the only one to have it.
 * @throws AppError BAD_USER_INPUT, UNKNOWN_CAREGIVER, UNKNOWN_UNIT; TOKENS_MADE_ELSEWHERE where an identity provider
 *   signs the tokens; also by the promise
 */
export async function createToken(
  database: Reader,
  access: Access,
  wish: Audited<CreateToken>,
): Promise<MadeToken & { name: string }> {
  access.requireOwnTokens();
  const { role } = wish;
  const caregiverId = readWhose(role, 'CAREGIVER', 'caregiverId', wish.caregiverId);
  const unitId = readWhose(role, 'MANAGER', 'unitId', wish.unitId);
  const lifetimeMs = readLifetimeMs(wish.expiresInHours);
  const given = wish.name === null ? undefined : checkText(wish.name, 'name');
  const whose = await database.read(async (snapshot) => {
    if (caregiverId !== undefined) return findCaregiver(snapshot, caregiverId, everybody);
    return unitId === undefined ? { name: '' } : findUnit(snapshot, unitId, everybody);
  });
  if (!whose) {
    throw caregiverId === undefined
      ? new AppError('UNKNOWN_UNIT', `There is no unit ${unitId}.`, 'unitId')
      : new AppError('UNKNOWN_CAREGIVER', `There is no caregiver ${caregiverId}.`, 'caregiverId');
  }
  const name = given ?? usualName(role, whose.name);
  const checked = { role, name, caregiverId, unitId, lifetimeMs };
  const made = await access.issueToken(checked, wish.act);
  return { ...made, name };
}

/** An id that one role cannot do without, and that means nothing with the others. */
function readWhose(role: Role, needs: Role, field: string, text: string | null): number | undefined {
  if ((role === needs) !== (text !== null)) {
    throw new AppError(
      'BAD_USER_INPUT',
      text === null ? `The role ${role} needs ${field}.` : `${field} goes with the role ${needs}.`,
      field,
    );
  }
  return text === null ? undefined : checkIntegerId(text, field);
}

function readLifetimeMs(hours: number): number {
  const most = maxLifetimeMs / hourMs;
  if (Number.isInteger(hours) && hours >= 1 && hours <= most) return hours * hourMs;
  throw new AppError('BAD_USER_INPUT', `expiresInHours must be from 1 to ${most}.`, 'expiresInHours');
}

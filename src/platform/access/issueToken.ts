import type { Act } from '../audit/act';
import { recordEntry } from '../audit/auditChain';
import type { Service } from '../service';
import { writeOne } from '../storage/core/database';
import { formatDateTime } from '../values/dateTime';
import { type MadeToken, makeToken, type TokenWish } from './makeToken';

/**
 * Makes a token and tells the audit log of it, under the id by which later entries name it. Nobody gets one of which the
 * log does not know.
 * @param secret the service's own
 */
export async function issueToken(
  { database, now }: Pick<Service, 'database' | 'now'>,
  secret: Uint8Array,
  wish: TokenWish,
  act: Act,
): Promise<MadeToken> {
  const made = await makeToken(secret, wish, now());
  const { role, name, caregiverId, unitId } = wish;
  // The name of a caregiver is not for the log to keep.
  const whose = caregiverId === undefined ? { name } : { caregiverId };
  const unit = unitId === undefined ? {} : { unitId };
  await writeOne(database, recordEntry, {
    act,
    action: 'createToken',
    target: ['token', made.id],
    after: { role, ...whose, ...unit, expiresAt: formatDateTime(made.expiresAtMs) },
  });
  return made;
}

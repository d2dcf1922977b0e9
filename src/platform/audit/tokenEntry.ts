import type { MadeToken, TokenWish } from '../access/makeToken';
import { formatDateTime } from '../values/dateTime';
import type { Act } from './act';
import type { AuditEntry } from './auditEntry';

/** The entry for a token that was made: what it lets somebody do, under the id by which later entries name it. */
export function tokenEntry(
  act: Act,
  { role, name, caregiverId, unitId }: TokenWish,
  { id, expiresAtMs }: MadeToken,
): AuditEntry {
  // The name of a caregiver is not for the log to keep.
  const whose = caregiverId === undefined ? { name } : { caregiverId };
  const unit = unitId === undefined ? {} : { unitId };
  return {
    act,
    action: 'createToken',
    target: ['token', id],
    after: { role, ...whose, ...unit, expiresAt: formatDateTime(expiresAtMs) },
  };
}

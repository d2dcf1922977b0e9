import sql from 'sql-template-tag';
import type { Transaction } from '../storage/core/transaction';

/**
 * Erases what the audit log holds about a caregiver. Its entries stay, each with the digest of what is gone.
 * @returns how many entries had something
 */
export async function erasePersonal(tx: Transaction, caregiverId: number): Promise<number> {
  const found = await tx.one<{ entries: number }>(
    sql`select count(*) as entries from audit_personal where caregiver_id = ${caregiverId}`,
  );
  await tx.run(sql`delete from audit_personal where caregiver_id = ${caregiverId}`);
  return found?.entries ?? 0;
}

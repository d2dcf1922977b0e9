import sql from 'sql-template-tag';
import type { Audited } from '../../platform/audit/act';
import { erasePersonal } from '../../platform/audit/erasePersonal';
import { AppError } from '../../platform/errors';
import type { Transaction } from '../../platform/storage/core/transaction';
import type { Subsystem } from '../../platform/subsystem';
import { foldText } from '../../platform/values/text';
import { audit } from '../audit';

export type PseudonymiseCaregiver = Audited<{ caregiverId: number; reason: string | null }>;

export interface Pseudonymised {
  /** What the caregiver is called from now on. */
  name: string;
  /** False when there was nothing left to erase. */
  changed: boolean;
  /** Rows of all subsystems that had something about the caregiver, by what they are. */
  erased: Record<string, number>;
  /** Entries of the audit log that had something about the caregiver. */
  auditEntries: number;
}

/**
 * Takes away who a caregiver is: name and external id, what every subsystem holds about them, such as what people have
 * typed about their events, and what the audit log does. What they did and what it is worth stays, under their id. Again does nothing, or erases what has come
 * since.
 * @throws AppError UNKNOWN_CAREGIVER
 */
export async function pseudonymiseCaregiver(
  tx: Transaction,
  { caregiverId: id, reason, act }: PseudonymiseCaregiver,
  subsystems: readonly Subsystem[],
): Promise<Pseudonymised> {
  await tx.lockRows('caregiver', sql`select 1 from caregiver where id = ${id}`);
  const stored = await tx.one<{ name: string; external_id: string | null }>(
    sql`select name, external_id from caregiver where id = ${id}`,
  );
  if (!stored) throw new AppError('UNKNOWN_CAREGIVER', `There is no caregiver ${id}.`, 'id');
  const name = `Caregiver ${id}`;
  const isNamed = stored.name !== name || stored.external_id !== null;
  if (isNamed) {
    // An external id leads back to the person, in the system that it comes from: nothing stands in its place.
    await tx.run(
      sql`update caregiver
          set name = ${name}, name_folded = ${foldText(name)}, external_id = null, external_id_key = null
          where id = ${id}`,
    );
    tx.announce('caregiver', [[id]]);
  }
  // Rows first, then the log: somebody who deletes an event at the same time changes its row before they write to the log.
  const erased: Record<string, number> = {};
  const subject = { kind: 'caregiver', id };
  for (const subsystem of subsystems) Object.assign(erased, await subsystem.erase?.(tx, subject));
  const auditEntries = await erasePersonal(tx, id);
  const changed = isNamed || auditEntries > 0 || Object.values(erased).some((rows) => rows > 0);
  if (changed) {
    audit.record(tx, {
      act,
      action: 'pseudonymiseCaregiver',
      target: ['caregiver', id],
      after: { name, externalId: null, ...erased, auditEntries },
      reason,
    });
  }
  return { name, changed, erased, auditEntries };
}

import { writeBeside } from '../storage/sqlite/writeBeside';
import { actOfOperator } from './act';
import { platformAudit } from './ownWords';

/**
 * Tells the audit log of a SQLite database that a copy of it is about to be made. A database of an earlier version, which has
 * none, is copied as it is: a backup before an upgrade must not migrate what it copies.
 * @param to where the copy goes, without a password
 * @throws OperatorError when it cannot be written
 */
export function recordBeside(file: string, action: 'backup' | 'copy', to: string): Promise<void> {
  const act = actOfOperator(Date);
  return writeBeside(file, 'audit_log', (tx) =>
    platformAudit.record(tx, { act, action, target: ['database', null], after: { to } }),
  );
}

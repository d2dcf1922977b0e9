import type { Transaction } from '../storage/core/transaction';
import { record } from './auditChain';
import type { AuditEntry } from './auditEntry';

/** What the audit log may say of one subsystem: what was done, and to what, with a sentence for each. */
export class AuditWords<Action extends string, Target extends string> {
  constructor(
    readonly actions: Readonly<Record<Action, string>>,
    readonly targets: Readonly<Record<Target, string>>,
  ) {}

  /** Leaves an entry for the end of the transaction: it is written with the change or not at all. */
  record(tx: Transaction, entry: AuditEntry<Action, Target>): void {
    record(tx, entry);
  }
}

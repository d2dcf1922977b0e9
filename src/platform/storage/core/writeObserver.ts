/** Is told how writing goes, in the middle of it: it must be quick, and never throw. For whoever measures. */
export interface WriteObserver {
  /** A batch has left the queue for its transaction. */
  batchBegun(batch: BegunBatch): void;
  /** A transaction has ended, committed or not. What cannot be committed whole is tried again in halves. */
  transactionEnded(transaction: EndedTransaction): void;
}

export interface BegunBatch {
  inputs: number;
  /** How long each submission has waited for this. */
  waitsMs: readonly number[];
}

export interface EndedTransaction {
  /** From its begin to the end of its commit. */
  durationMs: number;
  isCommitted: boolean;
}

import { AppError } from '../errors';
import type { Transaction } from './transaction';

/**
 * A use case that writes. It takes a batch: it checks everything, then changes everything, and answers one outcome
 * for each input, in their order. Throwing means that nothing of the batch may stay.
 */
export interface Command<Input, Value> {
  readonly name: string;
  handle(tx: Transaction, inputs: readonly Input[]): Promise<Outcome<Value>[]>;
}

/** What became of one input. */
export type Outcome<Value> = { value: Value } | { error: AppError };

/** Runs work in one transaction: commits when it resolves, leaves no trace when it rejects. */
export type InTransaction = <Value>(work: (tx: Transaction) => Promise<Value>) => Promise<Value>;

export interface WriteQueueLimits {
  /** Inputs that may wait; one more is refused with OVERLOADED. */
  waitingInputs: number;
  /** Inputs in one transaction. */
  batchInputs: number;
}

export const defaultWriteQueueLimits: WriteQueueLimits = { waitingInputs: 50_000, batchInputs: 1_000 };

interface Entry {
  command: Command<unknown, unknown>;
  input: unknown;
  resolve(outcome: Outcome<unknown>): void;
  reject(error: unknown): void;
}

/**
 * Group commit: inputs that arrive while a transaction is under way wait together and share the next one, so that
 * their cost is one flush to disk for all of them. There is no timer; a lone input goes at once.
 */
export class WriteQueue {
  private waiting: Entry[] = [];
  private draining = false;
  private drained: Promise<void> = Promise.resolve();

  constructor(
    private readonly inTransaction: InTransaction,
    private readonly limits: WriteQueueLimits = defaultWriteQueueLimits,
  ) {}

  /** How many inputs wait for their transaction. */
  get length(): number {
    return this.waiting.length;
  }

  /**
   * Hands inputs to a command; answers after the commit, with one outcome for each input. More inputs than fit into
   * one transaction go in several, one after the other.
   * @throws AppError OVERLOADED when the queue has no room; nothing was done
   */
  async submit<Input, Value>(
    command: Command<Input, Value>,
    inputs: readonly Input[],
  ): Promise<Outcome<Value>[]> {
    if (this.waiting.length + inputs.length > this.limits.waitingInputs) {
      throw new AppError(
        'OVERLOADED',
        'Too many writes are waiting. Nothing was done; send this again in a second.',
      );
    }
    const outcomes = inputs.map(
      (input) =>
        new Promise<Outcome<Value>>((resolve, reject) => {
          this.waiting.push({ command, input, resolve, reject } as Entry);
        }),
    );
    if (!this.draining) this.drained = this.drain();
    return Promise.all(outcomes);
  }

  /** Resolves when everything that was submitted has been answered. */
  async idle(): Promise<void> {
    while (this.draining) await this.drained;
  }

  private async drain(): Promise<void> {
    this.draining = true;
    while (this.waiting.length > 0) {
      // One turn of the event loop, so that requests already received join this transaction.
      await new Promise(setImmediate);
      await this.commit(this.waiting.splice(0, this.limits.batchInputs));
    }
    this.draining = false;
  }

  /**
   * Commits a batch. When it cannot be committed whole, its halves are tried each in a transaction of its own, down
   * to the single input that is to blame: one bad input never spoils its neighbours.
   */
  private async commit(batch: Entry[]): Promise<void> {
    try {
      const outcomes = await this.inTransaction((tx) => runInOrder(tx, batch));
      batch.forEach((entry, index) => {
        entry.resolve(outcomes[index] as Outcome<unknown>);
      });
    } catch (error) {
      if (batch.length === 1 || isUnavailable(error)) {
        for (const entry of batch) {
          if (error instanceof AppError && !isUnavailable(error)) entry.resolve({ error });
          else entry.reject(error);
        }
        return;
      }
      const middle = Math.ceil(batch.length / 2);
      await this.commit(batch.slice(0, middle));
      await this.commit(batch.slice(middle));
    }
  }
}

/** Runs neighbours of the same command together, and commands in the order in which they came. */
async function runInOrder(tx: Transaction, batch: readonly Entry[]): Promise<Outcome<unknown>[]> {
  const outcomes: Outcome<unknown>[] = [];
  for (let start = 0; start < batch.length; ) {
    const { command } = batch[start] as Entry;
    let end = start + 1;
    while (batch[end]?.command === command) end += 1;
    const inputs = batch.slice(start, end).map((entry) => entry.input);
    const answered = await command.handle(tx, inputs);
    if (answered.length !== inputs.length) {
      throw new Error(`${command.name} answered ${answered.length} outcomes for ${inputs.length} inputs`);
    }
    outcomes.push(...answered);
    start = end;
  }
  return outcomes;
}

/** The database itself fails: halving the batch would only ask it again. */
function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE';
}

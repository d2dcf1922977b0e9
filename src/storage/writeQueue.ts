import { AppError } from '../errors';
import { Unreached } from './failures';
import type { Transaction } from './transaction';
import type { WriteObserver } from './writeObserver';

/**
 * A use case that writes. It takes a batch: it checks everything, then changes everything, and answers one outcome
 * for each input, in their order. Throwing means that nothing of the batch may stay.
 */
export interface Command<Input, Value> {
  readonly name: string;
  /** Slow ones, which may touch any number of rows, run where they do not stop the event loop. Quick when left out. */
  readonly speed?: Speed;
  /** Notes something about the database, and changes nothing that is kept in it: a copy stays a copy. */
  readonly isNote?: boolean;
  handle(tx: Transaction, inputs: readonly Input[]): Promise<Outcome<Value>[]>;
}

export type Speed = 'quick' | 'slow';

/** What became of one input. */
export type Outcome<Value> = { value: Value } | { error: AppError };

/** Runs work in one transaction: commits when it resolves, leaves no trace when it rejects. */
export type InTransaction = <Value>(
  work: (tx: Transaction) => Promise<Value>,
  speed: Speed,
) => Promise<Value>;

export interface WriteQueueLimits {
  /** Inputs that may wait; one more is refused with OVERLOADED. */
  waitingInputs: number;
  /** Inputs in one transaction. */
  batchInputs: number;
  /** Transactions at the same time, on an engine that lets several write; one when left out. */
  transactions?: number;
}

export const defaultWriteQueueLimits: WriteQueueLimits = { waitingInputs: 50_000, batchInputs: 1_000 };

/**
 * Large transactions for commands that bring in millions of rows: a page that many of them touch is written once. A
 * service beside them waits some tenths of a second for its turn. Where two can write, one is checked and put together
 * here while the server works on the other.
 */
export const bulkWriteQueueLimits: WriteQueueLimits = {
  waitingInputs: 100_000,
  batchInputs: 25_000,
  transactions: 2,
};

/** Inputs that were submitted together and fit into one transaction. */
interface Entry {
  command: Command<unknown, unknown>;
  inputs: readonly unknown[];
  submittedAtMs: number;
  resolve(outcomes: Outcome<unknown>[]): void;
  reject(error: unknown): void;
}

/**
 * Group commit: inputs that arrive while a transaction is under way wait together and share the next one, so that
 * their cost is one flush to disk for all of them. There is no timer; a lone input goes at once.
 */
export class WriteQueue {
  private waiting: Entry[] = [];
  private waitingInputs = 0;
  /** How many work off the queue just now: each has one transaction at a time. */
  private draining = 0;
  private readonly drains = new Set<Promise<void>>();
  private readonly observers: WriteObserver[] = [];
  private lastFailure: unknown;

  constructor(
    private readonly inTransaction: InTransaction,
    private readonly limits: WriteQueueLimits = defaultWriteQueueLimits,
  ) {}

  /** How many inputs wait for their transaction. */
  get length(): number {
    return this.waitingInputs;
  }

  /** Whether anything waits, or is in its transaction. */
  get isBusy(): boolean {
    return this.draining > 0;
  }

  /** What the database itself has failed the transaction with that ended last; undefined when it has not. */
  get failure(): unknown {
    return this.lastFailure;
  }

  /** Tells somebody how writing goes, from now on. */
  watch(observer: WriteObserver): void {
    this.observers.push(observer);
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
    if (this.waitingInputs + inputs.length > this.limits.waitingInputs) {
      throw new AppError(
        'OVERLOADED',
        'Too many writes are waiting. Nothing was done; send this again in a second.',
      );
    }
    const parts: Promise<Outcome<unknown>[]>[] = [];
    const submittedAtMs = performance.now();
    for (let start = 0; start < inputs.length; start += this.limits.batchInputs) {
      const part = inputs.slice(start, start + this.limits.batchInputs);
      parts.push(
        new Promise((resolve, reject) => {
          this.waiting.push({ command, inputs: part, submittedAtMs, resolve, reject } as Entry);
        }),
      );
      this.waitingInputs += part.length;
    }
    if (this.draining < (this.limits.transactions ?? 1) && parts.length > 0) this.startDrain();
    return (await settle(parts, inputs.length, this.limits.batchInputs)) as Outcome<Value>[];
  }

  /** Resolves when everything that was submitted has been answered. */
  async idle(): Promise<void> {
    while (this.drains.size > 0) await Promise.all(this.drains);
  }

  private startDrain(): void {
    const drained = this.drain().finally(() => this.drains.delete(drained));
    this.drains.add(drained);
  }

  private async drain(): Promise<void> {
    this.draining += 1;
    while (this.waiting.length > 0) {
      // One turn of the event loop, so that requests already received join this transaction.
      await new Promise(setImmediate);
      // Another transaction may have taken them all meanwhile.
      if (this.waiting.length > 0) await this.commit(this.takeBatch());
    }
    this.draining -= 1;
  }

  /** The entries of the next transaction: as many as fit, slow and quick ones apart. */
  private takeBatch(): Entry[] {
    const speed = speedOf(this.waiting[0] as Entry);
    let inputs = 0;
    const end = this.waiting.findIndex((entry) => {
      inputs += entry.inputs.length;
      return inputs > this.limits.batchInputs || speedOf(entry) !== speed;
    });
    const batch = this.waiting.splice(0, end === -1 ? this.waiting.length : end);
    let taken = 0;
    for (const entry of batch) taken += entry.inputs.length;
    this.waitingInputs -= taken;
    this.tellBegun(batch, taken);
    return batch;
  }

  private tellBegun(batch: readonly Entry[], inputs: number): void {
    if (this.observers.length === 0) return;
    const nowMs = performance.now();
    const waitsMs = batch.map(({ submittedAtMs }) => nowMs - submittedAtMs);
    for (const observer of this.observers) observer.batchBegun({ inputs, waitsMs });
  }

  private tellEnded(beganAtMs: number, isCommitted: boolean): void {
    const durationMs = performance.now() - beganAtMs;
    for (const observer of this.observers) observer.transactionEnded({ durationMs, isCommitted });
  }

  /**
   * Commits a batch. When it cannot be committed whole, its halves are tried each in a transaction of its own, down
   * to the single input that is to blame: one bad input never spoils its neighbours.
   */
  private async commit(batch: readonly Entry[]): Promise<void> {
    const beganAtMs = performance.now();
    try {
      const speed = speedOf(batch[0] as Entry);
      const outcomes = await this.inTransaction((tx) => runInOrder(tx, batch), speed);
      this.lastFailure = undefined;
      this.tellEnded(beganAtMs, true);
      batch.forEach((entry, index) => {
        entry.resolve(outcomes[index] as Outcome<unknown>[]);
      });
    } catch (error) {
      this.lastFailure = isUnavailable(error) ? error : undefined;
      this.tellEnded(beganAtMs, false);
      if (isUnreached(error)) this.refuseWaiting(error);
      const halves = isUnavailable(error) ? undefined : halve(batch);
      if (halves) for (const half of halves) await this.commit(half);
      else for (const entry of batch) refuse(entry, error);
    }
  }

  /** Nobody gets through to the database: each batch would wait as long as this one to find that out. */
  private refuseWaiting(error: unknown): void {
    const refused = this.waiting;
    this.waiting = [];
    this.waitingInputs = 0;
    for (const entry of refused) refuse(entry, error);
  }
}

function speedOf(entry: Entry): Speed {
  return entry.command.speed ?? 'quick';
}

/**
 * The outcomes of a submission that went in several transactions. When some of them could not be done and others were,
 * each input is told its own fate; only when none was done has the submission failed as a whole.
 */
async function settle(
  parts: readonly Promise<Outcome<unknown>[]>[],
  inputs: number,
  partInputs: number,
): Promise<Outcome<unknown>[]> {
  if (parts.length === 1) return parts[0] as Promise<Outcome<unknown>[]>;
  const settled = await Promise.allSettled(parts);
  const anyDone = settled.some((part) => part.status === 'fulfilled');
  return settled.flatMap((part, index) => {
    if (part.status === 'fulfilled') return part.value;
    const error: unknown = part.reason;
    if (!anyDone || !(error instanceof AppError)) throw error;
    const length = Math.min(partInputs, inputs - index * partInputs);
    return Array.from({ length }, () => ({ error }));
  });
}

/** Runs neighbours of the same command together, and commands in the order in which they came. */
async function runInOrder(tx: Transaction, batch: readonly Entry[]): Promise<Outcome<unknown>[][]> {
  const outcomes: Outcome<unknown>[][] = [];
  for (let start = 0; start < batch.length; ) {
    const { command } = batch[start] as Entry;
    let end = start + 1;
    while (batch[end]?.command === command) end += 1;
    const together = batch.slice(start, end);
    const inputs =
      together.length === 1 ? (together[0] as Entry).inputs : together.flatMap((entry) => entry.inputs);
    const answered = await command.handle(tx, inputs);
    if (answered.length !== inputs.length) {
      throw new Error(`${command.name} answered ${answered.length} outcomes for ${inputs.length} inputs`);
    }
    let next = 0;
    for (const entry of together) {
      outcomes.push(answered.slice(next, next + entry.inputs.length));
      next += entry.inputs.length;
    }
    start = end;
  }
  return outcomes;
}

/** Two halves of a batch; undefined for a single input, which cannot be halved. */
function halve(batch: readonly Entry[]): Entry[][] | undefined {
  if (batch.length > 1) {
    const middle = Math.ceil(batch.length / 2);
    return [batch.slice(0, middle), batch.slice(middle)];
  }
  const [entry] = batch;
  if (!entry || entry.inputs.length < 2) return undefined;
  return splitEntry(entry).map((half) => [half]);
}

/** Two entries with half of the inputs each; when both are answered, so is the one they come from. */
function splitEntry(entry: Entry): Entry[] {
  const middle = Math.ceil(entry.inputs.length / 2);
  const parts = [entry.inputs.slice(0, middle), entry.inputs.slice(middle)];
  const answers: Outcome<unknown>[][] = [];
  return parts.map((inputs, index) => ({
    command: entry.command,
    inputs,
    submittedAtMs: entry.submittedAtMs,
    reject: entry.reject,
    resolve(outcomes) {
      answers[index] = outcomes;
      if (answers[0] && answers[1]) entry.resolve([...answers[0], ...answers[1]]);
    },
  }));
}

/** An expected failure is the outcome of the inputs; everything else rejects what was submitted. */
function refuse(entry: Entry, error: unknown): void {
  if (error instanceof AppError && !isUnavailable(error)) entry.resolve(entry.inputs.map(() => ({ error })));
  else entry.reject(error);
}

function isUnreached(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof Unreached;
}

/** The database itself fails: halving the batch would only ask it again. */
function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'UNAVAILABLE';
}

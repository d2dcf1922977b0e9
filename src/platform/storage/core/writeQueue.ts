import { AppError } from '../../errors';
import { isOutcomeUnknown, Unreached } from './failures';
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

/** A quick command. */
export function quickCommand<Input, Value>(
  name: string,
  handle: Command<Input, Value>['handle'],
): Command<Input, Value> {
  return { name, handle };
}

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
   * one transaction go in several, one after the other. Of a failure that some of them met and others did not, those are
   * told that met it.
   * @throws AppError OVERLOADED when the queue has no room; nothing was done
   * @throws what all of them have failed of
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
    const parts: Promise<Fate>[] = [];
    const submittedAtMs = performance.now();
    for (let start = 0; start < inputs.length; start += this.limits.batchInputs) {
      const part = inputs.slice(start, start + this.limits.batchInputs);
      const answered = new Promise<Outcome<unknown>[]>((resolve, reject) => {
        this.waiting.push({ command, inputs: part, submittedAtMs, resolve, reject } as Entry);
      });
      parts.push(fateOf(answered, part.length));
      this.waitingInputs += part.length;
    }
    if (this.draining < (this.limits.transactions ?? 1) && parts.length > 0) this.startDrain();
    return joinFates(await Promise.all(parts)) as Outcome<Value>[];
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
    let outcomes: Outcome<unknown>[][];
    try {
      const speed = speedOf(batch[0] as Entry);
      outcomes = await this.inTransaction((tx) => runInOrder(tx, batch), speed);
    } catch (error) {
      this.lastFailure = isUnavailable(error) ? error : undefined;
      this.tellEnded(beganAtMs, false);
      if (isUnreached(error)) this.refuseWaiting(error);
      const halves = isUnavailable(error) ? undefined : halve(batch);
      if (halves) for (const half of halves) await this.commit(half);
      else for (const entry of batch) refuse(entry, error);
      return;
    }
    this.lastFailure = undefined;
    this.tellEnded(beganAtMs, true);
    for (const [index, entry] of batch.entries()) entry.resolve(outcomes[index] as Outcome<unknown>[]);
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

/** What became of a part of a submission: an outcome for each of its inputs, or one failure for all of them. */
type Fate = { outcomes: Outcome<unknown>[] } | { failure: unknown; inputs: number };

/**
 * Puts the parts of a submission together, however often it was divided. When some of them have failed and others have
 * not, each input is told its own fate: only when every one has failed has the submission failed as a whole.
 * @returns what became of every input
 * @throws the failure of all of them; one that leaves open whether anything was done, if there is such a one
 */
function joinFates(fates: readonly Fate[]): Outcome<unknown>[] {
  if (fates.length > 0 && fates.every((fate) => 'failure' in fate)) {
    throw (fates.find(({ failure }) => isOutcomeUnknown(failure)) ?? (fates[0] as { failure: unknown }))
      .failure;
  }
  return fates.flatMap((fate) => {
    if ('outcomes' in fate) return fate.outcomes;
    const error = toAppError(fate.failure);
    return Array.from({ length: fate.inputs }, () => ({ error }));
  });
}

async function fateOf(answer: Promise<Outcome<unknown>[]>, inputs: number): Promise<Fate> {
  try {
    return { outcomes: await answer };
  } catch (failure) {
    return { failure, inputs };
  }
}

/** A failure as the outcome of one input among others. */
function toAppError(failure: unknown): AppError {
  if (failure instanceof AppError) return failure;
  const error = new AppError(
    'INTERNAL',
    'Something went wrong inside the service. Nothing was done for this input.',
  );
  // For the log alone: the cause never leaves the service.
  error.cause = failure;
  return error;
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

/** Two entries with half of the inputs each; when both have met their fate, so has the one they come from. */
function splitEntry(entry: Entry): Entry[] {
  const { command, inputs, submittedAtMs } = entry;
  const middle = Math.ceil(inputs.length / 2);
  const parts = [inputs.slice(0, middle), inputs.slice(middle)];
  const fates: Promise<Fate>[] = [];
  const halves = parts.map((half): Entry => {
    let answer = {} as Pick<Entry, 'resolve' | 'reject'>;
    const answered = new Promise<Outcome<unknown>[]>((resolve, reject) => {
      answer = { resolve, reject };
    });
    fates.push(fateOf(answered, half.length));
    return { command, inputs: half, submittedAtMs, ...answer };
  });
  Promise.all(fates).then(joinFates).then(entry.resolve, entry.reject);
  return halves;
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

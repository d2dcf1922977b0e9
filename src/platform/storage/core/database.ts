import type { AppError, ErrorCode } from '../../errors';
import type { Concern } from './changeFeed';
import type { Changes } from './changes';
import type { Trouble } from './probe';
import type { Check } from './reliance';
import type { Snapshot } from './transaction';
import type { WriteObserver } from './writeObserver';
import type { Command, Outcome } from './writeQueue';

/** Reads what is committed. */
export interface Reader {
  /**
   * Reads in one consistent snapshot. A reader of replicas does the work once more, on the primary, where a replica
   * fails in the middle of it; so it answers values and leaves nothing behind.
   * @throws AppError UNAVAILABLE
   */
  read<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value>;
  /**
   * Reads in one snapshot that may stay open for minutes, on a connection of its own: exports must not keep the readers
   * from others. The work must not wait for a client, for SQLite's log cannot shrink meanwhile. It is done once more only
   * as long as no statement of it was answered.
   * @throws AppError OVERLOADED when too many are open already and none ends soon, UNAVAILABLE
   */
  readLong<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value>;
  /**
   * How old what it reads from now on may be, in whole milliseconds: all that had been committed so long ago is in it. 0
   * where that is all that was committed before.
   */
  ageMs(): number;
}

/**
 * Where a request reads: what was committed before it came (the primary), or what had been committed some moments ago (a
 * replica, where there is one).
 */
export type ReadFrom = 'primary' | 'replica';

/** What the rest of the service sees of storage. What it reads itself is all that was committed before. */
export interface Database extends Reader {
  /**
   * Hands inputs to a command through the write queue; answers after their commit, one outcome for each input. A failure
   * that some inputs met and others did not is the outcome of those that met it.
   * @throws AppError OVERLOADED (nothing was done) or UNAVAILABLE (its message says whether that is known)
   */
  write<Input, Value>(command: Command<Input, Value>, inputs: readonly Input[]): Promise<Outcome<Value>[]>;
  /**
   * A reader for one request that can do with what was committed some moments ago. It reads one replica for all its
   * reads, so that what it reads later is never older; the primary where there is no replica, or once the replica fails.
   */
  replicaReader(): Reader;
  /** Tells of every replica that is not used now, and from then on whenever one is left out or taken in again. */
  watchReplicas(listener: (change: ReplicaChange) => void): void;
  /**
   * Checks what the service goes by from now on, and again whenever the database says that something of it was changed (see
   * `tellReliant`). While the check fails, nothing is read or written: UNAVAILABLE.
   * @throws whatever the check throws, the first time
   */
  relyOn(check: Check): Promise<void>;
  /**
   * Makes the database known as the one that this process serves: where one process at a time may, it writes nothing more
   * once another has done the same. Commands beside it do not.
   */
  claim(): Promise<void>;
  /**
   * Follows what is committed, by this process or any other: an async iterator, as a GraphQL subscription takes it.
   *
   * It begins with {@link Changes.anything}, as soon as nothing can be missed any more, and says so again whenever
   * something may have been (the connection was lost, a command wrote beside the service). So whoever reads after each
   * item shows at any time what was committed until a moment ago, from the first item on. Items that nobody has taken yet
   * are merged into one; rows too many to name are told by the leading columns of their keys.
   *
   * Read after an item with `read`, never from a replica: one that lags would answer what was before, and nobody would
   * tell again.
   * @param concerns which items to be woken for; all when left out
   * @returns ends when the database is closed; call `return()` to end it before
   */
  followChanges(concerns?: Concern): AsyncIterableIterator<Changes>;
  /** Inputs waiting to be written. */
  readonly queueLength: number;
  /** Tells somebody how writing goes, from now on. */
  watchWrites(observer: WriteObserver): void;
  /**
   * Looks whether the database can be written and has the tables of this version; cheap, and it disturbs nobody.
   * @returns undefined when all is well
   */
  findTrouble(): Promise<Trouble | undefined>;
  /** @throws AppError UNAVAILABLE */
  readSize(): Promise<DatabaseSize>;
  /**
   * Looks for settings of the database with which what was acknowledged may be lost in a crash of its machine.
   * @returns a sentence for each, for operators
   * @throws AppError UNAVAILABLE
   */
  findRisks(): Promise<string[]>;
  /** Finishes what was submitted, then closes. */
  close(): Promise<void>;
}

/** What a database takes on its disk, with indexes. */
export interface DatabaseSize {
  dataBytes: number;
  /** Of SQLite: what is written and not copied back yet. */
  logBytes?: number;
}

/** A replica is used from now on, or left out, and why; for the log of those who run the service. */
export interface ReplicaChange {
  /** Without a password. */
  replica: string;
  isUsed: boolean;
  reason?: string;
}

/** Hands one input to a command. Its expected failure is thrown, for callers that have only this one. */
export async function writeOne<Input, Value>(
  database: Database,
  command: Command<Input, Value>,
  input: Input,
): Promise<Value> {
  const [outcome] = await database.write(command, [input]);
  if (outcome === undefined) throw new Error(`${command.name} answered nothing`);
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

/**
 * What has kept inputs from being dealt with at all, beside those that were refused: the database has failed, or the
 * service has. Several inputs may have met the same failure.
 */
export function failuresOf(outcomes: readonly Outcome<unknown>[]): AppError[] {
  const failures = new Set<AppError>();
  for (const outcome of outcomes) {
    if ('error' in outcome && failureCodes.includes(outcome.error.code)) failures.add(outcome.error);
  }
  return [...failures];
}

const failureCodes: readonly ErrorCode[] = ['UNAVAILABLE', 'INTERNAL'];

/** Sees every statement before it runs; tests count them, and the log shows them at its finest level. */
export type StatementListener = (sqlText: string) => void;

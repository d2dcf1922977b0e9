import type { Snapshot } from './transaction';
import type { Command, Outcome } from './writeQueue';

/** What the rest of the service sees of storage. */
export interface Database {
  /**
   * Hands inputs to a command through the write queue; answers after their commit, one outcome for each input.
   * @throws AppError OVERLOADED or UNAVAILABLE; nothing was done
   */
  write<Input, Value>(command: Command<Input, Value>, inputs: readonly Input[]): Promise<Outcome<Value>[]>;
  /** Reads in one consistent snapshot of what is committed. */
  read<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value>;
  /**
   * Reads in one snapshot that may stay open for minutes, on a connection of its own: exports, which go at the speed
   * of whoever takes them, must not keep the readers from others.
   * @throws AppError OVERLOADED when too many are open already
   */
  readLong<Value>(work: (snapshot: Snapshot) => Promise<Value>): Promise<Value>;
  /** Inputs waiting to be written. */
  readonly queueLength: number;
  /** Finishes what was submitted, then closes. */
  close(): Promise<void>;
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

/** Sees every statement before it runs; tests count them, and the log shows them at its finest level. */
export type StatementListener = (sqlText: string) => void;

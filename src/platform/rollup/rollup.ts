import type { Sql } from 'sql-template-tag';

/**
 * A rollup: a small table of sums over facts, kept up to date by every write that changes the facts, in the same
 * transaction. The engine knows no more of the facts than what is declared here.
 */
export interface Rollup<Key extends string = string, Measure extends string = string> {
  /** The rollup's table. */
  readonly table: string;
  /** Key columns and their types, in the order of the primary key. The first is an integer: rebuilding and verifying go along it in slices. */
  readonly key: Readonly<Record<Key, 'integer' | 'text'>>;
  /** Columns that are summed: integers. A row in which all of them are zero does not exist. */
  readonly measures: readonly Measure[];
  /** Key columns that hold ids of rows of other tables. */
  readonly references?: Readonly<Record<string, string>>;
  /** What whoever sends a fact is told when it would make a sum pass 2^53−1, and the field of theirs that is to blame. */
  readonly tooLarge: { readonly message: string; readonly field?: string };
  /** The table of the facts; it has the first key column, too, as the beginning of an index. */
  readonly factTable: string;
  /**
   * What the rollup must hold, computed from the facts whose first key column lies in [from, to]:
   * a select of the key columns and the measures, by name, one row a key.
   */
  facts(from: number, to: number): Sql;
}

/** What one write adds to one row of a rollup: a value for each key column and each measure (negative subtracts). */
export type Difference<Key extends string, Measure extends string> = Record<Key, number | string> &
  Record<Measure, number>;

/** The first key column: the one that slices go along. */
export function sliceColumn(rollup: Rollup): string {
  return Object.keys(rollup.key)[0] as string;
}

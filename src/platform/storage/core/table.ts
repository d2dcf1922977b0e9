import type { Sql } from 'sql-template-tag';
import type { Columns, ColumnType } from './dialect';

/** A table, as its subsystem declares it: what it holds, and how it is copied and checked. */
export interface Table {
  readonly table: string;
  /** Every column that it has, in the source and in the target. */
  readonly columns: Columns;
  /** The primary key, in its order. */
  readonly key: readonly string[];
  /**
   * How it is copied: what becomes of a row that the target has and the source has not: where rows are never deleted, somebody else has
   * written the target, and the copy ends.
   */
  readonly extra: 'remove' | 'keep' | 'refuse';
  /** Set where no row is ever changed: one that differs was changed by somebody else, and the copy ends. */
  readonly onlyAddedTo?: boolean;
  /** Columns of which no two rows may have the same value. */
  readonly unique?: readonly string[];
  /** Columns that hold ids of rows of other tables, or another column of theirs, as `audit_log.sequence`. */
  readonly references?: Readonly<Record<string, string>>;
  /** Which rows go over, where not all of them do. */
  readonly which?: Sql;
  /** Filled when a database is first opened: its rows do not make it one that is in use. */
  readonly madeAtStart?: boolean;
  /** Set for large tables, which are compared by checksums and written in parts. */
  readonly slices?: Slices;
}

export interface Slices {
  /** The first column of the key: an integer, along which the table is compared. */
  readonly column: string;
  /** A column of times: of what differs, only the weeks that do are compared row by row. */
  readonly time?: string;
}

/** The columns of a table's key, with their types. */
export function keyColumns({ key, columns }: Table): Columns {
  return Object.fromEntries(key.map((name) => [name, columns[name] as ColumnType]));
}

import type { EntityManager } from 'typeorm';
import type { Columns, Dialect, Rows } from './dialect';

/** One connection to the database: runs statements one after the other, in the order in which they are given. */
export interface Connection {
  /** The words of its engine. */
  readonly dialect: Dialect;
  /** Runs a statement with bound values; answers its rows, none for one that answers none. */
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Inserts rows, leaving out those whose key is taken.
   * @returns the places of the rows that were left out, in their order
   */
  insertNewRows(table: TableColumns, rows: Rows): Promise<number[]>;
  /** TypeORM's repositories and query builder on this connection, where it is not in a thread of its own. */
  readonly manager: EntityManager | undefined;
  close(): Promise<void>;
}

/** Columns of a table to insert into. */
export interface TableColumns {
  table: string;
  columns: Columns;
  /** The column that tells the rows of one insert from each other. */
  key: string;
}

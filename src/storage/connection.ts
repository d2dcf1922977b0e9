import type { EntityManager } from 'typeorm';

/** One connection to the database: runs statements one after the other, in the order in which they are given. */
export interface Connection {
  /** Runs a statement with bound values; answers its rows, none for one that answers none. */
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs one prepared statement once for each list of bound values.
   * @returns the places of those, in their order, that changed nothing
   */
  runMany(text: string, rows: readonly (readonly unknown[])[]): Promise<number[]>;
  /** TypeORM's repositories and query builder on this connection, where it is not in a thread of its own. */
  readonly manager: EntityManager | undefined;
  close(): Promise<void>;
}

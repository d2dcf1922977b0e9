import type { Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import type { Connection } from './connection';
import { bindRows, type Columns } from './dialect';

/** A consistent view of the committed data, for reading. */
export class Snapshot {
  constructor(protected readonly connection: Connection) {}

  /** All rows that the statement answers. */
  all<Row>(statement: Sql): Promise<Row[]> {
    return this.connection.query(statement.sql, statement.values);
  }

  /** The first row that the statement answers. */
  async one<Row>(statement: Sql): Promise<Row | undefined> {
    return (await this.all<Row>(statement))[0];
  }
}

/**
 * A transaction that may write. A function that takes one runs inside it and neither begins, commits nor rolls back;
 * only the write queue makes them.
 */
export class Transaction extends Snapshot {
  /** TypeORM's repositories and query builder, inside this transaction. Slow commands have none. */
  get manager(): EntityManager {
    if (!this.connection.manager) throw new Error('a slow command must do with statements');
    return this.connection.manager;
  }

  /** Runs a statement that answers no rows. */
  async run(statement: Sql): Promise<void> {
    await this.connection.query(statement.sql, statement.values);
  }

  /**
   * Inserts rows, each with a value for each column, in their order; UUIDs are given as text. A row whose key is taken
   * is left out. The rows are used up: they hold what was bound afterwards.
   * @returns the places of the rows that were left out
   */
  insertNewRows(table: string, columns: Columns, rows: unknown[][]): Promise<number[]> {
    const names = Object.keys(columns);
    const text = `insert into ${table} (${names.join(', ')}) values (${names.map(() => '?').join(', ')})
      on conflict do nothing`;
    bindRows(columns, rows);
    return this.connection.runMany(text, rows);
  }
}

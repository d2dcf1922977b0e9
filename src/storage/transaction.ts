import type { Sql } from 'sql-template-tag';
import type { EntityManager, QueryRunner } from 'typeorm';

/** A consistent view of the committed data, for reading. */
export class Snapshot {
  constructor(protected readonly runner: QueryRunner) {}

  /** TypeORM's repositories and query builder, inside this snapshot or transaction. */
  get manager(): EntityManager {
    return this.runner.manager;
  }

  /** All rows that the statement answers. */
  all<Row>(statement: Sql): Promise<Row[]> {
    return this.runner.query(statement.sql, statement.values as unknown[]);
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
  /** Runs a statement that answers no rows. */
  async run(statement: Sql): Promise<void> {
    await this.runner.query(statement.sql, statement.values as unknown[]);
  }
}

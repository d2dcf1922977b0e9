import sql, { empty, raw, type Sql } from 'sql-template-tag';
import type { EntityManager } from 'typeorm';
import { distributionColumn } from '../citus/placements';
import type { Changes, Key } from './changes';
import type { Connection, TableColumns } from './connection';
import { compile, type LockMode, listOf, type Rows, uuidListOf } from './dialect';

/** A consistent view of the committed data, for reading. */
export class Snapshot {
  constructor(protected readonly connection: Connection) {}

  /** All rows that the statement answers. */
  all<Row>(statement: Sql): Promise<Row[]> {
    const { dialect } = this.connection;
    const compiled = compile(statement, dialect);
    return this.connection.query(dialect.textOf(compiled), compiled.values);
  }

  /**
   * More of a condition for the rows of a table with these ids, UUIDs: on a cluster it says where they lie, as the registry
   * of ids has it, for else every node would have to look; elsewhere it is empty.
   * @param alias what the statement calls the table
   */
  async onNodesOf(table: string, alias: string, ids: readonly string[]): Promise<Sql> {
    const registry = this.connection.dialect.registries[table];
    if (!registry || ids.length > maxNarrowed) return empty;
    const found = await this.all<{ value: number }>(
      sql`select ${raw(distributionColumn)} as value from ${raw(registry.registry)}
          where ${raw(registry.key)} in ${uuidListOf(ids)}`,
    );
    if (found.length === 0) return sql`and false`;
    const values = [...new Set(found.map(({ value }) => value))];
    return sql`and ${raw(`${alias}.${distributionColumn}`)} in ${listOf(values)}`;
  }

  /** The first row that the statement answers. */
  async one<Row>(statement: Sql): Promise<Row | undefined> {
    return (await this.all<Row>(statement))[0];
  }
}

/** More would be asked of every node anyway. */
const maxNarrowed = 100;

/** What transactions of several instances lock by name, beside rows and tables. */
export const namedLocks = { eventTypes: 1, calendar: 2, copy: 3, auditLog: 4 } as const;

/** Work at the end of a transaction, with the items that were handed to it. */
export type LastWork<Item> = (tx: Transaction, items: readonly Item[]) => Promise<void>;

/**
 * A transaction that may write. A function that takes one runs inside it and neither begins, commits nor rolls back;
 * only the write queue makes them.
 *
 * Where several instances of the service write at the same time, each statement sees what others have committed up
 * to then: whoever checks first and changes later locks what must not change in between. On SQLite one transaction
 * at a time writes, and the locks cost nothing.
 */
export class Transaction extends Snapshot {
  private readonly last = new Map<LastWork<never>, unknown[]>();

  /** @param changes collects what is announced; undefined where nobody would be told */
  constructor(
    connection: Connection,
    private readonly changes: Changes | undefined,
  ) {
    super(connection);
  }

  /** TypeORM's repositories and query builder, inside this transaction. Slow commands have none on SQLite. */
  get manager(): EntityManager {
    if (!this.connection.manager) throw new Error('a slow command must do with statements');
    return this.connection.manager;
  }

  /** Runs a statement that answers no rows. */
  async run(statement: Sql): Promise<void> {
    await this.all(statement);
  }

  /**
   * Inserts rows, each with a value for each column, in their order; UUIDs are given as text. A row whose key is taken
   * is left out.
   * @returns the places of the rows that were left out
   */
  insertNewRows(table: TableColumns, rows: Rows): Promise<number[]> {
    return this.connection.insertNewRows(table, rows);
  }

  /**
   * Says which rows this transaction changes. Whoever follows the database's changes is told after the commit; when it is
   * rolled back, nobody is.
   * @param keys primary keys, or the leading columns of them where rows are many
   */
  announce(table: string, keys: Iterable<Key>): void {
    this.changes?.add(table, keys);
  }

  /**
   * Hands an item to work that is done last in this transaction, once for all its items, in the order in which they came:
   * what every writer has to pass one after the other is locked when nothing else is left to wait for.
   */
  atEnd<Item>(work: LastWork<Item>, item: Item): void {
    const items = this.last.get(work);
    if (items) items.push(item);
    else this.last.set(work, [item]);
  }

  /** Does what was left for the end. For whoever commits. */
  async finish(): Promise<void> {
    for (const [work, items] of this.last) await work(this, items as never[]);
    this.last.clear();
  }

  /** Locks the rows that a select of one table finds, in the order of the select: the same everywhere, so that nobody waits for each other. */
  async lockRows(table: string, select: Sql): Promise<void> {
    const { locks } = this.connection.dialect;
    if (locks) await this.run(locks.rows(table, select));
  }

  /** Keeps everybody else from changing a table. */
  async lockTable(name: string): Promise<void> {
    const { locks } = this.connection.dialect;
    if (locks) await this.run(locks.table(name));
  }

  /** Takes a lock that stands for more than rows. */
  async lock(name: keyof typeof namedLocks, mode: LockMode): Promise<void> {
    const { locks } = this.connection.dialect;
    if (locks) await this.run(locks.named(namedLocks[name], mode));
  }
}

import { DatabaseError, type Pool } from 'pg';
import sql, { raw, type Sql } from 'sql-template-tag';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { citusDialect, citusWriting, findDialect } from '../citus/citusDialect';
import { distributionColumn } from '../citus/placements';
import type { Connection, TableColumns } from '../core/connection';
import type { StatementListener } from '../core/database';
import { columnNames, compile, type Dialect, type Rows, selectRows } from '../core/dialect';
import {
  CommitUnanswered,
  ConnectionFailure,
  constraintFailureOf,
  isLost,
  isReadOnly,
  leavesCommitOpen,
  Unreached,
} from '../core/failures';
import { copyIn, copyText } from './copyIn';
import { postgresDialect } from './postgresDialect';
import type { HeardClient } from './postgresSource';
import type { Pulse, Waiting } from './pulse';
import { withoutNul } from './withoutNul';

/** How a transaction begins. */
export interface Begin {
  text: string;
  /** The longest that one of its statements may take. */
  answerWithinMs: number;
  /** Statements that go to the server in one message with the beginning, behind all else of it. */
  first?: string;
  /** Takes the rows that the last of them answers. What it throws ends the transaction. */
  takeFirst?(rows: readonly unknown[]): void;
}

/** What a pool lends. */
interface Lent {
  client: HeardClient;
  giveBack(): void;
  manager?: EntityManager;
}

/** Next to nothing is read: it takes a server that answers no time. */
const beginWithinMs = 5_000;
/** A lock is waited for, ten seconds at most. */
const beginLockingWithinMs = 15_000;

/** A connection of a pool, for as long as a transaction lasts. */
export class PostgresConnection implements Connection, Waiting {
  dialect: Dialect = postgresDialect;
  answerWithinMs = beginWithinMs;
  /** The server was silent for too long. */
  isBrokenOff = false;
  /** How many statements were answered, after the one that began the transaction. */
  answers = -1;
  /** What the first statements of the transaction have answered. */
  firstRows: readonly unknown[] = [];
  /** Goes to the server in one message with the commit. */
  lastStatement: string | undefined;
  /** The driver takes one statement at a time. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly lent: Lent,
    private readonly pulse: Pulse,
    private readonly onStatement: StatementListener | undefined,
  ) {}

  /** Takes one from TypeORM's pool, with TypeORM's manager. */
  static async ofSource(
    source: DataSource,
    pulse: Pulse,
    onStatement: StatementListener | undefined,
  ): Promise<PostgresConnection> {
    const runner = source.createQueryRunner();
    const client: HeardClient = await runner.connect().catch(failToConnect);
    const lent = { client, giveBack: () => void runner.release(), manager: runner.manager };
    const connection = new PostgresConnection(lent, pulse, onStatement);
    // Here everybody works inside a transaction; PostgreSQL would only warn, and commit half of the outer one.
    runner.startTransaction = async () => {
      throw new Error('a transaction is open already');
    };
    const query: (...given: Parameters<QueryRunner['query']>) => Promise<unknown> = runner.query.bind(runner);
    runner.query = ((...given: Parameters<QueryRunner['query']>) =>
      pulse.during(connection, () => query(...given))) as QueryRunner['query'];
    return connection;
  }

  /** Takes one from a pool of the driver. */
  static async ofPool(
    pool: Pool,
    pulse: Pulse,
    onStatement: StatementListener | undefined,
  ): Promise<PostgresConnection> {
    const client = await pool.connect().catch(failToConnect);
    const lent = { client: client as unknown as HeardClient, giveBack: () => client.release() };
    return new PostgresConnection(lent, pulse, onStatement);
  }

  get manager() {
    return this.lent.manager;
  }

  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    if (/^\s*(begin|start|commit|end|rollback|abort)\b/i.test(text)) {
      return Promise.reject(new Error('a transaction is open already'));
    }
    return this.send(text, values).then((result) => result.rows as Row[]);
  }

  async insertNewRows(target: TableColumns, rows: Rows): Promise<number[]> {
    const registry = this.dialect.registries[target.table];
    if (!registry) {
      const copies = this.dialect === postgresDialect && rows.length >= manyRowsToCopy;
      return copies ? this.copyFreeRows(target, rows) : this.insertFreeRows(target, rows);
    }
    // The keys go first: what the registry takes is free in the table, too.
    const { key } = registry;
    const names = Object.keys(target.columns);
    const places = [key, distributionColumn].map((name) => names.indexOf(name));
    const leftOut = await this.insertFreeRows(
      { table: registry.registry, columns: { [key]: 'uuid', [distributionColumn]: 'integer' }, key },
      rows.map((row) => places.map((place) => row[place])),
    );
    const taken = new Set(leftOut);
    const free = rows.filter((_row, place) => !taken.has(place));
    if (free.length > 0) await this.insertRows(target, free);
    return leftOut;
  }

  /**
   * Many rows, of which as a rule none is taken: COPY takes them in for half of what an insert costs that looks out for taken keys.
   * It gives up at the first one, sooner the more there are, and all begins again from there.
   */
  private async copyFreeRows(target: TableColumns, rows: Rows): Promise<number[]> {
    await this.send('savepoint copied', []);
    try {
      await this.submit(copyText(target), (client) => copyIn(client, target, rows));
      await this.send('release savepoint copied', []);
      return [];
    } catch (error) {
      if (constraintFailureOf(error)?.kind !== 'unique') throw error;
      await this.send('rollback to savepoint copied', []);
      return this.insertFreeRows(target, rows);
    }
  }

  private async insertRows({ table, columns }: TableColumns, rows: Rows): Promise<void> {
    // Where no key can be in the way, many rows are quickest as arrays, which Citus makes a COPY to each shard of.
    const source =
      rows.length > manyRows ? postgresDialect.selectRows(columns, rows) : selectRows(columns, rows);
    await this.execute(sql`insert into ${raw(table)} (${columnNames(columns)}) ${source}`);
  }

  private async insertFreeRows({ table, columns, key }: TableColumns, rows: Rows): Promise<number[]> {
    const inserted = await this.execute<{ key: unknown }>(
      sql`insert into ${raw(table)} (${columnNames(columns)}) ${selectRows(columns, rows)}
          on conflict do nothing returning ${raw(key)} as key`,
    );
    if (inserted.length === rows.length) return [];
    const keys = new Set(inserted.map((row) => row.key));
    const keyIndex = Object.keys(columns).indexOf(key);
    return [...rows.keys()].filter((place) => !keys.has(rows[place]?.[keyIndex]));
  }

  private execute<Row>(statement: Sql): Promise<Row[]> {
    const compiled = compile(statement, this.dialect);
    return this.query(this.dialect.textOf(compiled), compiled.values);
  }

  async begin({ text, answerWithinMs, first }: Begin): Promise<void> {
    const { client } = this.lent;
    this.dialect = await this.pulse
      .during(this, () => findDialect(client))
      .catch((error: unknown) => fail(error, client.brokenBy));
    const isReading = text.includes('read only');
    const writesOnCluster = this.dialect === citusDialect && !isReading;
    if (!isReading) this.answerWithinMs = beginLockingWithinMs;
    const whole = writesOnCluster ? text + citusWriting : text;
    // Of several statements the driver answers a list.
    const results = [await this.send(first ? `${whole}; ${first}` : whole, [])].flat();
    this.firstRows = results.at(-1)?.rows ?? [];
    this.answerWithinMs = answerWithinMs;
  }

  /**
   * @throws CommitUnanswered when the connection broke in the meantime, or the server did
   * @throws Error when a statement had failed, and what was done before it is rolled back
   */
  async commit(): Promise<void> {
    const text = this.lastStatement === undefined ? 'commit' : `${this.lastStatement}; commit`;
    // What has broken before takes no commit any more.
    const { brokenBy } = this.lent.client;
    // Of two statements the driver answers a list.
    const results = [
      await this.send(text, []).catch((error: unknown) => {
        throw leavesCommitOpen(error) && !brokenBy ? new CommitUnanswered(error) : error;
      }),
    ].flat();
    if (results.at(-1)?.command !== 'COMMIT')
      throw new Error('a statement failed, and the transaction was committed all the same');
  }

  /**
   * Ends the transaction, of which nothing is kept, and gives the connection back. One in an unknown state must not be
   * used again; nor one that only reads although it should write, for a new one may.
   */
  async abandon(failure?: unknown): Promise<void> {
    const isSound =
      !isLost(failure) &&
      !isReadOnly(failure) &&
      (await this.send('rollback', []).then(
        () => true,
        () => false,
      ));
    if (isSound) this.close();
    else this.destroy();
  }

  /** Gives the connection back; one that is broken is thrown away by the pool. */
  async close(): Promise<void> {
    this.lent.giveBack();
  }

  /** Throws the connection away, without waiting for a goodbye from a server that may be silent. */
  destroy(): void {
    const { client } = this.lent;
    // The pool does not take back what is about to end.
    client.end().catch(() => undefined);
    client.cut();
    this.lent.giveBack();
  }

  breakOff(): void {
    this.isBrokenOff = true;
    this.lent.client.cut(new Error('Connection broken off: the server does not answer'));
  }

  private send(text: string, values: readonly unknown[]) {
    return this.submit(text, (client) => client.query(text, values.map(withoutNul)));
  }

  /** Runs a statement when those before it have been answered. */
  private submit<Result>(text: string, query: (client: HeardClient) => Promise<Result>): Promise<Result> {
    this.onStatement?.(text);
    const { client } = this.lent;
    const send = () => query(client).catch((error: unknown) => fail(error, client.brokenBy));
    const sent = this.last.then(() => this.pulse.during(this, send));
    this.last = sent.then(
      () => {
        this.answers += 1;
      },
      () => undefined,
    );
    return sent;
  }
}

/** From here on, COPY's own statements and round trips are paid for many times over. */
const manyRowsToCopy = 2_000;
/** On a cluster, from here on a COPY to each shard takes less than rows that are written out. */
const manyRows = 150;

/** What the server says is handed on; everything else is a failure of the way to it, which tells best why it broke. */
function fail(error: unknown, brokenBy: Error | undefined): never {
  throw error instanceof DatabaseError ? error : new ConnectionFailure(brokenBy ?? error);
}

/** Whatever the server says to somebody who would like to connect, there is no connection. */
function failToConnect(error: unknown): never {
  throw error instanceof DatabaseError ? new ConnectionFailure(error) : new Unreached(error);
}

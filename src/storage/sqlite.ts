import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource, type Logger, type QueryRunner } from 'typeorm';
import type { Database, StatementListener } from './database';
import { translateFailure } from './failures';
import { migrations } from './migrations';
import { Snapshot, Transaction } from './transaction';
import { type InTransaction, WriteQueue, type WriteQueueLimits } from './writeQueue';

export interface SqliteOptions {
  /** Path of the database file; its folder is made where it is missing. */
  file: string;
  /** TypeORM entities of all features. */
  entities: (new () => object)[];
  onStatement?: StatementListener;
  writeQueueLimits?: WriteQueueLimits;
}

/** How long a statement waits for another process (a command beside the service) to finish its transaction. */
const lockTimeoutMs = 10_000;

/**
 * Opens a SQLite database, newest migrations applied: one connection that writes, behind the queue, and another that
 * can only read. TypeORM shares one connection for each SQLite DataSource, so overlapping transactions on one would
 * nest into each other, and reads on it would see what is not committed.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  mkdirSync(dirname(options.file), { recursive: true });
  const writing = await connect(options, false);
  await writing.runMigrations({ transaction: 'each' });
  const reading = await connect(options, true);
  const writer = writing.createQueryRunner();
  const reader = reading.createQueryRunner();

  const queue = new WriteQueue(inTransactionOn(writer), options.writeQueueLimits);
  const readInTurn = oneAtATime();
  return {
    write: (command, inputs) => queue.submit(command, inputs),
    // The driver is synchronous, so reads that overlap would gain nothing; in turn, each has its own snapshot.
    read: (work) => readInTurn(() => inSnapshot(reader, work)),
    get queueLength() {
      return queue.length;
    },
    async close() {
      await queue.idle();
      await reading.destroy();
      await writing.destroy();
    },
  };
}

async function connect(options: SqliteOptions, readonly: boolean): Promise<DataSource> {
  const source = new DataSource({
    type: 'better-sqlite3',
    database: options.file,
    readonly,
    timeout: lockTimeoutMs,
    entities: options.entities,
    migrations: readonly ? [] : migrations,
    migrationsTableName: 'migration',
    synchronize: false,
    logger: options.onStatement ? listeningLogger(options.onStatement) : 'advanced-console',
    logging: false,
    prepareDatabase(database: { pragma(text: string): unknown }) {
      if (!readonly) {
        database.pragma('journal_mode = WAL');
        // An acknowledged write survives a power cut. The driver is compiled to NORMAL, which only survives a crash.
        database.pragma('synchronous = FULL');
        // Pages are copied back to the database every 40 MB of log instead of every 4: registrations of many
        // caregivers touch the same pages again and again. In turn with the default, registerEvent gained 10 %.
        database.pragma('wal_autocheckpoint = 10000');
      }
      database.pragma('foreign_keys = ON');
      database.pragma('temp_store = MEMORY');
    },
  });
  try {
    return await source.initialize();
  } catch (error) {
    throw translateFailure(error);
  }
}

function inTransactionOn(writer: QueryRunner): InTransaction {
  let open = false;
  return async (work) => {
    // Queue and tests alone reach this; a transaction inside a transaction would commit half of the outer one.
    if (open) throw new Error('a transaction is open already');
    open = true;
    try {
      // IMMEDIATE takes the write lock at once, so that what was read inside stays true until the commit.
      await writer.query('begin immediate');
      const value = await work(new Transaction(writer));
      await writer.query('commit');
      return value;
    } catch (error) {
      // After some failures SQLite has rolled back by itself, and there is nothing left to roll back.
      await writer.query('rollback').catch(() => undefined);
      throw translateFailure(error);
    } finally {
      open = false;
    }
  };
}

async function inSnapshot<Value>(
  reader: QueryRunner,
  work: (snapshot: Snapshot) => Promise<Value>,
): Promise<Value> {
  try {
    await reader.query('begin');
    try {
      return await work(new Snapshot(reader));
    } finally {
      await reader.query('commit');
    }
  } catch (error) {
    throw translateFailure(error);
  }
}

/** Runs tasks one after the other, in the order in which they came. */
function oneAtATime(): <Value>(task: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

function listeningLogger(onStatement: StatementListener): Logger {
  const nothing = () => undefined;
  return {
    logQuery: (sqlText) => onStatement(sqlText),
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
}

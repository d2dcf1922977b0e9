import { DataSource, type QueryRunner } from 'typeorm';
import { OperatorError } from '../../errors';
import type { Connection, TableColumns } from '../core/connection';
import type { StatementListener } from '../core/database';
import type { Rows } from '../core/dialect';
import { translateFailure } from '../core/failures';
import type { Migration } from '../core/ownTables';
import { findFile, requireOneName } from './databaseFiles';
import { type PreparedStatement, runForEach } from './runForEach';
import { isServedByAnother } from './serviceLock';
import { insertOneText, sqliteDialect } from './sqliteDialect';

export interface SqliteConnectionOptions {
  /** Path of the database file. */
  file: string;
  /** TypeORM's declarations of tables. */
  entities: (new () => object)[];
  /** In the order in which they run. */
  migrations: readonly Migration[];
  onStatement?: StatementListener;
  /** For those who bring in millions of rows: more memory and a longer log, for fewer writes of the same pages. */
  bulk?: boolean;
}

/** What the driver gives behind TypeORM: one prepared statement can be run for many rows without its overhead. */
interface Driver {
  prepare(text: string): PreparedStatement;
}

/** The connection that writes, through a TypeORM DataSource; applies the migrations that are missing. */
export async function openWritingConnection(options: SqliteConnectionOptions): Promise<Connection> {
  requireOneName(options.file);
  // It has been made, empty, by now (see privateFiles.ts).
  const isNew = findFile(options.file)?.size === 0;
  const source = new DataSource({
    type: 'better-sqlite3',
    database: options.file,
    // SQLite would make one that others may read (see privateFiles.ts).
    fileMustExist: true,
    // A lock held by another process is waited for in inTransaction, without stopping the event loop.
    timeout: 0,
    entities: options.entities,
    migrations: [...options.migrations],
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
    prepareDatabase: (database: { pragma(text: string): unknown }) => {
      for (const pragma of options.bulk ? [...writingPragmas, ...bulkPragmas] : writingPragmas)
        database.pragma(pragma);
    },
  });
  try {
    await source.initialize();
    if (!isNew) await requireMayMigrate(source, options.file);
    await source.runMigrations({ transaction: 'each' });
  } catch (error) {
    if (source.isInitialized) await source.destroy().catch(() => undefined);
    throw translateFailure(error);
  }
  return new TypeormConnection(source, source.createQueryRunner(), options.onStatement);
}

/** A service that runs goes by the tables that it has found. */
async function requireMayMigrate(source: DataSource, file: string): Promise<void> {
  if (!(await source.showMigrations()) || !(await isServedByAnother(file))) return;
  throw new OperatorError(
    `The tables of ${file} must be brought up to date first, and a service is serving it: stop the service. Nothing was changed.`,
  );
}

/** Each has its reason in the comment beside it; they hold for every connection that writes. */
export const writingPragmas = [
  'journal_mode = WAL',
  // An acknowledged write survives a power cut. The driver is compiled to NORMAL, which only survives a crash.
  'synchronous = FULL',
  // Pages are copied back to the database by a thread (see checkpoints.ts); this is for the log that it does not keep up with.
  'wal_autocheckpoint = 100000',
  'foreign_keys = ON',
  // What is deleted or replaced is overwritten: a name that was erased is nowhere in the file.
  'secure_delete = ON',
  'temp_store = MEMORY',
] as const;

/** 32 MiB of pages in memory (more of them gained nothing at ten million events), and 400 MB of log. */
const bulkPragmas = ['cache_size = -32768'] as const;

class TypeormConnection implements Connection {
  readonly dialect = sqliteDialect;
  private readonly statements = new Map<string, PreparedStatement>();

  constructor(
    private readonly source: DataSource,
    private readonly runner: QueryRunner,
    private readonly onStatement: StatementListener | undefined,
  ) {}

  get manager() {
    return this.runner.manager;
  }

  async query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    this.onStatement?.(text);
    return this.runner.query(text, values as unknown[]);
  }

  async insertNewRows({ table, columns }: TableColumns, rows: Rows): Promise<number[]> {
    const text = insertOneText(table, columns);
    this.onStatement?.(text);
    let statement = this.statements.get(text);
    if (!statement) {
      const driver: Driver = await this.runner.connect();
      statement = driver.prepare(text);
      this.statements.set(text, statement);
    }
    return runForEach(statement, rows);
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

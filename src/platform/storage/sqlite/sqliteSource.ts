import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { OperatorError } from '../../errors';
import type { Snapshot } from '../core/transaction';
import { requireOneName } from './databaseFiles';
import { inSnapshot } from './sqlite';
import { ThreadedConnection } from './threadedConnection';

import openDatabase = require('better-sqlite3');

/** A SQLite database that is read and never changed, but for the id that it is known by, and its audit log. */
export interface SqliteSource {
  /** The same for ever, wherever the file lies. */
  id: string;
  /** The database at one moment. */
  snapshot: Snapshot;
}

/** The setting that holds the id of a database; it is made when it is first asked for. */
export const databaseIdSetting = 'database_id';

const lockTimeoutMs = 10_000;
/** A page is read once, so more memory for pages would gain nothing. */
const readingPragmas = ['temp_store = MEMORY'];

/**
 * Reads a SQLite database in one snapshot, while others may write it. Nothing is migrated, as opening it for the service
 * would do.
 * @param ownMigrations the names of this version's migrations
 * @param beforeReading done once the database is known to be one to read from, and before the snapshot is taken
 * @returns beside what the work answers whether somebody has written since the snapshot was taken; a checkpoint may look so
 * @throws OperatorError when it cannot be read, or its tables are not those of this version
 */
export async function readSqliteSource<Value>(
  file: string,
  ownMigrations: readonly string[],
  beforeReading: () => Promise<void>,
  work: (source: SqliteSource) => Promise<Value>,
): Promise<{ value: Value; writtenSince: boolean }> {
  const id = identify(file, ownMigrations);
  await beforeReading();
  const connection = new ThreadedConnection({ file, pragmas: readingPragmas, readonly: true }, undefined);
  const readVersion = async () => JSON.stringify(await connection.query('pragma data_version', []));
  try {
    let version = '';
    const value = await inSnapshot(connection, async (snapshot) => {
      version = await readVersion();
      return work({ id, snapshot });
    });
    return { value, writtenSince: (await readVersion()) !== version };
  } finally {
    await connection.close();
  }
}

/** Checks that the database is one to read from, and answers its id. */
function identify(file: string, ownMigrations: readonly string[]): string {
  if (!existsSync(file)) {
    throw new OperatorError(`There is no database ${file} to copy. Check DATABASE_URL.`);
  }
  requireOneName(file);
  try {
    const database = openDatabase(file, { fileMustExist: true, timeout: lockTimeoutMs });
    try {
      requireTables(database, file, ownMigrations);
      return readId(database);
    } finally {
      database.close();
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('SQLITE_')) throw error;
    throw new OperatorError(`Cannot copy ${file}: ${message} (${code}).`);
  }
}

function requireTables(database: openDatabase.Database, file: string, own: readonly string[]): void {
  if (!database.prepare(`select 1 from sqlite_schema where name = 'migration'`).get()) {
    throw new OperatorError(`${file} holds no tables of Caretally. Check DATABASE_URL.`);
  }
  const rows = database.prepare('select name from migration').all() as { name: string }[];
  const applied = new Set(rows.map(({ name }) => name));
  if (own.some((name) => !applied.has(name))) {
    throw new OperatorError(
      `The tables of ${file} are those of an earlier version. Bring them up to date first: npx caretally migrate`,
    );
  }
  if (applied.size > own.length) {
    throw new OperatorError(
      `The tables of ${file} are those of a later version. Copy them with that version.`,
    );
  }
}

function readId(database: openDatabase.Database): string {
  const select = database.prepare('select value from setting where name = ?');
  const stored = select.get(databaseIdSetting) as { value: string } | undefined;
  if (stored) return stored.value;
  database
    .prepare('insert into setting (name, value) values (?, ?) on conflict do nothing')
    .run(databaseIdSetting, randomUUID());
  return (select.get(databaseIdSetting) as { value: string }).value;
}

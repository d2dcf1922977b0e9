import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createOnCluster, distribute, dropOnCluster, onServer } from './cluster';

declare global {
  /** The engine that this run of a test file is on: each file runs on every engine, as package.json says. */
  var testEngine: 'sqlite' | 'postgres';
}

/** A database of a test's own. */
export interface TestDatabase {
  /** For DATABASE_URL. */
  readonly url: string;
  /** Makes it, empty, where a file would not come into being by itself. */
  create(): Promise<void>;
  drop(): Promise<void>;
}

/** Where the tests' databases lie on a Citus cluster (see cluster.ts). */
export const onCitus = testEngine === 'postgres' && Boolean(process.env.TEST_CITUS);

/** A database that does not exist yet. Its name is its own, also beside other processes. */
export function newDatabase(): TestDatabase {
  return testEngine === 'postgres' ? newPostgresDatabase() : newSqliteDatabase();
}

/** A database that exists for all tests of a file or `describe`. */
export function databaseForTests(): TestDatabase {
  const database = newDatabase();
  beforeAll(() => database.create());
  afterAll(() => database.drop());
  return database;
}

/** A SQLite file that a test makes and removes by itself, where it is about such files. */
export function sqliteFile(path: string): TestDatabase {
  return { url: `sqlite:${path}`, create: async () => undefined, drop: async () => undefined };
}

function newSqliteDatabase(): TestDatabase {
  const folder = temporaryFolder();
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    create: async () => undefined,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

function newPostgresDatabase(): TestDatabase {
  const { name, url } = newName();
  if (!onCitus) return plainDatabase(name, url);
  return {
    url,
    async create() {
      await createOnCluster(name);
      await distribute(url);
    },
    drop: () => dropOnCluster(name),
  };
}

/** A database of a PostgreSQL server that is not distributed, also where the others are. */
export function newPlainDatabase(): TestDatabase {
  const { name, url } = newName();
  return plainDatabase(name, url);
}

/** A database on every server of the cluster whose tables are not distributed yet. */
export function newClusterDatabase(): TestDatabase {
  const { name, url } = newName();
  return { url, create: () => createOnCluster(name), drop: () => dropOnCluster(name) };
}

function plainDatabase(name: string, url: string): TestDatabase {
  const server = process.env.TEST_POSTGRES_URL;
  return {
    url,
    create: () => onServer(server, `create database ${name} template template0 encoding 'UTF8'`),
    drop: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

function newName() {
  const name = `caretally_test_${randomBytes(8).toString('hex')}`;
  const url = new URL(process.env.TEST_POSTGRES_URL as string);
  url.pathname = `/${name}`;
  return { name, url: url.href };
}

/**
 * Runs statements as another program would. On SQLite that is a process of its own: one that closes a file loses the
 * locks that its other connections have on it.
 */
export async function runOn({ url }: TestDatabase, ...statements: string[]): Promise<void> {
  if (testEngine === 'postgres') return onServer(url, ...statements);
  const program = `const [file, ...statements] = process.argv.slice(1);
    const database = require('better-sqlite3')(file, { timeout: 10_000 });
    for (const statement of statements) database.exec(statement);`;
  await promisify(execFile)(process.execPath, ['-e', program, url.replace('sqlite:', ''), ...statements]);
}

/** A new folder below the system's folder for temporary files, or below another one. */
export function temporaryFolder(below = tmpdir()): string {
  return mkdtempSync(join(below, 'caretally-test-'));
}

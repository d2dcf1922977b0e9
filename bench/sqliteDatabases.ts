import Database = require('better-sqlite3');

import { constants, copyFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Databases } from './databases';

/** SQLite files in the folder of the run. */
export function sqliteDatabases(folder: string): Databases {
  const path = (name: string) => join(folder, name);
  const urlOf = (name: string) => `sqlite:${path(`${name}.db`)}`;
  return {
    engine: 'sqlite',
    create: async (name) => urlOf(name),
    async copy(url, name) {
      copyFileSync(fileOf(url), fileOf(urlOf(name)), constants.COPYFILE_FICLONE);
      return urlOf(name);
    },
    async remove(url) {
      for (const end of ['', '-wal', '-shm']) rmSync(fileOf(url) + end, { force: true });
    },
    bytes: async (url) => statSync(fileOf(url)).size,
    async connect(url) {
      const database = new Database(fileOf(url), { readonly: true });
      const prepared = new Map<string, Database.Statement>();
      return {
        async all(text, values = []) {
          const statement = prepared.get(text) ?? database.prepare(text);
          prepared.set(text, statement);
          statement.all(...values);
        },
        async close() {
          database.close();
        },
      };
    },
    settle: async () => undefined,
    path,
  };
}

/** The file of a database, for the sqlite3 tool. */
export function fileOf(url: string): string {
  return url.replace(/^sqlite:/, '');
}

import { OperatorError } from '../../errors';
import { Transaction } from '../core/transaction';
import { begin } from './sqlite';
import { writingPragmas } from './sqliteConnection';
import { ThreadedConnection } from './threadedConnection';

import openDatabase = require('better-sqlite3');

/**
 * Writes to a SQLite database in one transaction, without opening it as the service would: nothing is migrated. Where it has
 * no such table, being of an earlier version or no database of ours, nothing is done.
 * @throws OperatorError when it cannot be written
 */
export async function writeBeside(
  file: string,
  table: string,
  work: (tx: Transaction) => void | Promise<void>,
): Promise<void> {
  if (!hasTable(file, table)) return;
  const connection = new ThreadedConnection({ file, pragmas: writingPragmas, readonly: false }, undefined);
  try {
    await begin(connection);
    const tx = new Transaction(connection, undefined);
    await work(tx);
    await tx.finish();
    await connection.query('commit', []);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('SQLITE_')) throw error;
    throw new OperatorError(
      `Cannot write ${file}: ${message} (${code}). No copy is made that the audit log is not told of.`,
    );
  } finally {
    await connection.close();
  }
}

/** Of what is no database nobody can say; whoever reads it next says what is wrong with it. */
function hasTable(file: string, table: string): boolean {
  try {
    const database = openDatabase(file, { readonly: true, fileMustExist: true });
    try {
      return database.prepare('select 1 from sqlite_schema where name = ?').get(table) !== undefined;
    } finally {
      database.close();
    }
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('SQLITE_')) return false;
    throw error;
  }
}

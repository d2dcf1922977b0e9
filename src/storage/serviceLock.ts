import { accessSync, constants } from 'node:fs';
import { OperatorError } from '../errors';
import { cannotWrite, makeDatabaseFile, makeLockFile } from './privateFiles';

import openDatabase = require('better-sqlite3');

/** Nobody else uses the file beside the database, so whoever holds its lock means to keep it. */
const noWaitMs = 0;

/** Kept from being collected as garbage, which would release the lock. */
const held = new Set<openDatabase.Database>();

/**
 * Makes sure that one service at a time serves a SQLite database: two would not hear of each other's changes at once, and
 * would wait for each other's transactions. Commands beside it are welcome, and ask for no lock.
 *
 * What is locked is an empty database beside the file, `<file>.lock`. The lock ends with the process, however that ends,
 * and says nothing by being there.
 * @throws OperatorError when another service has it, or there can be none
 */
export function lockForService(file: string): void {
  const database = openLockFile(file);
  try {
    // Nothing is ever written, and no file is left that would tell how. The driver refuses to do without a journal.
    database.pragma('journal_mode = memory');
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if (!isTaken(error)) throw cannotWrite(file, error);
    throw new OperatorError(
      `Another service serves ${file} already. Stop it first, or give this one a database of its own: DATABASE_URL=sqlite:another.db`,
    );
  }
  held.add(database);
}

function openLockFile(file: string): openDatabase.Database {
  try {
    const path = makeDatabaseFile(file);
    // SQLite would open it for reading alone, and never find out when it can be written again.
    accessSync(path, constants.R_OK | constants.W_OK);
    makeLockFile(`${path}.lock`);
    return openDatabase(`${path}.lock`, { fileMustExist: true, timeout: noWaitMs });
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function isTaken(error: unknown): boolean {
  return /^SQLITE_BUSY/.test((error as { code?: string }).code ?? '');
}

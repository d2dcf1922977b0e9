import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../errors';

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
    // Nothing is ever written, and no file is left that would tell how.
    database.pragma('journal_mode = off');
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
    const path = realPathOf(file);
    // SQLite would open it for reading alone, and never find out when it can be written again.
    accessSync(path, constants.R_OK | constants.W_OK);
    return openDatabase(`${path}.lock`, { timeout: noWaitMs });
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** One name for one file, by whatever links and paths it is called. An empty file is a new database. */
function realPathOf(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) closeSync(openSync(file, 'a'));
  return realpathSync(file);
}

function isTaken(error: unknown): boolean {
  return /^SQLITE_BUSY/.test((error as { code?: string }).code ?? '');
}

function cannotWrite(file: string, error: unknown): OperatorError {
  const { code, message } = error as { code?: string; message: string };
  return new OperatorError(
    `Cannot write ${file}, or beside it (${code ?? message}). Check that the disk is neither full nor read-only, ` +
      'that the file and its folder belong to the user who runs this, and DATABASE_URL.',
  );
}

import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { OperatorError } from '../../errors';
import { requireOneName } from './databaseFiles';
import { cannotWrite, makeDatabaseFile, makeLockFile } from './privateFiles';

import openDatabase = require('better-sqlite3');

/** Nobody else uses the file beside the database, so whoever holds its lock means to keep it. */
const noWaitMs = 0;

/** What is locked, by the path of the database; kept from being collected as garbage, which would release the locks. */
const held = new Map<string, (openDatabase.Database | Server | undefined)[]>();

/**
 * Makes sure that one service at a time serves a SQLite database: two would not hear of each other's changes at once, and
 * would wait for each other's transactions. Commands beside it are welcome, and ask for no lock.
 *
 * What is locked is an empty database beside the file, `<file>.lock`, and on Linux a name that only the kernel knows, made
 * of the number of the file: that one is found by whatever name the file is called, and cannot be deleted. Both locks end
 * with the process, however that ends.
 * @throws OperatorError when another service has it, or there can be none
 */
export async function lockForService(file: string): Promise<void> {
  if (await takeLock(file)) return;
  throw new OperatorError(
    `Another service serves ${file} already. Stop it first, or give this one a database of its own: DATABASE_URL=sqlite:another.db`,
  );
}

/**
 * Keeps services from a SQLite database until the process ends, for a command that replaces what they rely on.
 * @param doing what the command is about to do, for the sentence
 * @throws OperatorError when one is serving it
 */
export async function lockAgainstServices(file: string, doing: string): Promise<void> {
  if (await takeLock(file)) return;
  throw new OperatorError(`A service is serving ${file}. Stop it before ${doing}. Nothing was changed.`);
}

/** Whether another process than this one serves a database. */
export async function isServedByAnother(file: string): Promise<boolean> {
  if (held.has(realpathSync(file))) return false;
  if (!(await takeLock(file))) return true;
  releaseLock(realpathSync(file));
  return false;
}

/** @returns false when somebody else has it */
async function takeLock(file: string): Promise<boolean> {
  const path = requireWritable(file);
  if (held.has(path)) return true;
  const beside = lockBeside(file, path);
  if (beside === undefined) return false;
  const inKernel = process.platform === 'linux' ? await lockInKernel(path) : undefined;
  if (inKernel === false) {
    beside.close();
    return false;
  }
  held.set(path, [beside, inKernel]);
  try {
    requireOneName(path);
  } catch (error) {
    releaseLock(path);
    throw error;
  }
  return true;
}

function releaseLock(path: string): void {
  for (const lock of held.get(path) ?? []) lock?.close();
  held.delete(path);
}

/** @returns undefined when somebody else has it */
function lockBeside(file: string, path: string): openDatabase.Database | undefined {
  let database: openDatabase.Database | undefined;
  try {
    makeLockFile(`${path}.lock`);
    database = openDatabase(`${path}.lock`, { fileMustExist: true, timeout: noWaitMs });
    // Nothing is ever written, and no file is left that would tell how. The driver refuses to do without a journal.
    database.pragma('journal_mode = memory');
    database.exec('begin exclusive');
    return database;
  } catch (error) {
    database?.close();
    if (isTaken(error)) return undefined;
    throw cannotWrite(file, error);
  }
}

/** A socket that nobody is to connect to. Its name begins with a zero, so that it stands in no folder. */
function lockInKernel(path: string): Promise<Server | false> {
  const { dev, ino } = statSync(path, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(`\0caretally ${dev} ${ino}`, () => resolve(server.unref()));
  });
}

/** @returns one name for one file, by whatever links and paths it is called */
function requireWritable(file: string): string {
  try {
    const path = makeDatabaseFile(file);
    // SQLite would open it for reading alone, and never find out when it can be written again.
    accessSync(path, constants.R_OK | constants.W_OK);
    return path;
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function isTaken(error: unknown): boolean {
  return /^SQLITE_BUSY/.test((error as { code?: string }).code ?? '');
}

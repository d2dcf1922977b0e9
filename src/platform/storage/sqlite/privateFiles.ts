import { closeSync, existsSync, lstatSync, mkdirSync, openSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { OperatorError } from '../../errors';
import { refuseLink, suffixesBeside } from './databaseFiles';

/**
 * What the service and its commands write is about people, so it is for its owner alone from its first moment on. Given
 * where a file is made; narrowed afterwards, somebody could have opened it before.
 */
export const privateFileMode = 0o600;
const privateFolderMode = 0o700;

/** Makes a folder, and those above it, where they are missing. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: privateFolderMode });
}

/**
 * Makes a SQLite database's folder and file where they are missing; an empty file is a new database.
 * @returns its one name, by whatever links and paths it is called
 * @throws OperatorError when it cannot be made
 */
export function makeDatabaseFile(file: string): string {
  try {
    makePrivateFolder(dirname(file));
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
      throw new OperatorError(`DATABASE_URL must name a file, and ${file} is a folder.`);
    }
    makePrivateFile(file);
    return realpathSync(file);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

/** Makes the empty file that a service holds its lock on, where there is none. */
export function makeLockFile(path: string): void {
  refuseLink(path);
  makePrivateFile(path);
}

/** Opens only what is not there: closing any handle of a file takes away all of the process's locks on it. */
function makePrivateFile(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', privateFileMode));
}

/** @returns for operators what is wrong; what is in words already stays as it is */
export function cannotWrite(file: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const { code, message } = error as { code?: string; message: string };
  return new OperatorError(
    `Cannot write ${file}, or beside it (${code ?? message}). Check that the disk is neither full nor read-only, ` +
      'that the file and its folder belong to the user who runs this, and DATABASE_URL.',
  );
}

/**
 * What of a SQLite database others than its owner may use: an earlier version, or somebody's hand, has made it so. Each in a
 * sentence with the command that mends it. Windows keeps rights in another way, and says the same of every file.
 */
export function findWideRights(file: string): string[] {
  if (process.platform === 'win32' || !existsSync(file)) return [];
  const path = realpathSync(file);
  const names = ['', ...suffixesBeside].map((suffix) => `${path}${suffix}`);
  return [...wideFolder(dirname(path)), ...names.flatMap(wideFile)];
}

function wideFile(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Links have no rights of their own. Where one leads to something that matters, it is refused, or looked at when it is read.
  if (!found || found.isSymbolicLink() || (found.mode & 0o077) === 0) return [];
  const { mode } = found;
  return [`Others than its owner may read or write ${path} ${mend(path, mode, privateFileMode)}`];
}

/** A folder of somebody else, or one for everybody such as /tmp, is not this user's to close. */
function wideFolder(path: string): string[] {
  const { mode, uid } = statSync(path);
  const own = process.getuid?.();
  const isForAll = (mode & 0o1000) !== 0;
  if ((mode & 0o077) === 0 || isForAll || (own !== 0 && own !== uid)) return [];
  return [`Others than its owner may use the folder ${path} ${mend(path, mode, privateFolderMode)}`];
}

function mend(path: string, mode: number, right: number): string {
  const word = /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return (
    `(mode ${(mode & 0o777).toString(8)}), which is for data about people. ` +
    `Take the rights away: chmod ${right.toString(8)} ${word}`
  );
}

import { closeSync, lstatSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { OperatorError } from '../../errors';

/** Which file a name stands for, whatever it is called. */
export interface Identity {
  dev: number;
  ino: number;
}

/** What SQLite keeps beside a database, and gives the rights of the database. */
const logSuffixes = ['-wal', '-shm', '-journal'] as const;

/** What lies beside a SQLite database under its name and belongs to it: its logs, its lock and its secret. */
export const suffixesBeside = [...logSuffixes, '.lock', '.secret'] as const;

/** The files that SQLite keeps beside a database of this name. */
export function logsOf(path: string): string[] {
  return logSuffixes.map((suffix) => `${path}${suffix}`);
}

/** How every file of SQLite begins. */
const beginning = Buffer.from('SQLite format 3\0');

/** What a name stands for, through links; undefined where nothing is there, or nothing that can be reached. */
export function findFile(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function isSameFile(found: Identity | undefined, other: Identity | undefined): boolean {
  return found !== undefined && found.ino === other?.ino && found.dev === other.dev;
}

/**
 * Refuses to open a database that has several names, or whose logs lie elsewhere: SQLite follows links in their place.
 * @throws OperatorError
 */
export function requireOneName(file: string): void {
  const found = findFile(file);
  if (!found) return;
  if (found.nlink > 1) {
    throw new OperatorError(
      `${file} is one of ${found.nlink} names of the same file (hard links). What is written last lies in a log beside it, under the ` +
        'name that it was opened by: by another name it would be missed, and the file broken. Let the database have one name.',
    );
  }
  const path = realpathSync(file);
  for (const log of logsOf(path)) refuseLink(log);
}

/** @throws OperatorError where the name is a symbolic link, through which something else would be written */
export function refuseLink(path: string, choose = 'choose another name'): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new OperatorError(
      `${path} is a symbolic link, and would have something else written. Remove the link, or ${choose}.`,
    );
  }
}

/** The database that a file of this name would belong to; undefined where there is none. */
export function databaseBeside(path: string): string | undefined {
  return suffixesBeside
    .filter((suffix) => path.endsWith(suffix))
    .map((suffix) => path.slice(0, -suffix.length))
    .find(isDatabase);
}

/** Files that this process has open as databases. To close any other handle of one would take away its locks. */
const openHere = new Set<string>();

export function noteOpen({ dev, ino }: Identity): void {
  openHere.add(`${dev} ${ino}`);
}

export function noteClosed({ dev, ino }: Identity): void {
  openHere.delete(`${dev} ${ino}`);
}

/** Whether there is a SQLite database. */
export function isDatabase(path: string): boolean {
  const found = findFile(path);
  if (!found?.isFile()) return false;
  if (openHere.has(`${found.dev} ${found.ino}`)) return true;
  const handle = openSync(path, 'r');
  try {
    const found = Buffer.alloc(beginning.length);
    readSync(handle, found, 0, found.length, 0);
    return found.equals(beginning);
  } finally {
    closeSync(handle);
  }
}

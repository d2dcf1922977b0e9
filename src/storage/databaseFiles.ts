import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { OperatorError } from '../errors';

/** Which file a name stands for, whatever it is called. */
export interface Identity {
  dev: number;
  ino: number;
}

/** What lies beside a SQLite database under its name and belongs to it: its logs, its lock and its secret. */
const suffixes = ['-wal', '-shm', '-journal', '.lock', '.secret'];

/** How every file of SQLite begins. */
const beginning = Buffer.from('SQLite format 3\0');

/**
 * Refuses to open a database by one of several names.
 * @throws OperatorError
 */
export function requireOneName(file: string): void {
  const links = statSync(file, { throwIfNoEntry: false })?.nlink ?? 1;
  if (links <= 1) return;
  throw new OperatorError(
    `${file} is one of ${links} names of the same file (hard links). What is written last lies in a log beside it, under the ` +
      'name that it was opened by: by another name it would be missed, and the file broken. Let the database have one name.',
  );
}

/**
 * Keeps a command from writing its output over a database, or over what belongs to one.
 * @throws OperatorError
 */
export function requireNoDatabase(path: string): void {
  requireNotBesideDatabase(path);
  if (isDatabase(path)) throw new OperatorError(`${path} is a database; choose another name.`);
}

/** The same for a command whose output is a database, and may replace one. */
export function requireNotBesideDatabase(path: string): void {
  for (const suffix of suffixes) {
    const base = path.slice(0, -suffix.length);
    if (path.endsWith(suffix) && isDatabase(base)) {
      throw new OperatorError(`${path} belongs to the database ${base}; choose another name.`);
    }
  }
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
function isDatabase(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
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

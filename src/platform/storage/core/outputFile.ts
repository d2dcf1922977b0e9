import { OperatorError } from '../../errors';
import { databaseBeside, findFile, isDatabase, refuseLink } from '../sqlite/databaseFiles';

/** How the sentences speak of an output. */
export interface OutputWords {
  /** What is written, with the name of the file. */
  what: string;
  /** How to have it written elsewhere. */
  choose: string;
}

/**
 * Looks, before anything is done, whether a command may write its output under this name, in the place of what is there.
 * Something other than a file would be taken away, and so would what a link leads to.
 * @param mayReplaceDatabase for a command whose output is a database itself
 * @throws OperatorError
 */
export function requireOutput(
  path: string,
  {
    words = wordsOf(path),
    mayReplaceDatabase = false,
  }: { words?: OutputWords; mayReplaceDatabase?: boolean } = {},
): void {
  const { choose } = words;
  try {
    const database = databaseBeside(path);
    if (database !== undefined) {
      throw new OperatorError(`${path} belongs to the database ${database}; ${choose}.`);
    }
    if (findFile(path)?.isFile() === false) {
      throw new OperatorError(`${path} is there already and is no file; ${choose}.`);
    }
    refuseLink(path, choose);
    if (!mayReplaceDatabase && isDatabase(path)) {
      throw new OperatorError(`${path} is a database; ${choose}.`);
    }
  } catch (error) {
    throw cannotWriteOutput(error, words);
  }
}

/** @returns for operators why an output could not be written; what is no failure of the file system as it is */
export function cannotWriteOutput(error: unknown, { what, choose }: OutputWords): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  return new OperatorError(
    `Cannot write ${what} (${code}). Check its folder, the rights to it and the room on the disk, or ${choose}.`,
  );
}

export function wordsOf(path: string): OutputWords {
  return { what: path, choose: 'choose another name' };
}

import { OperatorError } from '../errors';

import openDatabase = require('better-sqlite3');

/** 8 MB. Between two steps the event loop turns, so that the command can be stopped and shows how far it is. */
const defaultPagesInStep = 2_000;

/**
 * Copies a SQLite database as it is at this moment, while others write it.
 *
 * The online backup of SQLite begins anew whenever another process writes, and so never ends beside a busy service;
 * inside a transaction that reads it copies this one snapshot. In WAL mode nobody waits for it: writers go on into
 * the log, which can only not be reused before the copy is done.
 *
 * @param target a new or empty file; it is whole and on the disk when this resolves
 * @param onProgress told how many pages are copied, of how many
 * @returns the size of the copy in bytes
 * @throws OperatorError when SQLite cannot read the one or write the other
 */
export async function backupSqlite(
  source: string,
  target: string,
  onProgress: (pages: number, ofPages: number) => void,
  pagesInStep: number = defaultPagesInStep,
): Promise<number> {
  try {
    return await copySnapshot(source, target, onProgress, pagesInStep);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('SQLITE_')) throw error;
    throw new OperatorError(`Cannot copy ${source}: ${message} (${code}).`);
  }
}

async function copySnapshot(
  source: string,
  target: string,
  onProgress: (pages: number, ofPages: number) => void,
  pagesInStep: number,
): Promise<number> {
  const database = openDatabase(source, { readonly: true, fileMustExist: true });
  try {
    database.exec('begin');
    // A transaction takes its snapshot with its first read.
    database.prepare('select count(*) from sqlite_schema').get();
    const { totalPages } = await database.backup(target, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages - remainingPages, totalPages);
        return pagesInStep;
      },
    });
    return totalPages * (database.pragma('page_size', { simple: true }) as number);
  } finally {
    database.close();
  }
}

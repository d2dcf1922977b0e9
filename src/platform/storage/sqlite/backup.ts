import { closeSync, openSync, rmSync } from 'node:fs';
import { OperatorError } from '../../errors';
import { logsOf } from './databaseFiles';
import { findDamage } from './sqliteIntegrity';
import { findUnequalTable } from './sqliteTables';

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
 * The copy is checked before it is told to be one: row by row it is what was copied, and SQLite finds no damage in it. So a
 * database that is damaged itself is noticed, while older backups are still there.
 *
 * @param target a new or empty file; it is whole and on the disk when this resolves
 * @param onProgress told how many pages are copied, of how many
 * @returns the size of the copy in bytes
 * @throws OperatorError when SQLite cannot read the one or write the other, or the copy is not whole
 */
export async function backupSqlite(
  source: string,
  target: string,
  onProgress: (pages: number, ofPages: number) => void,
  pagesInStep: number = defaultPagesInStep,
): Promise<number> {
  try {
    const bytes = await copySnapshot(source, target, onProgress, pagesInStep);
    await requireUndamaged(source, target);
    return bytes;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (!code?.startsWith('SQLITE_')) throw error;
    if (code.startsWith('SQLITE_CORRUPT')) await requireUndamaged(source, target);
    throw new OperatorError(`Cannot copy ${source}: ${message} (${code}).`);
  } finally {
    // Who only reads a database leaves its empty log behind.
    for (const log of logsOf(target)) rmSync(log, { force: true });
  }
}

async function requireUndamaged(source: string, target: string): Promise<void> {
  const [damage] = await findDamage(target, 1);
  if (damage === undefined) return;
  throw new OperatorError(
    `No copy was made of ${source}: it would be damaged, as the database itself may be. ${damage} Look at the database with ` +
      'npx caretally verify, and keep the backups that you have.',
  );
}

async function copySnapshot(
  source: string,
  target: string,
  onProgress: (pages: number, ofPages: number) => void,
  pagesInStep: number,
): Promise<number> {
  const database = openDatabase(source, { readonly: true, fileMustExist: true });
  try {
    // For the comparison. Inside a transaction none can be attached.
    closeSync(openSync(target, 'a'));
    database.prepare('attach ? as copy').run(target);
    database.exec('begin');
    // A transaction takes its snapshot with its first read.
    database.prepare('select count(*) from sqlite_schema').get();
    const { totalPages } = await database.backup(target, {
      progress({ totalPages, remainingPages }) {
        onProgress(totalPages - remainingPages, totalPages);
        return pagesInStep;
      },
    });
    const unequal = await findUnequalTable(database, 'main', 'copy');
    if (unequal !== undefined) {
      throw new OperatorError(
        `No copy was made of ${source}: what was written to the disk differs in the table ${unequal}. Check the disk.`,
      );
    }
    return totalPages * (database.pragma('page_size', { simple: true }) as number);
  } finally {
    database.close();
  }
}

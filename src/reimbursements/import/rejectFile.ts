import { closeSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { type ErrorCode, OperatorError } from '../../platform/errors';
import { cannotWriteOutput, type OutputWords, requireOutput } from '../../platform/storage/core/outputFile';
import { findFile, isSameFile } from '../../platform/storage/sqlite/databaseFiles';
import { privateFileMode } from '../../platform/storage/sqlite/privateFiles';
import { csvLine } from '../../platform/values/csv';
import { type EventFileColumn, type EventFileLine, rejectColumns, requiredColumns } from './readEventFile';

/** A line that was not imported, and why. */
export interface RefusedLine {
  line: EventFileLine;
  code: ErrorCode;
  reason: string;
}

const firstColumns = [...rejectColumns, ...requiredColumns].join(',');

/**
 * Looks, before anything is read, whether refused lines can be written.
 * @throws OperatorError when the name is the input's, or belongs to something that is no reject file, or nothing can be
 *   written there
 */
export function requireRejectFile(path: string, input: string): void {
  const there = findFile(path);
  if (isSameFile(there, findFile(input))) {
    throw new OperatorError(
      `Refused lines cannot go to ${path}: that is the file to import. Choose another name with --rejects.`,
    );
  }
  requireOutput(path, { words: wordsOf(path) });
  try {
    if (there && there.size > 0 && !isRejectFile(path)) {
      throw new OperatorError(
        `${path} is there already and is no reject file; choose another name with --rejects, or remove it.`,
      );
    }
    // Opened for adding to it, which changes nothing of what it holds.
    closeSync(openSync(path, 'a', privateFileMode));
    if (!there) rmSync(path);
  } catch (error) {
    throw cannotWriteOutput(error, wordsOf(path));
  }
}

/** Removes what an earlier run refused: nothing is refused any more. */
export function removeRejectFile(path: string): void {
  try {
    if (isRejectFile(path)) rmSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotWriteOutput(error, wordsOf(path));
  }
}

/** By how it begins. */
function isRejectFile(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(firstColumns.length);
    readSync(file, start);
    return start.toString() === firstColumns;
  } finally {
    closeSync(file);
  }
}

function wordsOf(path: string): OutputWords {
  return { what: `refused lines to ${path}`, choose: 'choose another name with --rejects' };
}

/**
 * The reject file: each refused line's number, code and reason, and its cells as they were, in the order of the lines. Made
 * with its first line. It can be imported itself, once its lines are mended.
 */
export function createRejectFile(path: string) {
  let file: number | undefined;
  let next = 1;
  const waiting = new Map<number, RefusedLine[]>();

  function write(lines: RefusedLine[], columns: readonly EventFileColumn[]): void {
    if (lines.length === 0) return;
    lines.sort((left, right) => left.line.lineNumber - right.line.lineNumber);
    if (file === undefined) {
      // One of an earlier run may be open to more people than its owner.
      rmSync(path, { force: true });
      file = openSync(path, 'wx', privateFileMode);
      writeFileSync(file, csvLine([...rejectColumns, ...columns]));
    }
    const text = lines.map(({ line, code, reason }) =>
      csvLine([line.lineNumber, code, reason, ...columns.map((column) => line.cells[column])]),
    );
    writeFileSync(file, text.join(''));
  }

  return {
    /**
     * The refused lines of a piece of the file. Pieces may come in any order.
     * @param piece   counted from 1
     * @param columns those of the file, the same ones each time
     * @throws OperatorError when they cannot be written
     */
    add(piece: number, lines: RefusedLine[], columns: readonly EventFileColumn[]): void {
      waiting.set(piece, lines);
      for (let due = waiting.get(next); due; due = waiting.get(next)) {
        try {
          write(due, columns);
        } catch (error) {
          throw cannotWriteOutput(error, wordsOf(path));
        }
        waiting.delete(next);
        next += 1;
      }
    },
    close(): void {
      if (file !== undefined) closeSync(file);
    },
  };
}

import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import type { ErrorCode } from '../errors';
import { privateFileMode } from '../storage/privateFiles';
import { csvLine } from '../values/csv';
import { type EventFileLine, eventFileColumns } from './readEventFile';

/** A line that was not imported, and why. */
export interface RefusedLine {
  line: EventFileLine;
  code: ErrorCode;
  reason: string;
}

/**
 * The reject file: each refused line's number, code and reason, and its cells as they were, in the order of the lines. Made
 * with its first line.
 */
export function createRejectFile(path: string) {
  let file: number | undefined;
  let next = 1;
  const waiting = new Map<number, RefusedLine[]>();

  function write(lines: RefusedLine[]): void {
    if (lines.length === 0) return;
    if (file === undefined) {
      // One that lies there from before may be a wider one; and a link that comes in between is not followed.
      rmSync(path, { force: true });
      file = openSync(path, 'wx', privateFileMode);
      writeSync(file, csvLine(['line', 'code', 'reason', ...eventFileColumns]));
    }
    lines.sort((left, right) => left.line.lineNumber - right.line.lineNumber);
    const text = lines.map(({ line, code, reason }) =>
      csvLine([line.lineNumber, code, reason, ...eventFileColumns.map((column) => line.cells[column])]),
    );
    writeSync(file, text.join(''));
  }

  return {
    /**
     * The refused lines of a piece of the file. Pieces may come in any order.
     * @param piece counted from 1
     */
    add(piece: number, lines: RefusedLine[]): void {
      waiting.set(piece, lines);
      for (let due = waiting.get(next); due; due = waiting.get(next)) {
        write(due);
        waiting.delete(next);
        next += 1;
      }
    },
    close(): void {
      if (file !== undefined) closeSync(file);
    },
  };
}

import { closeSync, openSync, writeSync } from 'node:fs';
import type { ErrorCode } from '../errors';
import { csvLine } from '../values/csv';
import { type EventFileLine, eventFileColumns } from './readEventFile';

/** A line that was not imported, and why. */
export interface RefusedLine {
  line: EventFileLine;
  code: ErrorCode;
  reason: string;
}

/** The reject file: each refused line's number, code and reason, and its cells as they were. Made with its first line. */
export function createRejectFile(path: string) {
  let file: number | undefined;
  return {
    /** Lines of one piece of the file; they are written in their order. */
    add(lines: RefusedLine[]): void {
      if (lines.length === 0) return;
      if (file === undefined) {
        file = openSync(path, 'w');
        writeSync(file, csvLine(['line', 'code', 'reason', ...eventFileColumns]));
      }
      lines.sort((left, right) => left.line.lineNumber - right.line.lineNumber);
      const text = lines.map(({ line, code, reason }) =>
        csvLine([line.lineNumber, code, reason, ...eventFileColumns.map((column) => line.cells[column])]),
      );
      writeSync(file, text.join(''));
    },
    close(): void {
      if (file !== undefined) closeSync(file);
    },
  };
}

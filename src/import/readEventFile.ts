import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { OperatorError } from '../errors';
import { readRecords } from './readRecords';

/** The columns of an event file. */
export const eventFileColumns = ['id', 'caregiver', 'event_type', 'occurred_at'] as const;

/** A line of an event file: its cells, or why it cannot be read. */
export interface EventFileLine {
  /** From 1; of a record over several lines, the last. */
  lineNumber: number;
  cells: Record<(typeof eventFileColumns)[number], string>;
  problem?: string;
}

/** Some lines, and how much of the file had been read for them. */
export interface EventFilePart {
  lines: EventFileLine[];
  bytesRead: number;
}

/**
 * Reads a file of events, some lines at a time: CSV with a header line, or NDJSON (one JSON object a line).
 * @throws OperatorError when the file cannot be read or lacks a column
 */
export async function* readEventFile(path: string): AsyncGenerator<EventFilePart> {
  if (/\.(ndjson|jsonl)$/i.test(path)) yield* readNdjson(path);
  else if (/\.csv$/i.test(path)) yield* readCsv(path);
  else throw new OperatorError(`${path}: the name must end in .csv or .ndjson, which tells how to read it.`);
}

async function* readCsv(path: string): AsyncGenerator<EventFilePart> {
  const file = createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 });
  let header: Header | undefined;
  let lineNumber = 0;
  try {
    for await (const records of readRecords(file)) {
      const lines: EventFileLine[] = [];
      for (const record of records) {
        // The library could count the lines, at a quarter of its speed.
        lineNumber += 1 + lineBreaksIn(record);
        if (!header) header = readHeader(record, path);
        else if (record.length > 1 || record[0] !== '') lines.push(toLine(record, lineNumber, header));
      }
      yield { lines, bytesRead: file.bytesRead };
    }
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    file.destroy();
  }
}

function lineBreaksIn(record: readonly string[]): number {
  let count = 0;
  for (const cell of record) if (cell.includes('\n')) count += cell.split('\n').length - 1;
  return count;
}

/** Where each column stands, and how many there are. */
type Header = Record<(typeof eventFileColumns)[number], number> & { width: number };

function readHeader(names: string[], path: string): Header {
  const header = names.map((name) => name.toLowerCase());
  const missing = eventFileColumns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new OperatorError(
      `${path}: the first line must name the columns ${eventFileColumns.join(', ')}; ${missing.join(', ')} is missing.`,
    );
  }
  return {
    id: header.indexOf('id'),
    caregiver: header.indexOf('caregiver'),
    event_type: header.indexOf('event_type'),
    occurred_at: header.indexOf('occurred_at'),
    width: header.length,
  };
}

function toLine(record: readonly string[], lineNumber: number, header: Header): EventFileLine {
  const cells = {
    id: record[header.id] ?? '',
    caregiver: record[header.caregiver] ?? '',
    event_type: record[header.event_type] ?? '',
    occurred_at: record[header.occurred_at] ?? '',
  };
  if (record.length === header.width) return { lineNumber, cells };
  return {
    lineNumber,
    cells,
    problem: `the line has ${record.length} cells, and the header ${header.width}`,
  };
}

async function* readNdjson(path: string): AsyncGenerator<EventFilePart> {
  const file = createReadStream(path);
  const lines = createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
  let lineNumber = 0;
  try {
    for await (const text of lines) {
      lineNumber += 1;
      if (text.trim() === '') continue;
      yield { lines: [{ lineNumber, ...readObject(text) }], bytesRead: file.bytesRead };
    }
  } catch (error) {
    throw readFailure(path, error);
  }
}

function readObject(text: string): Omit<EventFileLine, 'lineNumber'> {
  const empty = { id: '', caregiver: '', event_type: '', occurred_at: '' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { cells: empty, problem: 'the line is not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { cells: empty, problem: 'the line is not a JSON object' };
  }
  const cells = { ...empty };
  for (const column of eventFileColumns) {
    const cell = (value as Record<string, unknown>)[column];
    if (typeof cell === 'string' || typeof cell === 'number') cells[column] = String(cell);
    else if (cell !== undefined && cell !== null)
      return { cells, problem: `${column} must be a text or a number` };
  }
  return { cells };
}

function readFailure(path: string, error: unknown): unknown {
  if (error instanceof OperatorError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith('CSV_')) return new OperatorError(`${path} is not proper CSV: ${message}`);
  return code === undefined ? error : new OperatorError(`Cannot read ${path} (${code}).`);
}

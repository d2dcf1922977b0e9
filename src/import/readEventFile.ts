import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import { OperatorError } from '../errors';

/** The columns of an event file. */
export const eventFileColumns = ['id', 'caregiver', 'event_type', 'occurred_at'] as const;

/** A line of an event file: its cells, or why it cannot be read. */
export interface EventFileLine {
  /** From 1; of a record over several lines, the last. */
  lineNumber: number;
  cells: Record<(typeof eventFileColumns)[number], string>;
  problem?: string;
}

/**
 * Reads a file of events, line by line: CSV with a header line, or NDJSON (one JSON object a line).
 * @throws OperatorError when the file cannot be read or lacks a column
 */
export async function* readEventFile(path: string): AsyncGenerator<EventFileLine> {
  if (/\.(ndjson|jsonl)$/i.test(path)) yield* readNdjson(path);
  else if (/\.csv$/i.test(path)) yield* readCsv(path);
  else throw new OperatorError(`${path}: the name must end in .csv or .ndjson, which tells how to read it.`);
}

async function* readCsv(path: string): AsyncGenerator<EventFileLine> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  // A pipe does not hand on the failures of the file.
  createReadStream(path)
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  let header: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (!header) {
        header = readHeader(record, path);
        continue;
      }
      const cells = Object.fromEntries(header.map((name, index) => [name, record[index] ?? '']));
      const problem =
        record.length === header.length
          ? undefined
          : `the line has ${record.length} cells, and the header ${header.length}`;
      yield { lineNumber: info.lines, cells: cells as EventFileLine['cells'], ...(problem && { problem }) };
    }
  } catch (error) {
    throw readFailure(path, error);
  }
}

function readHeader(names: string[], path: string): string[] {
  const header = names.map((name) => name.toLowerCase());
  const missing = eventFileColumns.filter((column) => !header.includes(column));
  if (missing.length > 0) {
    throw new OperatorError(
      `${path}: the first line must name the columns ${eventFileColumns.join(', ')}; ${missing.join(', ')} is missing.`,
    );
  }
  return header;
}

async function* readNdjson(path: string): AsyncGenerator<EventFileLine> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let lineNumber = 0;
  try {
    for await (const text of lines) {
      lineNumber += 1;
      if (text.trim() !== '') yield { lineNumber, ...readObject(text) };
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

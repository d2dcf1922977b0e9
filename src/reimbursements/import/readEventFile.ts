import { OperatorError } from '../../platform/errors';
import { unguardText } from '../../platform/values/csv';
import {
  isPlainInteger,
  JsonNumber,
  type JsonObject,
  JsonProblem,
  type JsonValue,
  parseJson,
} from '../../platform/values/json';
import { cellOf, columnName, readCsv, shortened } from './readCsv';
import { readLines } from './readLines';
import type { CsvRecord } from './readRecords';

/** The columns that an event file must have. */
export const requiredColumns = ['id', 'caregiver', 'event_type', 'occurred_at'] as const;

/** What an export has of each event that was registered, and a file written by hand has not. */
export const recordColumns = ['registered_at', 'amount', 'currency', 'reimbursed'] as const;

/** What a reject file says of each line, before the columns of the file. */
export const rejectColumns = ['line', 'code', 'reason'] as const;

/** All columns of an event file that mean anything. */
export const eventFileColumns = [...requiredColumns, 'late_reason', ...recordColumns] as const;
export type EventFileColumn = (typeof eventFileColumns)[number];

export type EventFileCells = Record<EventFileColumn, string>;

/** A line of an event file: its cells, or why it cannot be read. */
export interface EventFileLine {
  /** From 1; of a record over several lines, the last. */
  lineNumber: number;
  /** Empty where the line has none. */
  cells: EventFileCells;
  /** Whether the line says itself why the event came late, if only that there was no reason. */
  hasReason: boolean;
  problem?: string;
}

/** Some lines, and how much of the file had been read for them. */
export interface EventFilePart {
  /** Those that the file has. */
  columns: readonly EventFileColumn[];
  lines: EventFileLine[];
  bytesRead: number;
}

/**
 * Reads a file of events, some lines at a time: CSV with a header line, NDJSON (one JSON object a line), or a JSON list with
 * one object a line, as exports are written.
 * @throws OperatorError when the file cannot be read, is empty or lacks a column
 */
export function readEventFile(path: string): AsyncGenerator<EventFilePart> {
  if (/\.(ndjson|jsonl|json)$/i.test(path)) return readObjects(path, /\.json$/i.test(path));
  if (/\.csv$/i.test(path)) return readRows(path);
  throw new OperatorError(
    `${path}: the name must end in .csv or .ndjson (or in .json, for an export), which tells how to read it.`,
  );
}

async function* readRows(path: string): AsyncGenerator<EventFilePart> {
  for await (const { places: placeOf, width, records, bytesRead } of readCsv(path, requiredColumns)) {
    const columns = eventFileColumns.filter((column) => placeOf.has(column));
    const places = eventFileColumns.map((column) => placeOf.get(column));
    const [id, caregiver, eventType, occurredAt, lateReason, ...record] = places;
    const [registeredAt, amount, currency, reimbursed] = record;
    const hasReason = lateReason !== undefined;
    const read = isOfService(placeOf) ? unguardedCellOf : cellOf;
    const lines = records.map((row): EventFileLine => {
      const { line: lineNumber, cells: all, problem } = row;
      const cells = {
        id: read(row, id),
        caregiver: read(row, caregiver),
        event_type: read(row, eventType),
        occurred_at: read(row, occurredAt),
        late_reason: read(row, lateReason),
        registered_at: read(row, registeredAt),
        amount: read(row, amount),
        currency: read(row, currency),
        reimbursed: read(row, reimbursed),
      };
      if (problem !== undefined) return { lineNumber, cells, hasReason, problem };
      if (all.length === width) return { lineNumber, cells, hasReason };
      return {
        lineNumber,
        cells,
        hasReason,
        problem: `the line has ${all.length} cells, and the header ${width}`,
      };
    });
    yield { columns, lines, bytesRead };
  }
}

/** An export, or a reject file. Others may have an apostrophe before a sign because the text does. */
function isOfService(placeOf: ReadonlyMap<string, number>): boolean {
  return [recordColumns, rejectColumns].some((columns) => columns.every((column) => placeOf.has(column)));
}

/** A cell that this service has guarded against formulas. */
function unguardedCellOf(row: CsvRecord, place: number | undefined): string {
  const cell = cellOf(row, place);
  // Few cells have one, and it takes less to see that.
  return cell.includes("'") ? unguardText(cell) : cell;
}

async function* readObjects(path: string, isList: boolean): AsyncGenerator<EventFilePart> {
  let lineNumber = 0;
  let isEmpty = true;
  let isWhole = !isList;
  for await (const { text, faults, bytesRead } of readLines(path)) {
    const texts = text.split('\n');
    // Behind the last line end there is no line.
    if (texts.at(-1) === '') texts.pop();
    const lines: EventFileLine[] = [];
    for (const [place, line] of texts.entries()) {
      lineNumber += 1;
      const problem = faults.get(place);
      if (problem === undefined && line.trim() === '') continue;
      isEmpty = false;
      if (problem !== undefined) lines.push({ lineNumber, cells: noCells, hasReason: false, problem });
      else if (!isList) lines.push({ lineNumber, ...readObject(line) });
      else if (line.trim() === ']') isWhole = true;
      else if (line.trim() !== '[') lines.push({ lineNumber, ...readObject(line.replace(/,\s*$/, '')) });
    }
    // Each line may have keys of its own.
    yield { columns: eventFileColumns, lines, bytesRead };
  }
  if (isEmpty) {
    throw new OperatorError(
      `${path} is empty: it must have an object with the keys ${requiredColumns.join(', ')} on each line.`,
    );
  }
  if (!isWhole) {
    throw new OperatorError(
      `${path}, line ${lineNumber}: the file ends before its list does. It must be a JSON list with one object a line, as ` +
        'an export is; a part of it may be missing.',
    );
  }
}

const columnNames: ReadonlySet<EventFileColumn> = new Set(eventFileColumns);
const noCells: EventFileCells = Object.freeze(
  Object.fromEntries(eventFileColumns.map((column) => [column, ''])) as EventFileCells,
);

/** What is told of a line stands in the reject file, whose cells are best without commas and quotes. */
function readObject(text: string): Omit<EventFileLine, 'lineNumber'> {
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    const problem = `the line is not JSON (column ${error.column}: ${error.problem})`;
    return { cells: noCells, hasReason: false, problem };
  }
  if (!(value instanceof Map)) {
    return { cells: noCells, hasReason: false, problem: 'the line is not a JSON object' };
  }
  return readCells(value);
}

function readCells(object: JsonObject): Omit<EventFileLine, 'lineNumber'> {
  const cells = { ...noCells };
  const seen = new Set<string>();
  let problem: string | undefined;
  for (const [key, value] of object) {
    const column = columnName(key) as EventFileColumn;
    if (!columnNames.has(column)) continue;
    if (seen.has(column)) problem ??= `the column ${column} stands twice, in other letters`;
    seen.add(column);
    cells[column] = sourceOf(value);
    problem ??= problemOf(column, value);
  }
  return { cells, hasReason: seen.has('late_reason'), ...(problem !== undefined && { problem }) };
}

/** A value as the file has it. */
function sourceOf(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.source;
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}

/** Why a value cannot be what its column holds. */
function problemOf(column: EventFileColumn, value: JsonValue): string | undefined {
  if (value === null || typeof value === 'string') return undefined;
  if (column === 'reimbursed')
    return typeof value === 'boolean' ? undefined : `${column} must be true or false`;
  const mayBeNumber = column === 'caregiver' || column === 'event_type' || column === 'amount';
  if (!mayBeNumber) return `${column} must be a text`;
  if (!(value instanceof JsonNumber)) return `${column} must be a text or a number`;
  if (isPlainInteger(value)) return undefined;
  return (
    `${column} is the number ${shortened(value.source)}: a number must be a whole one in plain digits and at most ` +
    `${Number.MAX_SAFE_INTEGER}; write anything else as a text in quotes`
  );
}

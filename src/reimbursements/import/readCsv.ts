import { OperatorError } from '../../platform/errors';
import { readLines } from './readLines';
import { CsvProblem, type CsvRecord, readRecords } from './readRecords';

/** Some records of a CSV file with a header line. */
export interface CsvPart {
  /** Where each column stands, by its name as {@link columnName} writes it. */
  places: ReadonlyMap<string, number>;
  /** How many cells a record should have. */
  width: number;
  records: CsvRecord[];
  /** How much of the file had been read for them. */
  bytesRead: number;
}

/** A column by any spelling of its name that is understood: blanks around it and capitals do not matter. */
export function columnName(name: string): string {
  return name.trim().toLowerCase();
}

/**
 * Reads a CSV file, some records at a time, without the blank ones. Its cells are parted by commas, semicolons or tabs: by
 * what a line `sep=` says, or else what makes a header of the first line.
 * @param required the columns that must be there
 * @throws OperatorError when the file cannot be read, is empty, has no proper header or breaks the rules of CSV; what came
 *   before has been handed out by then
 */
export async function* readCsv(path: string, required: readonly string[]): AsyncGenerator<CsvPart> {
  let header: Pick<CsvPart, 'places' | 'width'> | undefined;
  const parts = readLines(path, { loneReturns: true });
  try {
    for await (const { records, bytesRead } of readRecords(parts, required.map(columnName))) {
      const filled: CsvRecord[] = [];
      for (const record of records) {
        if (record.problem === undefined && record.cells.every((cell) => cell === '')) continue;
        if (header) filled.push(record);
        else header = readHeader(record, required, path);
      }
      if (header) yield { ...header, records: filled, bytesRead };
    }
  } catch (error) {
    if (!(error instanceof CsvProblem)) throw error;
    throw new OperatorError(`${path}, line ${error.line}, column ${error.column}: ${error.problem}.`);
  }
  if (!header) throw new OperatorError(`${path} is empty: ${mustName(required)}.`);
}

/** A cell as the file has it; empty where it has none. */
export function cellOf({ cells }: CsvRecord, place: number | undefined): string {
  return place === undefined ? '' : (cells[place] ?? '');
}

function readHeader(
  { cells, line, problem }: CsvRecord,
  required: readonly string[],
  path: string,
): Pick<CsvPart, 'places' | 'width'> {
  if (problem !== undefined) throw new OperatorError(`${path}, line ${line}: ${problem}.`);
  const places = new Map<string, number>();
  for (const [place, cell] of cells.entries()) {
    const name = columnName(cell);
    if (places.has(name)) {
      throw new OperatorError(
        `${path}, line ${line}: the header names the column "${shortened(name)}" twice (as the ${ordinal(places.get(name) as number)} and ` +
          `the ${ordinal(place)}); name each column once.`,
      );
    }
    // Spreadsheets leave nameless columns behind the last one.
    if (name !== '') places.set(name, place);
  }
  const missing = required.filter((name) => !places.has(columnName(name)));
  if (missing.length > 0) {
    throw new OperatorError(`${path}: ${mustName(required)}; ${missing.join(', ')} is missing.`);
  }
  return { places, width: cells.length };
}

function mustName(required: readonly string[]): string {
  return `the first line must name the columns ${required.join(', ')}`;
}

function ordinal(place: number): string {
  const number = place + 1;
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(isTeen ? undefined : ['th', 'st', 'nd', 'rd'][number % 10]) ?? 'th'}`;
}

/** As much of a text as a sentence takes. */
export function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}

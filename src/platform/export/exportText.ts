import type { TextPage } from '../storage/core/dialect';
import { readTextPage } from '../storage/core/textInSql';
import type { Snapshot } from '../storage/core/transaction';
import type { ExportTable, Stretch } from './exportTable';
import { type FormatName, formats } from './formats';

/** Half a megabyte of CSV, one and a half of JSON; no more than two pages are in memory at a time. */
const pageRows = 5_000;

/**
 * The text of an export, a page at a time: it is made as fast as it is taken.
 * @param onProgress told of the number of rows so far
 */
export async function* exportText(
  snapshot: Snapshot,
  table: ExportTable,
  formatName: FormatName,
  onProgress: (rows: number) => void = () => undefined,
): AsyncGenerator<string> {
  const { begin, line, separator, end, finish = (lines) => lines } = formats[formatName];
  const { source, cursor, lastFirst } = table;
  const lines = { source, line: line(table), separator, cursor, lastFirst };
  let text = begin(table);
  let rows = 0;
  for (const stretch of table.stretches) {
    for await (const page of readPages(snapshot, stretch, lines)) {
      text += (rows === 0 ? '' : separator) + finish(page.text);
      rows += page.rows;
      yield text;
      text = '';
      onProgress(rows);
    }
  }
  yield text + end(table);
}

/** Reads a stretch to its end: while one page is sent, the thread reads the next. */
async function* readPages(snapshot: Snapshot, stretch: Stretch, lines: Omit<TextPage, 'page'>) {
  const readPage = (after: unknown) => {
    const reading = readTextPage(snapshot, { page: stretch.page(pageRows, after), ...lines });
    // Whoever stops before the end waits neither for the next page nor for its failure.
    reading.catch(() => undefined);
    return reading;
  };
  for (let reading = readPage(undefined), isLast = false; !isLast; ) {
    const page = await reading;
    if (!page) return;
    isLast = page.rows < pageRows;
    if (!isLast) reading = readPage(page);
    yield page;
  }
}

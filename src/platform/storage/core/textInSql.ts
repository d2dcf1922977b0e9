import { join, raw, type Sql } from 'sql-template-tag';
import { fragment, type InText, type TextPage } from './dialect';
import type { Snapshot } from './transaction';

/**
 * Rows that leave the database as text, ready to be sent: SQLite puts the lines together in the reader's thread, and the
 * thread that answers everybody else is left in peace. 272,099 rows of a report as CSV, in turn: as objects 0.98 s, 0.41 s
 * of them in the main thread; as one JSON text a page, read there and made into lines, 0.40 and 0.26 s; as finished lines
 * 0.52 and 0.07 s, with as much work for the processor as JSON and half of what objects take.
 * @returns the lines of a page, how many they are, and beside them the cursor's columns; undefined when there are none
 */
export function readTextPage(
  snapshot: Snapshot,
  page: TextPage,
): Promise<{ text: string; rows: number } | undefined> {
  return snapshot.one(fragment((dialect) => dialect.textPage(page)));
}

/** Expressions over a column, as {@link InText} describes them. */
export const inSql = {
  number: (value: Sql) => fragment(({ inText }) => inText.number(value)),
  month: (month: Sql) => fragment(({ inText }) => inText.month(month)),
  dateTime: (instantMs: Sql) => fragment(({ inText }) => inText.dateTime(instantMs)),
  uuid: (uuid: Sql) => fragment(({ inText }) => inText.uuid(uuid)),
  csvText: (text: Sql) => fragment(({ inText }) => inText.csvText(text)),
  jsonText: (text: Sql) => fragment(({ inText }) => inText.jsonText(text)),
} as const satisfies InText;

/** Pieces of SQL that each answer text, one behind the other; constants are given by {@link literal}. */
export function joined(pieces: readonly Sql[]): Sql {
  return join(pieces, ' || ');
}

export function literal(text: string): Sql {
  return raw(`'${text.replaceAll("'", "''")}'`);
}

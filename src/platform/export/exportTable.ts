import type { Sql } from 'sql-template-tag';

/** What there is to export, whatever the format: named columns over a list that is read by keyset pages. */
export interface ExportTable {
  /** What the whole is called, where the format names it. */
  readonly name: string;
  /** What one row is called. */
  readonly rowName: string;
  readonly columns: readonly Column[];
  /** The list in parts that follow one another, each read page by page to its end. */
  readonly stretches: readonly Stretch[];
  /** A page's rows, called `page` here, under a short name and with what is joined to them. */
  readonly source: Sql;
  /** The columns of `page` that make a cursor for the next one. */
  readonly cursor: Sql;
  /** The order of the list turned round, so that the last row of a page comes first. */
  readonly lastFirst: Sql;
}

export interface Stretch {
  /** A select of so many rows behind the cursor, or from the beginning. */
  page(first: number, after: unknown): Sql;
}

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** An expression over the source; it may be null. */
  readonly value: Sql;
}

/**
 * - `text` is typed by people and may hold anything;
 * - `code` is text that the service makes, such as a month or a UUID: it needs no care in any format;
 * - `boolean` is the word true or false.
 */
export type ColumnKind = 'number' | 'boolean' | 'code' | 'text';

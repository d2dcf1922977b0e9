import sql, { type Sql } from 'sql-template-tag';

/**
 * What SQLite says in words of its own. Everything else in the statements of this project is common SQL.
 * Lists travel as one JSON parameter each, so that a statement's text, and with it its prepared plan, stays the same
 * for any number of values.
 */

/** `column in (…)` for a list of integers or texts. */
export function listOf(values: readonly (number | string)[]): Sql {
  return sql`(select value from json_each(${JSON.stringify(values)}))`;
}

/** `column in (…)` for a list of UUIDs. */
export function uuidListOf(uuids: readonly string[]): Sql {
  return sql`(select unhex(value, '-') from json_each(${JSON.stringify(uuids)}))`;
}

/** A UUID as it is stored: 16 bytes instead of 36. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** A stored UUID as text. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export type ColumnType = 'integer' | 'text' | 'uuid';

/** Column names with their types, in the order of the values in a row. */
export type Columns = Readonly<Record<string, ColumnType>>;

/**
 * Rows given as JSON, as a source to select from: `select … from json_each(?)` with one expression a column, in the
 * order of the columns. UUIDs are given as text.
 */
export function selectRows(columns: Columns, rows: readonly (readonly unknown[])[]): Sql {
  let text = '';
  Object.values(columns).forEach((type, index) => {
    const value = `value ->> ${index}`;
    text += `${index === 0 ? '' : ', '}${type === 'uuid' ? `unhex(${value}, '-')` : value}`;
  });
  // SQLite takes "on" after a select for a join's condition unless there is a where before it.
  return sql([`select ${text} from json_each(`, ') where true'], JSON.stringify(rows));
}

/** Turns the values of rows into what is bound, in place: UUIDs become bytes. */
export function bindRows(columns: Columns, rows: readonly unknown[][]): void {
  const uuidPlaces = Object.values(columns).flatMap((type, index) => (type === 'uuid' ? [index] : []));
  for (const row of rows) for (const place of uuidPlaces) row[place] = uuidBytes(row[place] as string);
}

import sql, { join, raw, type Sql } from 'sql-template-tag';
import { uuidOf } from '../storage/core/dialect';
import type { Table } from '../storage/core/table';
import { inSql } from '../storage/core/textInSql';
import type { Snapshot } from '../storage/core/transaction';

/** A row by its columns; UUIDs are text. */
export type Row = Readonly<Record<string, unknown>>;

/** What differs among the rows of a page. */
export interface RowDifferences {
  /** How many rows of the source were compared. */
  compared: number;
  /** Rows that the source alone has. */
  missing: Row[];
  /** Rows that both have, with other values: as the source has them, and as the target does. */
  changed: { row: Row; found: Row }[];
  /** Rows that the target alone has. */
  extra: Row[];
}

/** A part of a large table: a range of its first key column, both ends included, and of time, the second one excluded. */
export interface Stretch {
  from: number;
  to: number;
  times?: { fromMs: number; toMs: number };
}

const pageRows = 5_000;

/**
 * Compares the rows of a table, or of a stretch of it, in the order of the key, page by page: no more than two pages of
 * the source are in memory, one of which is read while the other is worked on.
 */
export async function* compareRows(
  source: Snapshot,
  target: Snapshot,
  table: Table,
  stretch?: Stretch,
): AsyncGenerator<RowDifferences> {
  const readPage = (after: Row | undefined) => {
    const reading = source.all<Row>(selectRange(table, stretch, after, undefined, pageRows));
    // Whoever stops before the end waits neither for the next page nor for its failure.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = readPage(undefined);
  for (let after: Row | undefined, isLast = false; !isLast; ) {
    const rows = await reading;
    isLast = rows.length < pageRows;
    const upTo = isLast ? undefined : rows.at(-1);
    if (upTo) reading = readPage(upTo);
    const found = await target.all<Row>(selectRange(table, stretch, after, upTo));
    yield differencesOf(table, rows, found);
    after = upTo;
  }
}

function differencesOf(table: Table, rows: readonly Row[], found: readonly Row[]): RowDifferences {
  // The first time that a table goes over, nothing need be looked up.
  if (found.length === 0) return { compared: rows.length, missing: [...rows], changed: [], extra: [] };
  const names = Object.keys(table.columns);
  const keyOf = (row: Row) => JSON.stringify(table.key.map((name) => row[name]));
  const others = new Map(found.map((row) => [keyOf(row), row]));
  const missing: Row[] = [];
  const changed: RowDifferences['changed'] = [];
  for (const row of rows) {
    const key = keyOf(row);
    const other = others.get(key);
    if (!other) missing.push(row);
    else {
      others.delete(key);
      if (names.some((name) => row[name] !== other[name])) changed.push({ row, found: other });
    }
  }
  return { compared: rows.length, missing, changed, extra: [...others.values()] };
}

/** The rows behind one row and up to another, as far as they are given, in the order of the key. */
function selectRange(
  table: Table,
  stretch: Stretch | undefined,
  after: Row | undefined,
  upTo: Row | undefined,
  most?: number,
): Sql {
  const columns = Object.entries(table.columns).map(([name, type]) =>
    type === 'uuid' ? sql`${inSql.uuid(raw(name))} as ${raw(name)}` : raw(name),
  );
  const key = raw(`(${table.key.join(', ')})`);
  const conditions = [
    ...(table.which ? [table.which] : []),
    ...(stretch ? conditionsOf(table, stretch, after) : []),
    ...(after ? [sql`${key} > ${keyValues(table, after)}`] : []),
    ...(upTo ? [sql`${key} <= ${keyValues(table, upTo)}`] : []),
  ];
  // With the table's name in front, for a UUID is selected as text under its column's name.
  const order = raw(table.key.map((name) => `${table.table}.${name}`).join(', '));
  const limit = most === undefined ? raw('') : sql`limit ${most}`;
  return sql`select ${join(columns, ', ')} from ${raw(table.table)} where ${allOf(conditions)} order by ${order} ${limit}`;
}

/** Behind a row of the stretch its beginning is left out: SQLite would begin there for every page. */
function conditionsOf(table: Table, { from, to, times }: Stretch, after: Row | undefined): Sql[] {
  const column = raw(table.slices?.column as string);
  const time = raw(table.slices?.time ?? 'null');
  const begin = [
    from === to ? sql`${column} = ${from}` : sql`${column} >= ${from}`,
    ...(times ? [sql`${time} >= ${times.fromMs}`] : []),
  ];
  const end = [sql`${column} <= ${to}`, ...(times ? [sql`${time} < ${times.toMs}`] : [])];
  return [...(after ? [] : begin), ...end];
}

function keyValues({ key, columns }: Table, row: Row): Sql {
  const values = key.map((name) =>
    columns[name] === 'uuid' ? uuidOf(row[name] as string) : sql`${row[name]}`,
  );
  return sql`(${join(values, ', ')})`;
}

function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? raw('true') : join(conditions, ' and ');
}

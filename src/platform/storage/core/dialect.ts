import sql, { raw, Sql } from 'sql-template-tag';
import type { KeyRegistry } from '../citus/placements';

/**
 * What databases say in words of their own. Features write common SQL with fragments from here among its values; a
 * fragment becomes text when the statement is run, on the connection that runs it. So nobody above storage knows the
 * engine, and one statement can be made before it is known where it will run.
 *
 * Lists travel as one parameter each, or one a column, so that a statement's text, and with it its prepared plan,
 * stays the same for any number of values.
 */
export interface Dialect {
  /** The text that the driver takes, with its own placeholders, for a statement without fragments. */
  textOf(statement: Sql): string;
  list(type: ColumnType, values: readonly (number | string)[]): Sql;
  isAmong(column: Sql, integers: readonly number[]): Sql;
  uuid(uuid: string): Sql;
  selectRows(columns: Columns, rows: Rows): Sql;
  contains(column: Sql, part: string): Sql;
  /** A condition that follows from others, where the planner needs it to begin a scan of an index in the middle. */
  implied(condition: Sql): Sql;
  /** An order that a subquery has already, where the filter around it may lose it. */
  keptOrder(order: Sql): Sql;
  /** Whether what stands behind `limit` may be computed by a subquery. */
  readonly computesLimits: boolean;
  /** Where unique keys are kept apart from their tables: the registry of each, by its table. */
  readonly registries: Readonly<Record<string, KeyRegistry>>;
  /** Joins two tables of which the first leads: for each of its rows, in their order, the second is looked up. */
  readonly leadingJoin: Sql;
  /** Joins a table that is looked up by its key for each row of the one before, however many there are. */
  lookUp(table: string, alias: string, on: Sql): Sql;
  /** The database's own clock, in milliseconds since 1970, as an integer. */
  readonly nowMs: Sql;
  readonly inText: InText;
  readonly inNumber: InNumber;
  textPage(page: TextPage): Sql;
  /** Locks that hold until the transaction ends; undefined where one transaction at a time writes anyway. */
  readonly locks: Locks | undefined;
}

/** An integer has up to 53 bits; a flag is 0 or 1. */
export type ColumnType = 'integer' | 'flag' | 'text' | 'uuid';

/** Column names with their types, in the order of the values in a row. */
export type Columns = Readonly<Record<string, ColumnType>>;
export type Rows = readonly (readonly unknown[])[];

/** Statements that take a lock, and wait for it. */
export interface Locks {
  /** Those of one table that a select finds. */
  rows(table: string, select: Sql): Sql;
  table(name: string): Sql;
  named(key: number, mode: LockMode): Sql;
}

/** Shared locks go together; an exclusive one goes alone. */
export type LockMode = 'shared' | 'exclusive';

/** Expressions that make text of a column. What is null stays null. */
export interface InText {
  number(value: Sql): Sql;
  /** `2026-03` for 202603. */
  month(month: Sql): Sql;
  /** `2026-03-01T13:30:00.000Z` for milliseconds since 1970. */
  dateTime(instantMs: Sql): Sql;
  uuid(uuid: Sql): Sql;
  /**
   * A cell of CSV, in quotes as in RFC 4180, guarded against formulas as `guardText` in `values/csv.ts` does it.
   */
  csvText(text: Sql): Sql;
  jsonText(text: Sql): Sql;
}

/** Expressions that make a number of a column, the same one on every engine. What is null stays null. */
export interface InNumber {
  /** The code point of a text's first character; null for an empty text. */
  firstCharacter(text: Sql): Sql;
  /** The last 32 bits, which are random in UUIDs of every version. */
  endOfUuid(uuid: Sql): Sql;
}

/** A page of rows that leaves the database as text. */
export interface TextPage {
  /** A select of the page's rows, ordered and limited. */
  page: Sql;
  /** What stands behind "from": `page` first, and what is joined to it without losing or doubling its rows. */
  source: Sql;
  /** The text of one row of the source. */
  line: Sql;
  separator: string;
  /** Columns of the page that tell where the next one begins, and the order that puts the last row first. */
  cursor: Sql;
  lastFirst: Sql;
}

/** A value in a statement that stands for a piece of SQL, which depends on the engine. */
export class Fragment {
  constructor(readonly render: (dialect: Dialect) => Sql) {}
}

/** Puts the fragments of a statement in their places; they may hold others. */
export function compile(statement: Sql, dialect: Dialect): Sql {
  let compiled = statement;
  while (compiled.values.some(isFragment)) {
    compiled = new Sql(
      compiled.strings,
      compiled.values.map((value) => (isFragment(value) ? value.render(dialect) : value)),
    );
  }
  return compiled;
}

function isFragment(value: unknown): value is Fragment {
  return value instanceof Fragment;
}

/** Wraps a fragment, so that it can stand wherever a piece of SQL can. */
export function fragment(render: (dialect: Dialect) => Sql): Sql {
  return sql`${new Fragment(render)}`;
}

/** `column in ${…}` for a list of integers. */
export function listOf(integers: readonly number[]): Sql {
  return fragment((dialect) => dialect.list('integer', integers));
}

/**
 * Whether a column is one of these, looked at row by row. PostgreSQL may begin with the list of an `in`, and read the
 * whole table for it.
 */
export function isAmong(column: Sql, integers: readonly number[]): Sql {
  return fragment((dialect) => dialect.isAmong(column, integers));
}

/** `column in ${…}` for a list of texts. */
export function textListOf(texts: readonly string[]): Sql {
  return fragment((dialect) => dialect.list('text', texts));
}

/** `column in ${…}` for a list of UUIDs. */
export function uuidListOf(uuids: readonly string[]): Sql {
  return fragment((dialect) => dialect.list('uuid', uuids));
}

/** A UUID as a value. */
export function uuidOf(uuid: string): Sql {
  return fragment((dialect) => dialect.uuid(uuid));
}

/** Rows as a source to select from, or to insert; UUIDs are given as text. */
export function selectRows(columns: Columns, rows: Rows): Sql {
  return fragment((dialect) => dialect.selectRows(columns, rows));
}

/** Whether a column contains this text. */
export function contains(column: Sql, part: string): Sql {
  return fragment((dialect) => dialect.contains(column, part));
}

/**
 * A condition that follows from the others of its statement. PostgreSQL would read an index from its beginning without
 * it; SQLite finds its way, and would take it for a better one.
 */
export function implied(condition: Sql): Sql {
  return fragment((dialect) => dialect.implied(condition));
}

/**
 * An `order by` that the subquery below has already. PostgreSQL may lose it on the way through a filter by a list; SQLite
 * keeps it, and would sort once more.
 */
export function keptOrder(order: Sql): Sql {
  return fragment((dialect) => dialect.keptOrder(order));
}

/** A query whose limits are computed by subqueries; where that cannot be, another one that answers the same. */
export function withComputedLimits(query: Sql, otherwise: Sql): Sql {
  return fragment(({ computesLimits }) => (computesLimits ? query : otherwise));
}

/** Stands between two tables in place of `join`, where the first leads. */
export const leadingJoin: Sql = fragment((dialect) => dialect.leadingJoin);

/**
 * Joins a table that is looked up for each row of the one before. PostgreSQL does not see how few rows a range of times has,
 * and would read the whole table.
 */
export function lookUp(table: string, alias: string, on: Sql): Sql {
  return fragment((dialect) => dialect.lookUp(table, alias, on));
}

/** The database's own clock, in milliseconds since 1970: one for all instances of the service. */
export const nowMs: Sql = fragment((dialect) => dialect.nowMs);

/** A stored UUID as text: 16 bytes or, from databases that know the type, text already. */
export function uuidText(stored: Uint8Array | string): string {
  if (typeof stored === 'string') return stored;
  const hex = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Columns of a table, as they stand in its insert. */
export function columnNames(columns: Columns): Sql {
  return raw(Object.keys(columns).join(', '));
}

import sql, { join, raw, type Sql } from 'sql-template-tag';
import type { Columns, ColumnType, Dialect, Rows } from '../core/dialect';

/**
 * PostgreSQL's own words. Lists travel as arrays, rows as one array a column, which Citus takes, too. Texts are compared
 * and ordered byte by byte because their columns are declared with collate "C", as SQLite does it.
 */
export const postgresDialect: Dialect = {
  // Where nothing else tells a number's type, PostgreSQL would take the parameter for text.
  textOf({ strings, values }) {
    let text = strings[0] as string;
    for (const [index, value] of values.entries()) {
      text += `$${index + 1}${typeof value === 'number' ? '::bigint' : ''}${strings[index + 1]}`;
    }
    return text;
  },

  list: (type, values) => sql`(select unnest(${arrayOf(type, values)}))`,
  isAmong: (column, integers) => sql`${column} = any(${arrayOf('integer', integers)})`,
  uuid: (uuid) => sql`${uuid}::uuid`,
  selectRows: (columns, rows) => sql`select * from ${unnest(columns, rows)}`,
  contains: (column, part) => sql`strpos(${column}, ${part}) > 0`,
  implied: (condition) => condition,
  keptOrder: (order) => order,
  computesLimits: true,
  registries: {},
  leadingJoin: raw('join'),
  // The offset keeps it a subquery, which is run for each row.
  lookUp: (table, alias, on) =>
    sql`cross join lateral (select * from ${raw(`${table} ${alias}`)} where ${on} offset 0) ${raw(alias)}`,
  nowMs: raw('(extract(epoch from now()) * 1000)::bigint'),

  inText: {
    number: (value) => sql`(${value})::text`,
    month: (month) => sql`to_char(${month}, 'FM0000"-"00')`,
    // Seconds as a fraction would be rounded; milliseconds times an interval are exact.
    dateTime: (instantMs) =>
      sql`to_char(timestamp 'epoch' + ${instantMs} * interval '1 millisecond', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
    uuid: (uuid) => sql`${uuid}::text`,
    csvText: (text) =>
      sql`'"' || replace(regexp_replace(${text}, '(?<=^|[;,|\\t\\r\\n])(?=["'']*[-=+@\\t\\r＝＋－＠])', '''', 'g'), '"', '""') || '"'`,
    jsonText: (text) => sql`to_json(${text})::text`,
  },

  inNumber: {
    firstCharacter: (text) => sql`nullif(ascii(${text}), 0)`,
    endOfUuid: (uuid) => sql`('x' || right(${uuid}::text, 8))::bit(32)::bigint`,
  },

  // Joins need not keep the order of the page, so its rows are numbered.
  textPage: ({ page, source, line, separator, cursor }) => sql`
    with page as materialized (select listed.*, row_number() over () as place from (${page}) listed)
    select
      (select string_agg(${line}, ${separator} order by place) from ${source}) as text,
      (select count(*) from page) as rows,
      last.*
    from (select ${cursor} from page order by place desc limit 1) last`,

  locks: {
    rows: (_table, select) =>
      sql`with locked as materialized (${select} for no key update) select count(*) from locked`,
    table: (name) => sql`lock table ${raw(name)} in share row exclusive mode`,
    named: (key, mode) =>
      mode === 'shared'
        ? sql`select pg_advisory_xact_lock_shared(${lockSpace}::int, ${key}::int)`
        : sql`select pg_advisory_xact_lock(${lockSpace}::int, ${key}::int)`,
  },
};

/** Tells the service's advisory locks from those of other programs in the same database. */
export const lockSpace = 20_261_120;

const arrayTypes: Record<ColumnType, string> = {
  integer: 'bigint[]',
  flag: 'smallint[]',
  text: 'text[]',
  uuid: 'uuid[]',
};

/** Rows as a table, given as one array a column. */
function unnest(columns: Columns, rows: Rows): Sql {
  const arrays = Object.values(columns).map((type, index) =>
    arrayOf(
      type,
      rows.map((row) => row[index]),
    ),
  );
  return sql`unnest(${join(arrays, ', ')})`;
}

function arrayOf(type: ColumnType, values: readonly unknown[]): Sql {
  const elements = type === 'text' ? values.map(quoted) : values.map((value) => value ?? 'null');
  return sql`${`{${elements.join(',')}}`}::${raw(arrayTypes[type])}`;
}

/** A text as an element of an array. */
function quoted(value: unknown): string {
  return value === null || value === undefined ? 'null' : `"${String(value).replace(/["\\]/g, '\\$&')}"`;
}

import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import type { Columns, Dialect } from '../core/dialect';

/**
 * What `guardText` of `values/csv.ts` may change: text that begins as a formula does, and text with what parts cells in it.
 * One pattern for all that parts cells would take twice as long: SQLite looks for single characters in a quicker way.
 */
const guarded = [`[-"''=+@＝＋－＠]*`, ...[';', ',', '|', '\t', '\r', '\n'].map((part) => `*${part}*`)];
const mayNeedGuard = (text: Sql) =>
  join(
    guarded.map((pattern) => sql`${text} glob ${raw(`'${pattern}'`)}`),
    ' or ',
  );

/** SQLite's own words. Lists travel as JSON; UUIDs are stored as 16 bytes instead of 36 characters. */
export const sqliteDialect: Dialect = {
  textOf: (statement) => statement.sql,

  list(type, values) {
    const json = JSON.stringify(values);
    return type === 'uuid'
      ? sql`(select unhex(value, '-') from json_each(${json}))`
      : sql`(select value from json_each(${json}))`;
  },
  isAmong: (column, integers) => sql`${column} in ${sqliteDialect.list('integer', integers)}`,

  uuid: (uuid) => sql`${Buffer.from(uuid.replaceAll('-', ''), 'hex')}`,

  selectRows(columns, rows) {
    let text = '';
    Object.values(columns).forEach((type, index) => {
      const value = `value ->> ${index}`;
      text += `${index === 0 ? '' : ', '}${type === 'uuid' ? `unhex(${value}, '-')` : value}`;
    });
    // SQLite takes "on" after a select for a join's condition unless there is a where before it.
    return sql`select ${raw(text)} from json_each(${JSON.stringify(rows)}) where true`;
  },

  contains: (column, part) => sql`instr(${column}, ${part}) > 0`,

  implied: () => raw('true'),
  keptOrder: () => empty,
  computesLimits: true,
  registries: {},

  // Its planner keeps the order of tables in a cross join.
  leadingJoin: raw('cross join'),
  lookUp: (table, alias, on) => sql`cross join ${raw(`${table} ${alias}`)} on ${on}`,
  nowMs: raw("cast(unixepoch('subsec') * 1000 as integer)"),

  inText: {
    number: (value) => value,
    // Said once, for the month may be a subquery.
    month: (month) => sql`replace(format('%.2f', ${month} / 100.0), '.', '-')`,
    dateTime: (instantMs) => sql`strftime('%Y-%m-%dT%H:%M:%fZ', ${instantMs} / 1000.0, 'unixepoch')`,
    uuid(bytes) {
      const group = (place: string) => sql`hex(substr(${bytes}, ${raw(place)}))`;
      return sql`lower(${group('1, 4')} || '-' || ${group('5, 2')} || '-' || ${group('7, 2')} || '-' || ${group('9, 2')} || '-' || ${group('11, 6')})`;
    },
    // The function is called for few: a call costs as much as the rest of the line.
    csvText: (text) =>
      sql`'"' || replace(iif(${mayNeedGuard(text)}, guard_text(${text}), ${text}), '"', '""') || '"'`,
    jsonText: (text) => sql`iif(${text} is null, null, json_quote(${text}))`,
  },

  inNumber: {
    firstCharacter: (text) => sql`unicode(${text})`,
    // SQLite reads hexadecimal numbers in JSON alone.
    endOfUuid: (bytes) => sql`(('0x' || hex(substr(${bytes}, 13, 4))) ->> '$')`,
  },

  // Cross and left joins keep the order of the page.
  textPage: ({ page, source, line, separator, cursor, lastFirst }): Sql => sql`
    with page as materialized (${page})
    select
      (select string_agg(${line}, ${separator}) from ${source}) as text,
      (select count(*) from page) as rows,
      last.*
    from (select ${cursor} from page order by ${lastFirst} limit 1) last`,

  // "begin immediate" holds the one lock that there is.
  locks: undefined,
};

/** An insert of one row, which is left out where its key is taken; UUIDs are given as text. */
export function insertOneText(table: string, columns: Columns): string {
  const values = Object.values(columns).map((type) => (type === 'uuid' ? `unhex(?, '-')` : '?'));
  return `insert into ${table} (${Object.keys(columns).join(', ')}) values (${values.join(', ')})
      on conflict do nothing`;
}

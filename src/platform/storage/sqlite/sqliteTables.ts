import type openDatabase from 'better-sqlite3';

/** Rows that are compared at a time. Between two of these the event loop turns, so that a command can be stopped. */
const sliceRows = 20_000;

interface Table {
  name: string;
  /** Columns of the key that the table is stored by. */
  key: string[];
  columns: string[];
}

/**
 * Compares all rows of two databases that one connection has attached, and their schemas, by what the rows hold.
 * @returns the first table that is not the same in both
 */
export async function findUnequalTable(
  database: openDatabase.Database,
  one: string,
  other: string,
): Promise<string | undefined> {
  for (const table of tablesOf(database, one)) {
    if (!(await isEqual(database, table, one, other))) return table.name;
  }
  return undefined;
}

function tablesOf(database: openDatabase.Database, schema: string): Table[] {
  const found = database
    .prepare(`select name, wr as isWithoutRowid from pragma_table_list where schema = ? and type = 'table'`)
    .all(schema) as { name: string; isWithoutRowid: number }[];
  return found.map(({ name, isWithoutRowid }) => {
    const columns = database
      .prepare(`select name, pk from pragma_table_info(?, ?) order by pk`)
      .all(name, schema) as {
      name: string;
      pk: number;
    }[];
    const key = columns.filter(({ pk }) => pk > 0).map((column) => quoted(column.name));
    return {
      name,
      key: isWithoutRowid ? key : ['rowid'],
      columns: columns.map((column) => quoted(column.name)),
    };
  });
}

async function isEqual(
  database: openDatabase.Database,
  { name, key, columns }: Table,
  one: string,
  other: string,
): Promise<boolean> {
  const [mine, theirs] = [one, other].map((schema) => `${schema}.${quoted(name)}`);
  const rowsOf = (table: string | undefined) =>
    database.prepare(`select count(*) from ${table}`).pluck().get();
  if (rowsOf(mine) !== rowsOf(theirs)) return false;
  // The rows are walked along in the order in which they are stored.
  const first = key[0] as string;
  const values = (alias: string) => columns.map((column) => `${alias}.${column}`).join(', ');
  // The last column says which of a few rows it is; without its sign, an index of it may be searched, which is all over the file.
  const sameKey = key
    .map((column, place) => `${place > 0 && place === key.length - 1 ? '+' : ''}b.${column} = a.${column}`)
    .join(' and ');
  const prepare = (behind: string) => ({
    findEnd: database
      .prepare(
        `select max(k) from (
           select ${first} as k from ${mine} a where ${behind} order by ${key.join(', ')} limit ${sliceRows})`,
      )
      .pluck(),
    findUnequal: database.prepare(
      `select 1 from ${mine} a left join ${theirs} b on ${sameKey}
       where ${behind} and a.${first} <= ?
         and (b.${first} is null or (${values('a')}) is not (${values('b')}))
       limit 1`,
    ),
  });
  let { findEnd, findUnequal } = prepare('true');
  for (let begin: unknown[] = []; ; ) {
    const end = findEnd.get(...begin);
    if (end === null) return true;
    if (findUnequal.get(...begin, end)) return false;
    if (begin.length === 0) ({ findEnd, findUnequal } = prepare(`a.${first} > ?`));
    begin = [end];
    await new Promise(setImmediate);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

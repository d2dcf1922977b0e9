import sql, { raw } from 'sql-template-tag';
import { reasonOf } from '../core/failures';
import type { Snapshot } from '../core/transaction';
import { requireOneName } from './databaseFiles';
import { inSnapshot } from './sqlite';
import { ThreadedConnection } from './threadedConnection';

/** What sorts more than fits into memory goes to the disk: a file of any size is checked with as much memory. */
const checkingPragmas = ['temp_store = FILE'];

/**
 * Reads a SQLite file in one snapshot in a thread, and nothing else: it is not migrated, and nothing is written to it, be
 * it damaged or not. A service goes on beside it.
 */
export async function withSqliteFile<Value>(
  file: string,
  work: (read: <Read>(reading: (snapshot: Snapshot) => Promise<Read>) => Promise<Read>) => Promise<Value>,
): Promise<Value> {
  requireOneName(file);
  const connection = new ThreadedConnection({ file, pragmas: checkingPragmas, readonly: true }, undefined);
  try {
    return await work((reading) => inSnapshot(connection, reading));
  } finally {
    await connection.close();
  }
}

/**
 * Has SQLite check its file: every page, every row and every entry of an index.
 * @param most how many problems to look for
 * @returns what is wrong, a sentence each; none when the file is whole
 */
export async function findDamage(file: string, most: number): Promise<string[]> {
  return withSqliteFile(file, async (read) => {
    const trees = await read((snapshot) =>
      snapshot.all<Tree>(sql`select type, name, rootpage as page from sqlite_schema where rootpage > 0`),
    ).catch(() => []);
    try {
      const rows = await read((snapshot) =>
        snapshot.all<{ integrity_check: string }>(sql`pragma integrity_check(${raw(String(most))})`),
      );
      const lines = rows.flatMap(({ integrity_check: text }) => text.split('\n'));
      return lines.filter((line) => !/^(ok|\*\*\*.*|\s*)$/.test(line)).map((line) => inWords(line, trees));
    } catch (error) {
      return [`SQLite cannot read the file to its end: ${reasonOf(error)}.`];
    }
  });
}

interface Tree {
  type: string;
  name: string;
  page: number;
}

/** What SQLite says, in a sentence that says where, and its own words behind it. */
function inWords(line: string, trees: readonly Tree[]): string {
  const [, root, page, rest = line] =
    /^Tree (\d+) page (\d+)(?: (?:cell|right child) ?\d*)?: (.*)$/.exec(line) ?? [];
  const tree = trees.find((each) => each.page === Number(root));
  const name = tree ? `The ${tree.type} ${tree.name}` : root ? `The tree of page ${root}` : undefined;
  const place = name === undefined ? '' : `${name} is damaged on page ${page}: `;
  for (const [pattern, sentence] of sentences) {
    if (pattern.test(rest)) return `${place}${rest.replace(pattern, sentence)}. SQLite says: ${line}`;
  }
  return name === undefined
    ? `The file is damaged. SQLite says: ${line}`
    : `${name} is damaged on page ${page}. SQLite says: ${line}`;
}

const sentences: readonly [RegExp, string][] = [
  [/^row (\S+) missing from index (\S+)$/, 'The index $2 lacks row $1 of its table'],
  [/^row (\S+) values differ from index (\S+)$/, 'The index $2 has other values for row $1 than its table'],
  [/^wrong # of entries in index (\S+)$/, 'The index $1 has more or fewer entries than its table has rows'],
  [/^non-unique entry in index (\S+)$/, 'The unique index $1 has a value twice'],
  [
    /^rowid not at end-of-record for row (\S+) of index (\S+)$/,
    'An entry of the index $2 leads to no row (row $1)',
  ],
  [/^row not in PRIMARY KEY order for (\S+)$/, 'Rows of the table $1 are not in the order of their key'],
  [/^NULL value in (\S+)$/, 'A row has no value in $1, which must have one'],
  [/^(?:non-)?(\w+) value in (\S+)$/, 'A row has a value of the wrong type in $2'],
  [/^CHECK constraint failed in (\S+)$/, 'A row of the table $1 breaks a rule of the table'],
  [/^Page (\d+): never used$/, 'Page $1 belongs to nothing'],
  [/^Freelist: .*$/, 'The list of free pages is damaged'],
  [/^2nd reference to page (\d+)$/, 'page $1 is used twice'],
  [/^Rowid (\S+) out of order$/, 'the rows are not in their order'],
  [/^invalid page number (\d+)$/, 'it leads to page $1, which is not there'],
  [/^btreeInitPage\(\) returns error code .*$/, 'the page cannot be read'],
  [/^unable to get the page.*$/, 'the page cannot be read'],
  [
    /^(Offset .* out of range .*|Extends off end of page|Multiple uses for byte .*|Fragmentation of .*|free space corruption)$/,
    'its rows do not lie as they should',
  ],
];

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldText, keyOf } from '../../values/text';

/**
 * What texts are compared by: a key for what must be unique, without what cannot be seen, and names folded as Unicode folds
 * them. Both are made in JavaScript, so that they are the same on every engine.
 *
 * Rows of before may look the same: names that differ by a soft hyphen, say. None of them is changed. The oldest gets the
 * key, so that references find it; the others get one that nothing else can have, and go on as they are until somebody
 * gives them another text. A warning names them.
 */
export class KeepTextKeys1795766400000 implements MigrationInterface {
  readonly name = 'KeepTextKeys1795766400000';

  async up(runner: QueryRunner): Promise<void> {
    const type = isPostgres(runner) ? 'text collate "C"' : 'text';
    for (const [table, texts] of Object.entries(uniqueTexts)) {
      for (const text of texts) await runner.query(`alter table ${table} add column ${text}_key ${type}`);
      await fill(runner, table, texts);
      for (const text of texts) {
        // PostgreSQL calls the index of the text itself …_key.
        await runner.query(`create unique index ${table}_${text}_seen on ${table} (${text}_key)`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, texts] of Object.entries(uniqueTexts)) {
      for (const text of texts) {
        await runner.query(`drop index ${table}_${text}_seen`);
        await runner.query(`alter table ${table} drop column ${text}_key`);
      }
    }
  }
}

/** Columns whose texts must be unique, by their tables. */
const uniqueTexts = {
  unit: ['external_id'],
  caregiver: ['external_id'],
  event_type: ['external_id', 'name'],
} as const;

const pageRows = 10_000;
/** No text that was ever taken has a control character, so that none has such a key. */
const separator = '\u0001';

interface Row {
  id: number;
  name: string;
  external_id: string | null;
}

async function fill(runner: QueryRunner, table: string, texts: readonly (keyof Row)[]): Promise<void> {
  const keyOfRow = texts.map((text) => uniqueKeys(table, text));
  const columns = [...texts.map((text) => `${text}_key`), ...(table === 'caregiver' ? ['name_folded'] : [])];
  for (let lastId = 0; ; ) {
    const rows: Row[] = await runner.query(
      `select id, name, external_id from ${table} where id > ${lastId} order by id limit ${pageRows}`,
    );
    if (rows.length === 0) return;
    lastId = Number(rows.at(-1)?.id);
    const values = rows.map((row) => [
      Number(row.id),
      ...keyOfRow.map((key) => key(row)),
      ...(table === 'caregiver' ? [foldText(row.name)] : []),
    ]);
    await update(runner, table, columns, values);
  }
}

/** Makes the keys of a column, row after row in the order of their ids. */
function uniqueKeys(table: string, text: keyof Row): (row: Row) => string | null {
  const owners = new Map<string, Row>();
  return (row) => {
    if (row[text] === null) return null;
    const key = keyOf(String(row[text]));
    const owner = owners.get(key);
    if (owner) {
      process.emitWarning(
        `The ${text} of the ${table} ${row.id} looks the same as that of ${owner.id} ("${row[text]}"). ` +
          `Both stay as they are; references to that text find ${owner.id}. Give one of them another.`,
      );
      return `${key}${separator}${row.id}`;
    }
    owners.set(key, row);
    return key;
  };
}

async function update(
  runner: QueryRunner,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly unknown[])[],
): Promise<void> {
  const set = columns.map((column) => `${column} = changed.${column}`).join(', ');
  const names = ['id', ...columns];
  const source = isPostgres(runner)
    ? `select * from unnest($1::bigint[], ${columns.map((_, index) => `$${index + 2}::text[]`).join(', ')})`
    : `select ${names.map((_, index) => `value ->> ${index}`).join(', ')} from json_each(?)`;
  await runner.query(
    `with changed (${names.join(', ')}) as (${source})
      update ${table} set ${set} from changed where ${table}.id = changed.id`,
    isPostgres(runner) ? names.map((_, index) => rows.map((row) => row[index])) : [JSON.stringify(rows)],
  );
}

function isPostgres(runner: QueryRunner): boolean {
  return runner.dataSource.options.type === 'postgres';
}

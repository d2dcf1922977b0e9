import sql, { join, raw, type Sql } from 'sql-template-tag';
import { OperatorError } from '../errors';
import { columnNames, selectRows } from '../storage/core/dialect';
import { keyColumns, type Table } from '../storage/core/table';
import type { Transaction } from '../storage/core/transaction';
import type { Row } from './compareRows';

/** What makes rows of the target equal to those of the source. */
export interface RowChanges {
  remove: readonly Row[];
  update: readonly Row[];
  insert: readonly Row[];
}

/** Changes rows of a table, in the only order in which no key is in the way. */
export async function writeRows(tx: Transaction, table: Table, changes: RowChanges): Promise<void> {
  await removeRows(tx, table, changes.remove);
  await updateRows(tx, table, changes.update);
  await insertRows(tx, table, changes.insert);
}

/** Gives up the unique values of rows that are about to change: another one may be about to get them. */
export async function freeUniqueValues(tx: Transaction, table: Table, rows: readonly Row[]): Promise<void> {
  // Ids never change.
  const texts = (table.unique ?? []).filter((name) => table.columns[name] === 'text');
  if (texts.length === 0 || rows.length === 0) return;
  // No text that the service takes has a control character.
  const free = texts.map((name) => `${name} = chr(1) || id`).join(', ');
  await tx.run(sql`update ${raw(table.table)} set ${raw(free)} where ${among(table, rows)}`);
}

async function removeRows(tx: Transaction, table: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length > 0) await tx.run(sql`delete from ${raw(table.table)} where ${among(table, rows)}`);
}

async function updateRows(tx: Transaction, table: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(table.columns);
  const set = names.filter((name) => !table.key.includes(name)).map((name) => `${name} = changed.${name}`);
  const same = table.key.map((name) => `${table.table}.${name} = changed.${name}`);
  await tx.run(sql`
    with changed (${columnNames(table.columns)}) as (${selectRows(table.columns, valuesOf(names, rows))})
    update ${raw(table.table)} set ${raw(set.join(', '))} from changed where ${raw(same.join(' and '))}`);
}

/** In the same way as new rows come in, so that whatever is kept beside a table is kept here, too. */
async function insertRows(tx: Transaction, table: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const leftOut = await tx.insertNewRows(
    { table: table.table, columns: table.columns, key: table.key.at(-1) as string },
    valuesOf(Object.keys(table.columns), rows),
  );
  if (leftOut.length === 0) return;
  throw new OperatorError(
    `A key of ${table.table} ${describeKey(table, rows[leftOut[0] as number] as Row)} is taken in the target by another row. ` +
      'Somebody else has written it: copy into an empty database.',
  );
}

/** A row by its key, for messages. */
export function describeKey(table: Table, row: Row): string {
  return JSON.stringify(Object.fromEntries(table.key.map((name) => [name, row[name]])));
}

/** A condition for the rows with these keys. */
function among(table: Table, rows: readonly Row[]): Sql {
  const names = table.key.map((name) => raw(name));
  return sql`(${join(names, ', ')}) in (${selectRows(keyColumns(table), valuesOf(table.key, rows))})`;
}

function valuesOf(names: readonly string[], rows: readonly Row[]): unknown[][] {
  return rows.map((row) => names.map((name) => row[name]));
}

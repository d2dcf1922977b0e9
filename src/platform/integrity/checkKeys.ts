import sql, { join, raw, type Sql } from 'sql-template-tag';
import { reasonOf } from '../storage/core/failures';
import type { Table } from '../storage/core/table';
import { inSql } from '../storage/core/textInSql';
import type { Snapshot } from '../storage/core/transaction';
import { type Findings, maxFound, noFindings } from './findings';

/** A column that holds the id of a row of another table; the engine itself looks after the last of them alone. */
interface Reference {
  table: Table;
  column: string;
  to: string;
  toColumn: string;
}

export function referencesOf(tables: readonly Table[]): Reference[] {
  return tables.flatMap((table) =>
    Object.entries(table.references ?? {}).map(([column, target]) => {
      const [to, toColumn] = target.split('.') as [string, string];
      return { table, column, to, toColumn };
    }),
  );
}

interface UniqueKey {
  table: Table;
  columns: readonly string[];
}

export function uniqueKeysOf(tables: readonly Table[]): UniqueKey[] {
  return tables.flatMap((table) => [
    { table, columns: table.key },
    ...(table.unique ?? []).map((column) => ({ table, columns: [column] })),
  ]);
}

export type Engine = 'sqlite' | 'postgres';

/** Reads in a snapshot that may take its time. */
export type ReadLong = <Value>(work: (snapshot: Snapshot) => Promise<Value>) => Promise<Value>;

/**
 * Looks for ids that several rows have and for ids that lead nowhere, by reading the tables themselves: an index that is
 * damaged lets both in, and hides them.
 * @param progress told after each statement which part, from 0 to 1, is done
 */
export async function checkKeys(
  tables: readonly Table[],
  read: ReadLong,
  engine: Engine,
  progress: (part: number) => void = () => undefined,
): Promise<Findings> {
  const findings = noFindings();
  const checks = [
    ...uniqueKeysOf(tables).map((key) => ({
      what: `whether ${key.columns.join(', ')} is unique in the table ${key.table.table}`,
      find: (snapshot: Snapshot) => findDoubles(snapshot, key, engine),
    })),
    ...referencesOf(tables).map((reference) => ({
      what: `whether ${reference.table.table}.${reference.column} leads to rows of the table ${reference.to}`,
      find: (snapshot: Snapshot) => findLost(snapshot, reference, engine),
    })),
  ];
  let reason = '';
  for (const [done, { what, find }] of checks.entries()) {
    try {
      findings.problems.push(...(await read((snapshot) => find(snapshot))));
    } catch (error) {
      reason = reasonOf(error);
      findings.notChecked.push(`Not checked: ${what}. ${reason}.`);
    }
    progress((done + 1) / checks.length);
  }
  if (findings.notChecked.length < checks.length) return findings;
  return { ...findings, notChecked: [`Not checked: whether ids are unique and lead to rows. ${reason}.`] };
}

async function findDoubles(
  snapshot: Snapshot,
  { table, columns }: UniqueKey,
  engine: Engine,
): Promise<string[]> {
  await leaveIndexes(snapshot, engine);
  const found = await snapshot.all<{ rows: number }>(doublesOf(table, columns, engine));
  return found.map(
    ({ rows, ...key }) =>
      `${table.table} ${JSON.stringify(key)}: ${rows} rows have this key, and only one may.`,
  );
}

async function findLost(snapshot: Snapshot, reference: Reference, engine: Engine): Promise<string[]> {
  await leaveIndexes(snapshot, engine);
  const { table, column, to } = reference;
  const found = await snapshot.all<{ id: number; rows: number }>(lostOf(reference, engine));
  return found.map(
    ({ id, rows }) =>
      `${table.table}.${column} is ${id} in ${rows} ${rows === 1 ? 'row' : 'rows'}, and ${to} has no such row.`,
  );
}

export function doublesOf(table: Table, columns: readonly string[], engine: Engine): Sql {
  const selected = columns.map((name) =>
    table.columns[name] === 'uuid'
      ? sql`${inSql.uuid(groupedBy(name))} as ${raw(name)}`
      : raw(`${groupedBy(name).sql} as ${name}`),
  );
  return sql`
    select ${join(selected, ', ')}, count(*) as rows
    from ${raw(table.table)} ${tableAlone(engine)}
    where ${raw(columns.map((name) => `${name} is not null`).join(' and '))}
    group by ${join(columns.map(groupedBy), ', ')}
    having count(*) > 1 and ${needsRow(table)}
    limit ${maxFound}`;
}

export function lostOf({ table, column, to, toColumn }: Reference, engine: Engine): Sql {
  return sql`
    select ${groupedBy(column)} as id, count(*) as rows
    from ${raw(table.table)} f ${tableAlone(engine)}
    where ${raw(column)} is not null
      and not exists (select 1 from ${raw(to)} t ${tableAlone(engine)} where t.${raw(toColumn)} = f.${raw(column)})
    group by ${groupedBy(column)}
    having ${needsRow(table)}
    limit ${maxFound}`;
}

/** An expression that no index is in the order of. */
function groupedBy(column: string): Sql {
  return raw(`coalesce(${column}, ${column})`);
}

/** Always true, and asks for every column: no index has them all, so that the rows themselves are read. */
function needsRow({ columns }: Table): Sql {
  return raw(
    `${Object.keys(columns)
      .map((name) => `count(${name})`)
      .join(' + ')} >= 0`,
  );
}

function tableAlone(engine: Engine): Sql {
  return raw(engine === 'sqlite' ? 'not indexed' : '');
}

/** Until the end of the snapshot. */
async function leaveIndexes(snapshot: Snapshot, engine: Engine): Promise<void> {
  if (engine === 'sqlite') return;
  const settings = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'];
  await snapshot.all(
    sql`select ${raw(settings.map((name) => `set_config('${name}', 'off', true)`).join(', '))}`,
  );
}

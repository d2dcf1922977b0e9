import sql, { join, raw, type Sql } from 'sql-template-tag';
import { copiedTables } from '../copy/tables';
import type { Columns } from '../storage/core/dialect';
import { reasonOf } from '../storage/core/failures';
import { inSql } from '../storage/core/textInSql';
import type { Snapshot } from '../storage/core/transaction';
import { type Findings, mostFound, noFindings } from './findings';

/** A column that holds the id of a row of another table; the engine itself looks after the last of them alone. */
interface Reference {
  table: string;
  column: string;
  to: string;
  toColumn: string;
}

const idsIn = (table: string, column: string, to: string, toColumn = 'id'): Reference => ({
  table,
  column,
  to,
  toColumn,
});

export const references: readonly Reference[] = [
  idsIn('event', 'caregiver_id', 'caregiver'),
  idsIn('event', 'event_type_id', 'event_type'),
  idsIn('event', 'payout_id', 'payout'),
  idsIn('monthly_rollup', 'caregiver_id', 'caregiver'),
  idsIn('payout_rollup', 'caregiver_id', 'caregiver'),
  idsIn('payout_rollup', 'payout_id', 'payout'),
  idsIn('audit_personal', 'sequence', 'audit_log', 'sequence'),
  idsIn('audit_personal', 'caregiver_id', 'caregiver'),
  idsIn('caregiver', 'unit_id', 'unit'),
];

/** Values that no two rows may have, beside primary keys and what a table names as unique itself. */
const uniqueColumns: Readonly<Record<string, readonly string[]>> = {
  event: ['id'],
  calendar_month: ['from_ms'],
};

interface UniqueKey {
  table: string;
  columns: readonly string[];
}

export const uniqueKeys: readonly UniqueKey[] = copiedTables.flatMap(({ table, key, unique = [] }) => [
  { table, columns: key },
  ...[...unique, ...(uniqueColumns[table] ?? [])].map((column) => ({ table, columns: [column] })),
]);

export type Engine = 'sqlite' | 'postgres';

/** Reads in a snapshot that may take its time. */
export type ReadLong = <Value>(work: (snapshot: Snapshot) => Promise<Value>) => Promise<Value>;

/**
 * Looks for ids that several rows have and for ids that lead nowhere, by reading the tables themselves: an index that is
 * damaged lets both in, and hides them.
 * @param progress told after each statement which part, from 0 to 1, is done
 */
export async function checkKeys(
  read: ReadLong,
  engine: Engine,
  progress: (part: number) => void = () => undefined,
): Promise<Findings> {
  const findings = noFindings();
  const checks = [
    ...uniqueKeys.map((key) => ({
      what: `whether ${key.columns.join(', ')} is unique in the table ${key.table}`,
      find: (snapshot: Snapshot) => findDoubles(snapshot, key, engine),
    })),
    ...references.map((reference) => ({
      what: `whether ${reference.table}.${reference.column} leads to rows of the table ${reference.to}`,
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
    ({ rows, ...key }) => `${table} ${JSON.stringify(key)}: ${rows} rows have this key, and only one may.`,
  );
}

async function findLost(snapshot: Snapshot, reference: Reference, engine: Engine): Promise<string[]> {
  await leaveIndexes(snapshot, engine);
  const { table, column, to } = reference;
  const found = await snapshot.all<{ id: number; rows: number }>(lostOf(reference, engine));
  return found.map(
    ({ id, rows }) =>
      `${table}.${column} is ${id} in ${rows} ${rows === 1 ? 'row' : 'rows'}, and ${to} has no such row.`,
  );
}

export function doublesOf(table: string, columns: readonly string[], engine: Engine): Sql {
  const types = typesOf(table);
  const selected = columns.map((name) =>
    types[name] === 'uuid'
      ? sql`${inSql.uuid(groupedBy(name))} as ${raw(name)}`
      : raw(`${groupedBy(name).sql} as ${name}`),
  );
  return sql`
    select ${join(selected, ', ')}, count(*) as rows
    from ${raw(table)} ${tableAlone(engine)}
    where ${raw(columns.map((name) => `${name} is not null`).join(' and '))}
    group by ${join(columns.map(groupedBy), ', ')}
    having count(*) > 1 and ${needsRow(table)}
    limit ${mostFound}`;
}

export function lostOf({ table, column, to, toColumn }: Reference, engine: Engine): Sql {
  return sql`
    select ${groupedBy(column)} as id, count(*) as rows
    from ${raw(table)} f ${tableAlone(engine)}
    where ${raw(column)} is not null
      and not exists (select 1 from ${raw(to)} t ${tableAlone(engine)} where t.${raw(toColumn)} = f.${raw(column)})
    group by ${groupedBy(column)}
    having ${needsRow(table)}
    limit ${mostFound}`;
}

/** An expression that no index is in the order of. */
function groupedBy(column: string): Sql {
  return raw(`coalesce(${column}, ${column})`);
}

/** Always true, and asks for every column: no index has them all, so that the rows themselves are read. */
function needsRow(table: string): Sql {
  return raw(
    `${Object.keys(typesOf(table))
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

function typesOf(table: string): Columns {
  return copiedTables.find((copied) => copied.table === table)?.columns as Columns;
}

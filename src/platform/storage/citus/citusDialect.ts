import type { ClientBase } from 'pg';
import sql, { join, raw, Sql } from 'sql-template-tag';
import type { Columns, ColumnType, Dialect, Locks, Rows } from '../core/dialect';
import { lockSpace, postgresDialect } from '../postgres/postgresDialect';
import { keyRegistries, placementOf } from './placements';

const postgresLocks = postgresDialect.locks as Locks;

/**
 * PostgreSQL's words where Citus has distributed its tables. What differs stands here, and the way of new rows past
 * their registry in postgresConnection.ts.
 */
export const citusDialect: Dialect = {
  ...postgresDialect,

  // What is written out tells which nodes have the rows. A longer list goes to each node once, not with each shard's part.
  list: (type, values) =>
    values.length > 0 && values.length <= maxListed
      ? sql`(${join(values.map((value) => sql`${value}${raw(castOf(type, value))}`))})`
      : sql`(with listed (value) as materialized ${postgresDialect.list(type, values)} select value from listed)`,

  // Rows that are written out go to their shards by themselves; those of an array are sent to each shard as a file first.
  selectRows: (columns, rows) =>
    rows.length > 0 && rows.length * Object.keys(columns).length <= maxWrittenOut
      ? writeOut(columns, rows)
      : postgresDialect.selectRows(columns, rows),

  computesLimits: false,
  // Each node joins its own rows; a subquery for each row it does not take.
  lookUp: (table, alias, on) => sql`join ${raw(`${table} ${alias}`)} on ${on}`,
  registries: keyRegistries,

  locks: {
    ...postgresLocks,
    // Rows of several shards cannot be locked by a select: one lock stands for all of their table.
    rows: (table, select) =>
      placementOf(table) === 'distributed'
        ? sql`select pg_advisory_xact_lock(${lockSpace}::int, hashtext(${table}))`
        : postgresLocks.rows(table, select),
  },
};

const maxListed = 100;
/** The protocol takes 65,535 parameters. */
const maxWrittenOut = 30_000;

const casts: Record<ColumnType, string> = {
  integer: '::bigint',
  flag: '::smallint',
  text: '::text',
  uuid: '::uuid',
};

/** Numbers get theirs when the statement is made text. */
function castOf(type: ColumnType, value: unknown): string {
  return typeof value === 'number' ? '' : casts[type];
}

function writeOut(columns: Columns, rows: Rows): Sql {
  const types = Object.values(columns);
  const strings: string[] = [];
  const values: unknown[] = [];
  let before = 'values (';
  for (const row of rows) {
    for (const [index, type] of types.entries()) {
      const value = row[index] ?? null;
      strings.push(before);
      values.push(value);
      before = castOf(type, value) + (index < types.length - 1 ? ', ' : '), (');
    }
  }
  strings.push(before.slice(0, -', ('.length));
  return new Sql(strings, values);
}

/** Taken alone while tables are distributed, and shared for a moment by every new connection: none is in between. */
export const distributionLock = -1;

/** What each connection of the pool has been found to speak. */
const dialects = new WeakMap<ClientBase, Dialect>();

/**
 * Which words a connection needs: found out once for each, and not once for the pool, as the tables may be distributed
 * while an instance of the service runs. Its insert of before would let the same event in twice.
 */
export async function findDialect(client: ClientBase): Promise<Dialect> {
  const known = dialects.get(client);
  if (known) return known;
  const isCluster = await findCluster(client);
  // What a transaction sets for itself holds on every node that it comes to.
  if (isCluster) await client.query(`set citus.propagate_set_commands to 'local'`);
  const dialect = isCluster ? citusDialect : postgresDialect;
  dialects.set(client, dialect);
  return dialect;
}

/**
 * Follows on a begin to write: the statements of one transaction go to each node over one connection, for every
 * connection is a part of its own for the commit to prepare and to flush.
 */
export const citusWriting = `; set local citus.multi_shard_modify_mode to 'sequential'`;

/** A database is a cluster from the moment on that it has the registries of keys. */
export const clusterQuestion = `select ${Object.values(keyRegistries)
  .map(({ registry }) => `to_regclass('${registry}') is not null`)
  .join(' or ')} as "isCluster"`;

async function findCluster(client: ClientBase): Promise<boolean> {
  // Two statements in one message are one transaction, at whose end the lock is given back.
  const results: unknown = await client.query(
    `select pg_advisory_xact_lock_shared(${lockSpace}, ${distributionLock}); ${clusterQuestion}`,
  );
  const [, answer] = results as { rows: { isCluster: boolean }[] }[];
  return answer?.rows[0]?.isCluster === true;
}

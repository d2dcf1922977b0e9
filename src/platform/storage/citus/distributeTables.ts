import type { QueryRunner } from 'typeorm';
import { OperatorError } from '../../errors';
import { lockSpace } from '../postgres/postgresDialect';
import { clusterQuestion, distributionLock } from './citusDialect';
import {
  distributionColumn,
  type KeyRegistry,
  keyRegistries,
  type Placement,
  placements,
} from './placements';

/** What came of distributing a database. */
export interface Distribution {
  /** The tables that were put on the cluster this time; none when all had been. */
  tables: string[];
  /** The nodes that hold parts of the tables. */
  nodes: number;
}

export interface DistributeOptions {
  /** The database, for messages. */
  readonly name: string;
  /** Whether a database that is not distributed yet shall be. One that is gets its new tables distributed anyway. */
  readonly begin: boolean;
  /** Told of each table before it is moved. */
  readonly onTable?: ((table: string) => void) | undefined;
}

/** What connections of this program are called, and what they are while they distribute. */
export const applicationName = 'caretally';
export const distributingName = 'caretally migrate';

/** The oldest that this was tried with. */
const oldestCitus = 13;

/**
 * Whether the tables of a database are on a Citus cluster, or shall be put on one: then all is there that this takes.
 * @throws OperatorError when it is not
 */
export async function isForCluster(
  runner: QueryRunner,
  { name, begin }: Pick<DistributeOptions, 'name' | 'begin'>,
): Promise<boolean> {
  if (!begin && !(await isDistributed(runner))) return false;
  await requireCitus(runner, name);
  return true;
}

/**
 * Puts the tables of a database on its Citus cluster, as `placements` says, in one transaction: all of them or none. What
 * is there already stays, so that a newer version's tables can follow.
 * @param runner on a connection without time limits, on which migrations have run and are locked
 * @throws OperatorError when others use the database; nothing was distributed
 */
export async function distributeTables(
  runner: QueryRunner,
  { name, onTable }: Omit<DistributeOptions, 'begin'>,
): Promise<Distribution> {
  const missing = await findMissing(runner);
  if (missing.length > 0) {
    await inTransaction(runner, async () => {
      // From here on no connection finds out which words it needs; those that have are counted.
      await runner.query(`select pg_advisory_xact_lock(${lockSpace}, ${distributionLock})`);
      if (!(await isDistributed(runner))) await requireAlone(runner, name);
      await putOnCluster(runner, missing, onTable);
    });
  }
  const holding = await one<{ nodes: number }>(
    runner,
    'select count(*)::int as nodes from pg_dist_node where isactive and shouldhaveshards',
  );
  return { tables: missing.map(([table]) => table), nodes: holding?.nodes ?? 0 };
}

async function isDistributed(runner: QueryRunner): Promise<boolean> {
  return (await one<{ isCluster: boolean }>(runner, clusterQuestion))?.isCluster === true;
}

/** The one row that a statement answers. */
async function one<Row>(runner: QueryRunner, text: string, values: unknown[] = []): Promise<Row | undefined> {
  const rows: Row[] = await runner.query(text, values);
  return rows[0];
}

async function requireCitus(runner: QueryRunner, name: string): Promise<void> {
  const found = await one<{ version: string | null; available: boolean }>(
    runner,
    `select (select extversion from pg_extension where extname = 'citus') as version,
      exists (select 1 from pg_available_extensions where name = 'citus') as available`,
  );
  const version = found?.version ?? null;
  if (version === null) {
    throw new OperatorError(
      found?.available
        ? `The database ${name} has no Citus yet. Run "create extension citus" in it and in the database of the same name ` +
            'on every worker, and make them known with citus_add_node (see https://docs.citusdata.com). Nothing was changed.'
        : `The server of ${name} has no Citus. Install it on every server of the cluster, name it in ` +
            'shared_preload_libraries (see https://docs.citusdata.com), and start them again. Nothing was changed.',
    );
  }
  if (Number.parseInt(version, 10) < oldestCitus) {
    throw new OperatorError(
      `The database ${name} has Citus ${version}, and ${oldestCitus} is the oldest that this was tried with: ` +
        'update it on every server. Nothing was changed.',
    );
  }
  const node = await one<{ isWorker: boolean }>(
    runner,
    'select groupid <> 0 as "isWorker" from pg_dist_local_group',
  );
  if (node?.isWorker) {
    throw new OperatorError(
      `${name} is a worker of its cluster. Name the coordinator in DATABASE_URL. Nothing was changed.`,
    );
  }
}

/** Transactions of others would wait for all of this, and some that wait would go on in the words of before. */
async function requireAlone(runner: QueryRunner, name: string): Promise<void> {
  const found = await one<{ others: number }>(
    runner,
    `select count(*)::int as others from pg_stat_activity
      where datname = current_database() and application_name = $1`,
    [applicationName],
  );
  const others = found?.others ?? 0;
  if (others > 0) {
    throw new OperatorError(
      `Caretally uses the database ${name} (connections: ${others}). Stop every instance of the service and every other ` +
        'command on it, and run this again. Nothing was changed.',
    );
  }
}

type Decision = [table: string, placement: Placement];

async function findMissing(runner: QueryRunner): Promise<Decision[]> {
  const wanted = Object.entries(placements).filter(([, placement]) => placement !== 'local');
  const there: { table: string }[] = await runner.query(
    `select wanted.table from unnest($1::text[]) wanted ("table")
      join pg_dist_partition on logicalrelid = to_regclass(wanted.table)`,
    [wanted.map(([table]) => table)],
  );
  const known = new Set(there.map(({ table }) => table));
  return wanted.filter(([table]) => !known.has(table));
}

async function inTransaction(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.startTransaction('READ COMMITTED');
  try {
    await work();
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

async function putOnCluster(
  runner: QueryRunner,
  missing: readonly Decision[],
  onTable: DistributeOptions['onTable'],
): Promise<void> {
  // Statements over several shards may follow changes of tables in one transaction only on the same connections.
  await runner.query(`set local citus.multi_shard_modify_mode to 'sequential'`);
  // Or tables with a foreign key to one that is moved would be made anew, and their ids begin at 1 again.
  await runner.query('set local citus.enable_local_reference_table_foreign_keys to off');
  for (const [table, placement] of missing) {
    onTable?.(table);
    if (placement === 'reference') await runner.query('select create_reference_table($1)', [table]);
    else await distribute(runner, table, keyRegistries[table]);
  }
  // What was moved still lies where it was.
  for (const [table] of missing) {
    await runner.query('select truncate_local_data_after_distributing_table($1)', [table]);
  }
}

async function distribute(
  runner: QueryRunner,
  table: string,
  registry: KeyRegistry | undefined,
): Promise<void> {
  if (registry) await runner.query(`drop index ${registry.index}`);
  const beside = await one<{ table: string }>(
    runner,
    `select logicalrelid::text as table from pg_dist_partition
      where partmethod = 'h' and column_to_column_name(logicalrelid, partkey) = $1 limit 1`,
    [distributionColumn],
  );
  await createDistributed(runner, table, distributionColumn, beside?.table ?? 'none');
  if (!registry) return;
  await runner.query(`create index ${registry.index} on ${table} (${registry.key})`);
  await fillRegistry(runner, table, registry);
}

/** Where it is there already, the database was restored from a dump, which knows tables and no clusters. */
async function fillRegistry(
  runner: QueryRunner,
  table: string,
  { registry, key }: KeyRegistry,
): Promise<void> {
  const isRestored = await isDistributed(runner);
  if (!isRestored) {
    await runner.query(
      `create table ${registry} (${key} uuid not null, ${distributionColumn} bigint not null)`,
    );
  }
  await createDistributed(runner, registry, key, 'none');
  if (isRestored) return;
  // Its key is made when it is filled: that is quicker, and finds what should not be there twice.
  await runner.query(`insert into ${registry} select ${key}, ${distributionColumn} from ${table}`);
  await runner.query(`alter table ${registry} add primary key (${key})`);
}

async function createDistributed(
  runner: QueryRunner,
  table: string,
  column: string,
  beside: string,
): Promise<void> {
  await runner.query('select create_distributed_table($1, $2, colocate_with => $3)', [table, column, beside]);
}

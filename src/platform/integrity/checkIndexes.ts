import sql from 'sql-template-tag';
import { type Database, writeOne } from '../storage/core/database';
import { reasonOf } from '../storage/core/failures';
import { oneByOne } from '../storage/core/oneByOne';
import type { Transaction } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';
import { type Findings, maxFound, noFindings } from './findings';

/**
 * Has PostgreSQL hold every index of ours to its table, by its extension amcheck. Where that is not installed in the
 * database it is, for as long as the check lasts; who may not do so is told what was left out.
 */
export async function checkIndexes(database: Database): Promise<Findings> {
  try {
    return await writeOne(database, check, undefined);
  } catch (error) {
    return { ...noFindings(), notChecked: [`Not checked: the indexes. ${reasonOf(error)}.`] };
  }
}

const check: Command<undefined, Findings> = {
  name: 'checkIndexes',
  speed: 'slow',
  // It leaves nothing behind.
  isNote: true,
  handle: oneByOne(async (tx) => {
    const findings = noFindings();
    if (await isCluster(tx)) {
      findings.notChecked.push(
        'Not checked: the indexes of distributed tables, which lie on the nodes of the cluster. Run amcheck on each node.',
      );
    }
    const amcheck = await findAmcheck(tx);
    if (amcheck === 'missing' || amcheck === 'forbidden') {
      findings.notChecked.push(notChecked[amcheck]);
      return findings;
    }
    if (amcheck === 'available') await tx.run(sql`create extension amcheck`);
    findings.problems.push(...(await findBadIndexes(tx)));
    if (amcheck === 'available') await tx.run(sql`drop extension amcheck`);
    return findings;
  }),
};

const notChecked = {
  missing:
    'Not checked: the indexes. The server has no extension amcheck; it comes with the package postgresql-contrib.',
  forbidden:
    'Not checked: the indexes. This user may not use the extension amcheck; let a superuser run "create extension amcheck" ' +
    'and "grant execute on function bt_index_check(regclass, boolean)" to this user.',
};

async function findAmcheck(tx: Transaction): Promise<'installed' | 'available' | 'missing' | 'forbidden'> {
  const found = await tx.one<{ installed: string | null; may: boolean }>(sql`
    select installed_version as installed,
      case when installed_version is null
        then (select rolsuper from pg_roles where rolname = current_user)
        else has_function_privilege('bt_index_check(regclass, boolean)', 'execute') end as may
    from pg_available_extensions where name = 'amcheck'`);
  if (!found) return 'missing';
  if (!found.may) return 'forbidden';
  return found.installed === null ? 'available' : 'installed';
}

async function isCluster(tx: Transaction): Promise<boolean> {
  return (await tx.one(sql`select 1 from pg_extension where extname = 'citus'`)) !== undefined;
}

/** A bad index is an error to amcheck, and would end the transaction; so each is caught where it is thrown. */
async function findBadIndexes(tx: Transaction): Promise<string[]> {
  await tx.run(sql`
    create function pg_temp.problem_of(index regclass) returns text language plpgsql as $$
    declare
      detail text;
    begin
      perform bt_index_check(index, true);
      return null;
    exception when others then
      get stacked diagnostics detail = pg_exception_detail;
      return sqlerrm || case when detail = '' then '' else ' (' || detail || ')' end;
    end $$`);
  const found = await tx.all<{ index: string; table: string; problem: string }>(sql`
    select c.relname as index, t.relname as table, p.problem
    from pg_index i
      join pg_class c on c.oid = i.indexrelid
      join pg_am a on a.oid = c.relam and a.amname = 'btree'
      join pg_class t on t.oid = i.indrelid and t.relkind = 'r' and t.relpersistence = 'p'
      cross join lateral (
        select case when i.indisvalid and i.indisready then pg_temp.problem_of(i.indexrelid)
          else 'it is marked as invalid' end as problem
      ) p
    where t.relnamespace = current_schema()::regnamespace and p.problem is not null
    order by 2, 1
    limit ${maxFound}`);
  await tx.run(sql`drop function pg_temp.problem_of(regclass)`);
  return found.map(
    ({ index, table, problem }) =>
      `The index ${index} of the table ${table} cannot be relied on. PostgreSQL says: ${problem}. Make it anew: reindex index ${index}`,
  );
}

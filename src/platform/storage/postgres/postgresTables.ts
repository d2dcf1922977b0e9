import sql, { raw } from 'sql-template-tag';
import type { Snapshot, Transaction } from '../core/transaction';

/** A table of a PostgreSQL database. */
export interface FoundTable {
  name: string;
  /** Whether it lies in the schema that the connection works in. */
  own: boolean;
}

/** All tables but those of the server and of its extensions. */
export function listPostgresTables(snapshot: Snapshot): Promise<FoundTable[]> {
  return snapshot.all(sql`
    select c.relname as name, n.nspname = current_schema() as own
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f')
      and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
      and not exists (
        select 1 from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
      )
    order by c.relname`);
}

/** Lets a table go on with its ids behind the last one that was ever given. */
export async function continueIds(tx: Transaction, table: string, lastId: number): Promise<void> {
  await tx.run(sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${lastId})`);
}

/** Tells the planner at once what a table holds, where it would find out within minutes. */
export async function analyzeTable(tx: Transaction, table: string): Promise<void> {
  await tx.run(sql`analyze ${raw(table)}`);
}

import sql from 'sql-template-tag';
import type { Snapshot, Transaction } from './transaction';

/** What the database remembers about itself, by name. */
export async function readSettings(snapshot: Snapshot): Promise<Map<string, string>> {
  const rows = await snapshot.all<{ name: string; value: string }>(sql`select name, value from setting`);
  return new Map(rows.map((row) => [row.name, row.value]));
}

/** Remembers a value under a name, in place of the one before. */
export async function writeSetting(tx: Transaction, name: string, value: string): Promise<void> {
  await tx.run(
    sql`insert into setting (name, value) values (${name}, ${value})
        on conflict (name) do update set value = excluded.value`,
  );
}

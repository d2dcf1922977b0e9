import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { TestDatabase } from './databases';

/**
 * Waits until no process of ours is connected to a database any more. A PostgreSQL server notices only between two
 * statements that the process behind a connection was killed, and commits what it has been told to commit; SQLite lives in
 * the process.
 */
export async function untilAlone(database: TestDatabase): Promise<void> {
  if (testEngine === 'sqlite') return;
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query(
        `select 1 from pg_stat_activity
          where datname = current_database() and application_name = 'caretally'`,
      );
      if (rows.length === 0) return;
      await sleep(10);
    }
  } finally {
    await client.end();
  }
}

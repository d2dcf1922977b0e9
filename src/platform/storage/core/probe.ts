import sql from 'sql-template-tag';
import { NotServing } from './failures';
import { writeSetting } from './settings';
import type { Transaction } from './transaction';
import type { Command, WriteQueue } from './writeQueue';

/** What keeps a database from serving. */
export interface Trouble {
  /** It does not take writes, lacks tables of this version, or somebody else keeps it from being written. */
  kind: 'unwritable' | 'outdated' | 'locked';
  /** What is told of it, where that is known and concerns whoever runs the service. */
  reason?: string;
  /** For the log alone. */
  cause?: unknown;
}

/**
 * Looks whether a database can be written and has the tables of this version. Costs a transaction that changes nothing;
 * none where others are writing, for what becomes of them says as much.
 * @param ownMigrations the names of this version's migrations
 * @param isLocked whether somebody who is not this service keeps it from being written: the writes that wait for them say
 *   nothing for as long as they wait
 */
export async function findTrouble(
  queue: WriteQueue,
  ownMigrations: readonly string[],
  isLocked: () => boolean | Promise<boolean>,
): Promise<Trouble | undefined> {
  if (await isLocked()) return { kind: 'locked' };
  const hasFailed = queue.failure !== undefined;
  if (queue.isBusy) return hasFailed ? unwritable(queue.failure) : undefined;
  try {
    const [outcome] = await queue.submit(probe, [{ writes: hasFailed }]);
    const applied = outcome !== undefined && 'value' in outcome ? outcome.value : [];
    return ownMigrations.every((name) => applied.includes(name)) ? undefined : { kind: 'outdated' };
  } catch (cause) {
    return unwritable(cause);
  }
}

function unwritable(cause: unknown): Trouble {
  return { kind: 'unwritable', cause, ...(cause instanceof NotServing && { reason: cause.reason }) };
}

interface Probe {
  /** Something is really written. An empty transaction would not notice that a disk is still full. */
  writes: boolean;
}

/** Answers the names of the migrations that have been applied. */
const probe: Command<Probe, readonly string[]> = {
  name: 'probe',
  async handle(tx, inputs) {
    // A server that only reads refuses to lock rows, also where there are none; SQLite has its lock already.
    await tx.lockRows('setting', sql`select name from setting where false`);
    if (inputs.some(({ writes }) => writes)) await writeAndRemove(tx);
    const rows = await tx.all<{ name: string }>(sql`select name from migration`);
    const value = rows.map(({ name }) => name);
    return inputs.map(() => ({ value }));
  },
};

/** SQLite writes nothing where a value stays the same. */
async function writeAndRemove(tx: Transaction): Promise<void> {
  const name = 'probe';
  await writeSetting(tx, name, 'whether it can be written');
  await tx.run(sql`delete from setting where name = ${name}`);
}

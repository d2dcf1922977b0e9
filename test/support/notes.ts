import sql, { type Sql } from 'sql-template-tag';
import type { Transaction } from '../../src/platform/storage/core/transaction';
import type { Command, Speed } from '../../src/platform/storage/core/writeQueue';
import { select } from './fixtures';
import type { TestService } from './testService';

/** What happens after a note is written, in the same transaction. */
export type After = (tx: Transaction) => unknown;

/** Writes a name down, and then does what the input says: nothing, something that fails, or waiting. */
const writeDown = (speed: Speed): Command<{ name: string; after: After | undefined }, string> => ({
  name: 'writeDown',
  speed,
  async handle(tx, inputs) {
    for (const { name } of inputs) await tx.run(sql`insert into note (name) values (${name})`);
    for (const { after } of inputs) await after?.(tx);
    return inputs.map(({ name }) => ({ value: `${name} is written` }));
  },
});
const commands = { quick: writeDown('quick'), slow: writeDown('slow') };

export function writeNote(api: TestService, name: string, after?: After, speed: Speed = 'quick') {
  return api.service.database.write(commands[speed], [{ name, after }]);
}

export const createNotes =
  testEngine === 'sqlite'
    ? sql`create table note (place integer primary key, name text unique) strict`
    : sql`create table note (place bigint generated always as identity primary key, name text unique)`;

/** The names that were committed, in the order in which they were written. */
export async function notes(api: TestService): Promise<string[]> {
  const rows = await select<{ name: string }>(api, sql`select name from note order by place`);
  return rows.map((row) => row.name);
}

/** Something to wait for until the test opens it. */
export function createGate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Keeps a transaction open, with something written in it, until the test lets it commit. */
export async function holdTransaction(api: TestService, alsoWrite?: Sql) {
  const [gate, begun] = [createGate(), createGate()];
  const after: After = async (tx) => {
    if (alsoWrite) await tx.run(alsoWrite);
    begun.open();
    await gate.opened;
  };
  const committed = writeNote(api, 'the first', after);
  await begun.opened;
  return {
    async commit() {
      gate.open();
      await committed;
    },
  };
}

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import sql from 'sql-template-tag';
import { everybody } from '../../src/platform/access/scope';
import { exportText } from '../../src/platform/export/exportText';
import { SharedSnapshot } from '../../src/platform/storage/core/sharedSnapshot';
import type { Snapshot } from '../../src/platform/storage/core/transaction';
import { reportTable } from '../../src/reimbursements/reports/exportReport';
import { createWideReport, wideRows } from '../export/wideReport';
import { select, tamper } from '../support/fixtures';
import { createNotes, notes, writeNote } from '../support/notes';
import { serviceForTests } from '../support/testService';

/** Every thread that Node has started in this process and that has not ended. */
const threads = new Set<Worker>();
const onThread = (message: unknown) => {
  const { worker } = message as { worker: Worker };
  threads.add(worker);
  worker.on('exit', () => threads.delete(worker));
};
beforeAll(() => subscribe('worker_threads', onThread));
afterAll(() => unsubscribe('worker_threads', onThread));

/** Ends the threads of all connections, as running out of memory would. */
async function killThreads(): Promise<void> {
  expect(threads.size).toBeGreaterThan(0);
  for (const thread of threads) await thread.terminate();
}

const lost = {
  code: 'UNAVAILABLE',
  message: 'The connection to the database was lost. Send this again in a few seconds.',
};

describe('when the thread of a connection dies', () => {
  const api = serviceForTests();
  const count = (snapshot: Snapshot) => snapshot.one(sql`select count(*) as notes from note`);
  beforeAll(() => tamper(api, createNotes));

  test.each(['read', 'readLong'] as const)(
    'in the middle of a %s, what is left of it fails',
    async (kind) => {
      const answers: unknown[] = [];
      const reading = api.service.database[kind](async (snapshot) => {
        answers.push(await count(snapshot));
        await killThreads();
        await writeNote(api, `during a ${kind}`);
        const left = await Promise.allSettled([count(snapshot), count(snapshot)]);
        answers.push(...left.map((answer) => answer.status));
        return count(snapshot);
      });
      await expect(reading).rejects.toMatchObject(lost);
      const before = (await notes(api)).length - 1;
      expect(answers).toEqual([{ notes: before }, 'rejected', 'rejected']);
      expect(await api.service.database[kind](count)).toEqual({ notes: before + 1 });
    },
  );

  test('while a statement runs, it fails', async () => {
    // A second or so: a thread that is told to end does so when its statement has ended.
    const slow = sql`
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 3000000) select max(i) from n`;
    const reading = select(api, slow);
    // It has a thread once its first statement is sent, which the next turn of the event loop is behind.
    await new Promise(setImmediate);
    await killThreads();
    await expect(reading).rejects.toMatchObject(lost);
    expect(await select(api, sql`select 1 as one`)).toEqual([{ one: 1 }]);
  });

  test('in the middle of a transaction, nothing of it stays, and nothing is written outside of it', async () => {
    const before = await notes(api);
    const writing = writeNote(
      api,
      'half done',
      async (tx) => {
        await killThreads();
        await tx.run(sql`insert into note (name) values ('outside')`).catch(() => undefined);
        await tx
          .insertNewRows({ table: 'note', columns: { name: 'text' }, key: 'name' }, [['outside, too']])
          .catch(() => undefined);
      },
      'slow',
    );
    await expect(writing).rejects.toMatchObject(lost);
    expect(await notes(api)).toEqual(before);
    await writeNote(api, 'the next one', undefined, 'slow');
    expect(await notes(api)).toEqual([...before, 'the next one']);
  });

  test('the reads that share its snapshot all fail', async () => {
    const shared = new SharedSnapshot(api.service.database);
    const parts = [
      shared.read(count),
      shared.read(async (snapshot) => {
        await killThreads();
        return count(snapshot);
      }),
      shared.read(count),
    ];
    const answers = await Promise.allSettled(parts);
    const value = await new SharedSnapshot(api.service.database).read(count);
    const rejected = { status: 'rejected', reason: expect.objectContaining(lost) };
    expect(answers).toEqual([{ status: 'fulfilled', value }, rejected, rejected]);
  });
});

describe('when the thread of an export dies', () => {
  const api = serviceForTests();
  beforeAll(() => createWideReport(api));

  test('the export ends there, with an error: nobody takes a part for the whole', async () => {
    const { database, calendar } = api.service;
    const table = reportTable({ scope: everybody, range: { fromMs: null, toMs: null } }, calendar);
    let rows = 0;
    const exporting = database.readLong(async (snapshot) => {
      for await (const _text of exportText(snapshot, table, 'csv', (read) => {
        rows = read;
      })) {
        if (threads.size > 0) await killThreads();
      }
    });
    await expect(exporting).rejects.toMatchObject(lost);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(wideRows);
  });
});

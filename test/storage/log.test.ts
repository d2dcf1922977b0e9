import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { selectRows } from '../../src/platform/storage/core/dialect';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { databaseForTests } from '../support/databases';
import { select } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const rows = 1_000;
const columns = { name: 'text', value: 'text' } as const;

/** Writes each row anew, 4 MB in all, which go to the log. */
const rewrite: Command<number, undefined> = {
  name: 'rewrite',
  async handle(tx, [round]) {
    const values = Array.from({ length: rows }, (_, row) => [`row ${row}`, `${round}`.padEnd(4_000, '.')]);
    await tx.run(
      sql`insert into setting (name, value) ${selectRows(columns, values)}
          on conflict (name) do update set value = excluded.value`,
    );
    return [{ value: undefined }];
  },
};

describe('the log of SQLite', () => {
  const database = databaseForTests();
  const file = database.url.replace('sqlite:', '');
  let api: TestService;

  /** From the log's header, as in https://www.sqlite.org/fileformat2.html#walformat. */
  const timesBegunAnew = () => readFileSync(`${file}-wal`).readUInt32BE(12);

  beforeAll(async () => {
    api = await startTestService({ database });
  });
  afterAll(() => api.close());

  test('begins anew again and again under steady writing, and nothing in it is lost', async () => {
    const { database: storage } = api.service;
    let round = 0;
    // 300 MB over some seconds: less than the 400 MB at which SQLite would copy by itself, and never at rest.
    for (; round < 75; round += 1) {
      await storage.write(rewrite, [round]);
      await sleep(40);
    }
    expect(timesBegunAnew()).toBeGreaterThan(0);
    const last = await select<{ name: string; value: string }>(
      api,
      sql`select name, value from setting where name like 'row %'`,
    );
    expect(last).toHaveLength(rows);
    expect(new Set(last.map(({ value }) => Number.parseInt(value, 10)))).toEqual(new Set([round - 1]));
  });

  test('is in the database soon after the last write', async () => {
    await api.service.database.write(rewrite, [0]);
    const writtenMs = Date.now();
    const isCopied = () => statSync(file).mtimeMs > writtenMs;
    for (let waited = 0; !isCopied() && waited < 30_000; waited += 50) await sleep(50);
    expect(isCopied()).toBe(true);
  });
});

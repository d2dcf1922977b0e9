import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sql from 'sql-template-tag';
import { backupSqlite } from '../../src/platform/storage/sqlite/backup';
import { findUnequalTable } from '../../src/platform/storage/sqlite/sqliteTables';
import { runCaretally } from '../support/cli';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { findDrift, findEvent, register, select } from '../support/fixtures';
import { addressOf, spawnService } from '../support/serviceProcess';
import { startTestService } from '../support/testService';
import { adminHeader } from '../support/tokens';
import { createWideReport, wideRows } from './wideReport';

import openDatabase = require('better-sqlite3');

const folder = temporaryFolder();
const file = join(folder, 'live.db');
const made = join(folder, 'made');
const backup = (...commandLine: string[]) => runCaretally(sqliteFile(file), ['backup', ...commandLine]);

beforeAll(async () => {
  const api = await startTestService({ database: sqliteFile(file) });
  await createWideReport(api);
  await api.close();
});
beforeEach(() => {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { mode: 0o700 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A client of the service that registers one event after the other and notes which were acknowledged. */
class Writer {
  readonly acknowledged: string[] = [];
  private writing = true;
  private readonly done: Promise<void>;

  constructor(url: string) {
    this.done = this.run(url);
  }

  async stop(): Promise<void> {
    this.writing = false;
    await this.done;
  }

  private async run(url: string): Promise<void> {
    const query = `mutation { registerEvent(input: {
      caregiverId: "1", eventTypeId: "1", occurredAt: "2020-05-05T12:00:00Z", lateReason: "during a backup"
    }) { event { id } } }`;
    while (this.writing) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(await adminHeader()) },
        body: JSON.stringify({ query }),
      });
      const { data } = (await response.json()) as { data: { registerEvent: { event: { id: string } } } };
      this.acknowledged.push(data.registerEvent.event.id);
    }
  }
}

test('a copy made while the service writes is whole, and has all that was acknowledged before', async () => {
  const service = spawnService({ ...process.env, DATABASE_URL: `sqlite:${file}`, LOG_LEVEL: 'silent' });
  const copy = join(made, 'copy.db');
  try {
    const url = new URL('/graphql', await addressOf(service)).href;
    const writers = Array.from({ length: 4 }, () => new Writer(url));
    const acknowledged = () => writers.flatMap((writer) => writer.acknowledged);
    while (acknowledged().length < 100) await new Promise((resolve) => setTimeout(resolve, 5));

    const before = acknowledged();
    const result = await backup(copy, '--json');
    expect(result).toMatchObject({ exitCode: 0, errors: '' });
    const summary = JSON.parse(result.output);
    expect(summary).toEqual({ database: file, file: copy, bytes: readFileSync(copy).length });
    const after = acknowledged();
    expect(after.length).toBeGreaterThan(before.length);
    await Promise.all(writers.map((writer) => writer.stop()));

    expect(readdirSync(made)).toEqual(['copy.db']);
    expect(await runCaretally(sqliteFile(copy), ['verify'])).toMatchObject({ exitCode: 0, errors: '' });
    const restored = await startTestService({ database: sqliteFile(copy) });
    expect(await select(restored, sql`pragma integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
    expect(await findDrift(restored)).toEqual([]);
    const stored = await select<{ id: string }>(
      restored,
      sql`select lower(hex(id)) as id from event where late_reason = 'during a backup'`,
    );
    const ids = new Set(stored.map(({ id }) => id));
    expect(before.filter((id) => !ids.has(id.replaceAll('-', '')))).toEqual([]);
    expect(ids.size).toBeLessThan(acknowledged().length);
    // It is a database like any other.
    const event = {
      caregiverId: '1',
      eventTypeId: '1',
      occurredAt: '2020-05-05T12:00:00Z',
      lateReason: 'here',
    };
    const { event: registered } = await register(restored, event);
    expect(await findEvent(restored, registered.id)).toMatchObject({ lateReason: 'here' });
    await restored.close();
  } finally {
    service.kill();
    await once(service, 'exit');
  }
});

test('it ends although somebody writes at each of its steps, and shows the moment of its beginning', async () => {
  const api = await startTestService({ database: sqliteFile(file) });
  const countEvents = sql`select count(*) as events from event`;
  const [before] = await select<{ events: number }>(api, countEvents);
  const copy = join(made, 'copy.db');
  const writes: Promise<unknown>[] = [];
  const steps: number[] = [];
  const writeAtStep = (pages: number) => {
    steps.push(pages);
    writes.push(
      register(api, {
        caregiverId: '2',
        eventTypeId: '1',
        occurredAt: '2019-05-05T12:00:00Z',
        lateReason: 'at a step',
      }),
    );
    // A copy that begins anew would come here for ever.
    if (steps.length > 1_000) throw new Error('the copy does not end');
  };
  await backupSqlite(file, copy, writeAtStep, 20);
  await Promise.all(writes);
  expect(steps.length).toBeGreaterThan(20);
  expect(steps).toEqual([...steps].sort((left, right) => left - right));
  const [after] = await select<{ events: number }>(api, countEvents);
  expect(after?.events).toBe((before?.events ?? 0) + writes.length);
  await api.close();
  const restored = await startTestService({ database: sqliteFile(copy) });
  expect(await select(restored, countEvents)).toEqual([before]);
  expect(before?.events).toBeGreaterThanOrEqual(wideRows);
  await restored.close();
});

test('a file that is there already is kept, unless --force says otherwise', async () => {
  const copy = join(made, 'copy.db');
  writeFileSync(copy, 'something else');
  expect(await backup(copy)).toEqual({
    exitCode: 1,
    output: '',
    errors: `${copy} is there already. Choose another name, or replace it with --force.\n`,
  });
  expect(readFileSync(copy, 'utf8')).toBe('something else');

  const forced = await backup(copy, '--force');
  expect([forced.exitCode, forced.errors]).toEqual([0, '']);
  expect(forced.output).toMatch(
    /^Copied .*live\.db to .*copy\.db \([\d.]+ MB\)\. It is a database of its own: /,
  );
  expect(await runCaretally(sqliteFile(copy), ['verify'])).toMatchObject({ exitCode: 0 });
});

test('the log of a database that lay under the name before is not read into the copy', async () => {
  const copy = join(made, 'copy.db');
  const older = await startTestService({ database: sqliteFile(copy) });
  await older.data('mutation { createUnit(input: { name: "older" }) { id } }');
  copyFileSync(`${copy}-wal`, join(made, 'kept'));
  await older.close();
  copyFileSync(join(made, 'kept'), `${copy}-wal`);
  rmSync(copy);

  expect((await backup(copy)).errors).toBe(
    `${copy}-wal is there already. Choose another name, or replace it with --force.\n`,
  );
  expect(await backup(copy, '--force')).toMatchObject({ exitCode: 0 });
  expect(existsSync(`${copy}-wal`)).toBe(false);
  const restored = await startTestService({ database: sqliteFile(copy) });
  expect(await select(restored, sql`select count(*) as units from unit where name = 'older'`)).toEqual([
    { units: 0 },
  ]);
  await restored.close();
});

test('what cannot be copied is refused in a sentence', async () => {
  expect((await backup(file, '--force')).errors).toBe(
    `${file} is the database itself; choose another name for the copy.\n`,
  );
  const missing = join(folder, 'missing.db');
  expect(await runCaretally(sqliteFile(missing), ['backup', join(made, 'copy.db')])).toEqual({
    exitCode: 1,
    output: '',
    errors: `There is no database ${missing} to copy. Check DATABASE_URL.\n`,
  });
  expect(existsSync(missing)).toBe(false);
  const nowhere = join(made, 'missing', 'copy.db');
  expect((await backup(nowhere)).errors).toMatch(/^Cannot write .*copy\.db \(ENOENT\)\./);
  const text = join(folder, 'text.db');
  writeFileSync(text, 'no database at all, but long enough to be read as the header of one. '.repeat(10));
  const refused = await runCaretally(sqliteFile(text), ['backup', join(made, 'copy.db')]);
  expect([refused.exitCode, refused.errors]).toEqual([
    1,
    `Cannot copy ${text}: file is not a database (SQLITE_NOTADB).\n`,
  ]);
  expect(readdirSync(made)).toEqual([]);
});

test('a database that is damaged is not backed up as if it were whole', async () => {
  const damaged = join(folder, 'damaged.db');
  copyFileSync(file, damaged);
  const database = openDatabase(damaged);
  const page = database
    .prepare(`select rootpage from sqlite_schema where name = 'monthly_rollup_month'`)
    .pluck()
    .get();
  database.close();
  const content = readFileSync(damaged);
  // Where the first row of the page lies.
  content.writeUInt8(
    content.readUInt8(((page as number) - 1) * 4_096 + 13) ^ 4,
    ((page as number) - 1) * 4_096 + 13,
  );
  writeFileSync(damaged, content);
  const { exitCode, output, errors } = await runCaretally(sqliteFile(damaged), [
    'backup',
    join(made, 'copy.db'),
  ]);
  expect([exitCode, output]).toEqual([1, '']);
  expect(errors).toMatch(
    /^(Copying .*\n)*No copy was made of .*damaged\.db: .*index monthly_rollup_month.*npx caretally verify/,
  );
  expect(readdirSync(made)).toEqual([]);
});

test('the comparison of a copy with its database finds any value that is another one', async () => {
  const copy = join(made, 'copy.db');
  expect(await backup(copy)).toMatchObject({ exitCode: 0 });
  const compare = async () => {
    const database = openDatabase(file, { readonly: true });
    database.prepare('attach ? as copy').run(copy);
    const unequal = await findUnequalTable(database, 'main', 'copy');
    database.close();
    return unequal;
  };
  // The note of the backup is in both.
  expect(await compare()).toBeUndefined();
  for (const [table, change] of [
    ['event', `update event set late_reason = 'x' where id = (select max(id) from event)`],
    [
      'monthly_rollup',
      'delete from monthly_rollup where caregiver_id = (select max(caregiver_id) from monthly_rollup)',
    ],
    ['unit', `insert into unit (name) values ('more')`],
    ['caregiver', `update caregiver set name = name || ' ' where id = (select max(id) from caregiver)`],
    ['sqlite_schema', 'drop index unit_name'],
  ] as const) {
    const database = openDatabase(copy);
    database.exec(change);
    database.close();
    expect(await compare()).toBe(table);
    expect(await backup(copy, '--force')).toMatchObject({ exitCode: 0 });
  }
});

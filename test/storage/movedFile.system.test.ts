import { copyFileSync, linkSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import openDatabase from 'better-sqlite3';
import sql from 'sql-template-tag';
import { runCaretally } from '../support/cli';
import { sqliteFile, temporaryFolder } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  noon,
  noonMs,
  register,
  registerEvent,
  tamper,
} from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

/** Commands are processes of their own. */
jest.setTimeout(180_000);

let folder: string;
let file: string;
let api: TestService;
let input: { caregiverId: string; eventTypeId: string; occurredAt: string };
beforeEach(async () => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'data'));
  file = join(folder, 'data', 'care.db');
  api = await startTestService({ database: sqliteFile(file) });
  await api.service.database.claim();
  api.setNow(noonMs);
  input = {
    caregiverId: await createCaregiver(api),
    eventTypeId: await createEventType(api),
    occurredAt: noon,
  };
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const ready = async () => {
  const response = await api.server.inject({ method: 'GET', url: '/health/ready' });
  return [response.statusCode, response.json()];
};

async function expectRefused(reason: string): Promise<void> {
  for (const [operation, variables] of [
    [registerEvent, { input }],
    ['{ events { nodes { id } } }', {}],
  ] as const) {
    expect(await api.ask(operation, variables)).toMatchObject({
      status: 503,
      errors: [{ message: expect.stringContaining('Nothing was done'), extensions: { code: 'UNAVAILABLE' } }],
    });
  }
  expect(await ready()).toEqual([503, { status: 'unavailable', failed: 'database', reason }]);
}

const replaced = 'The file of the database was moved, deleted or replaced while the service ran.';

interface Way {
  what: string;
  act(): void;
  /** Left out where what is gone is gone. */
  undo?(): void;
}

const ways: Way[] = [
  {
    what: 'is renamed',
    act: () => renameSync(file, `${file}.old`),
    undo: () => renameSync(`${file}.old`, file),
  },
  {
    what: 'lies in a folder that is renamed',
    act: () => renameSync(join(folder, 'data'), join(folder, 'old')),
    undo: () => renameSync(join(folder, 'old'), join(folder, 'data')),
  },
  {
    what: 'is replaced by a copy of it',
    act() {
      copyFileSync(file, join(folder, 'copy.db'));
      renameSync(file, `${file}.old`);
      renameSync(join(folder, 'copy.db'), file);
    },
    undo: () => renameSync(`${file}.old`, file),
  },
  { what: 'is deleted', act: () => rmSync(file) },
  { what: 'loses its log', act: () => rmSync(`${file}-wal`) },
  { what: 'loses the index of its log', act: () => rmSync(`${file}-shm`) },
];

test.each(ways)('when the file $what, nothing more is acknowledged', async ({ act, undo }) => {
  const { event } = await register(api, input);
  act();
  await expectRefused(replaced);
  if (!undo) return;
  undo();
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  await register(api, input);
  const { events } = await api.data('{ events { nodes { id } } }');
  expect(events.nodes).toHaveLength(2);
  expect(events.nodes.map(({ id }: { id: string }) => id)).toContain(event.id);
});

test('when the file loses its name, what was acknowledged before is in the file all the same', async () => {
  const { event } = await register(api, input);
  // The name of the log stays with the old one, as it does for whoever moves all three.
  for (const suffix of ['', '-wal', '-shm']) renameSync(file + suffix, join(folder, `moved.db${suffix}`));
  await expectRefused(replaced);
  await api.close();
  const moved = openDatabase(join(folder, 'moved.db'), { readonly: true });
  expect(moved.prepare('select lower(hex(id)) as id from event').all()).toEqual([
    { id: event.id.replaceAll('-', '') },
  ]);
  moved.close();
});

/** Waits until the mark of this service has been copied from the log to the file. */
async function checkpoint(): Promise<void> {
  const database = openDatabase(file);
  database.pragma('wal_checkpoint(passive)');
  database.close();
  expect(await ready()).toEqual([200, { status: 'ready' }]);
}

test('when a backup is laid over the file, nothing more is acknowledged', async () => {
  await checkpoint();
  const backup = join(folder, 'backup.db');
  expect(await runCaretally(sqliteFile(file), ['backup', backup])).toMatchObject({ exitCode: 0 });
  await register(api, input);
  copyFileSync(backup, file);
  await expectRefused(replaced);
});

test('when the file is emptied, nothing more is acknowledged', async () => {
  await checkpoint();
  truncateSync(file, 0);
  await expectRefused(replaced);
});

test('when another service has taken the file over, this one writes nothing more', async () => {
  const other = await startTestService({ database: sqliteFile(file) });
  await other.service.database.claim();
  expect(await api.ask(registerEvent, { input })).toMatchObject({
    status: 503,
    errors: [{ message: expect.stringMatching(/Another service has begun to serve.*Nothing was done/) }],
  });
  expect(await ready()).toEqual([
    503,
    {
      status: 'unavailable',
      failed: 'database',
      reason: 'Another service has begun to serve this database.',
    },
  ]);
  other.setNow(noonMs);
  await register(other, input);
  await other.close();
});

test('a file that has a second name is opened by nobody', async () => {
  const link = join(folder, 'link.db');
  linkSync(file, link);
  // Who has it open goes on: a name by itself does no harm.
  await register(api, input);
  for (const command of [['verify'], ['backup', join(folder, 'backup.db')], ['export', 'report']]) {
    const { exitCode, errors } = await runCaretally(sqliteFile(link), command);
    expect([command, exitCode, errors]).toEqual([
      command,
      1,
      expect.stringContaining('is one of 2 names of the same file (hard links)'),
    ]);
  }
  rmSync(link);
});

describe('a command does not write its output over', () => {
  const suffixes = ['', '-wal', '-shm', '.secret'];
  test.each(suffixes)('the database, or what belongs to it: care.db%s', async (suffix) => {
    await tamper(api, sql`select 1`);
    const source = sqliteFile(file);
    const other = join(folder, 'other.db');
    const commands = [
      ['export', 'report', '--output', file + suffix],
      ...(suffix === '' ? [] : [['backup', '--force', file + suffix]]),
    ];
    for (const command of commands) {
      for (const database of [source, sqliteFile(other)]) {
        const { exitCode, errors } = await runCaretally(database, command);
        // Where there is no database yet, backup has nothing to copy.
        if (command[0] === 'backup' && database !== source) continue;
        expect([command, exitCode]).toEqual([command, 1]);
        expect(errors).toMatch(/is a database; choose|belongs to the database .*; choose another name/);
      }
    }
    await register(api, input);
  });
});

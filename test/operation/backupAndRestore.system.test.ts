import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  databaseForTests,
  newDatabase,
  onCitus,
  sqliteFile,
  type TestDatabase,
  temporaryFolder,
} from '../support/databases';
import { createCaregiver, createEventType, findDrift, readTally, registerPast } from '../support/fixtures';
import { startTestService } from '../support/testService';

const projectFolder = join(__dirname, '..', '..');
const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The commands of the page, by the engine that they are for. */
const page = readFileSync(join(projectFolder, 'docs', 'backup-and-restore.md'), 'utf8');
const [sqlitePart, postgresPart] = page.split('## PostgreSQL') as [string, string];
const part = testEngine === 'sqlite' ? sqlitePart : postgresPart;
const [backUp, restore] = [...part.matchAll(/```sh\n(.*?)```/gs)].map(
  ([, commands]) => commands as string,
) as [string, string];

/** Runs commands as they stand there, beside a project that is built elsewhere. */
async function run(commands: string, environment: Record<string, string>): Promise<string> {
  const cli = join(projectFolder, 'dist', 'src', 'cli.js');
  const npx = `npx() { shift; '${process.execPath}' '${cli}' "$@"; }`;
  const { stdout } = await promisify(execFile)('bash', ['-euc', `${npx}\n${commands}`], {
    cwd: folder,
    env: { ...process.env, ...environment },
  });
  return stdout;
}

/** The database that the service uses, and the one that it uses after a restore. */
function ends(): { used: TestDatabase; restored: TestDatabase; environment: Record<string, string> } {
  if (testEngine === 'postgres') {
    const environment = { DATABASE_URL: postgresDatabase.url, RESTORED_URL: toRestore.url };
    return { used: postgresDatabase, restored: toRestore, environment };
  }
  mkdirSync(join(folder, 'data'));
  const used = sqliteFile(join(folder, 'data', 'caretally.db'));
  return { used, restored: used, environment: { DATABASE_URL: 'sqlite:data/caretally.db' } };
}

/** The tests need a name of their own. */
function rename(commands: string): string {
  if (testEngine === 'sqlite') return commands;
  expect(commands).toContain('caretally_restored');
  return commands.replace('caretally_restored', new URL(toRestore.url).pathname.slice(1));
}

const postgresDatabase = databaseForTests();
const toRestore = newDatabase();
afterAll(() => toRestore.drop());

test('what the page says backs up a service in use, and brings it back', async () => {
  // A cluster has its own way: docs/citus.md.
  if (onCitus) return;
  const { used, restored, environment } = ends();
  const api = await startTestService({ database: used });
  const caregiverId = await createCaregiver(api);
  const eventTypeId = await createEventType(api);
  const register = (events: number) =>
    registerPast(
      api,
      Array.from({ length: events }, () => ({
        caregiverId,
        eventTypeId,
        occurredAt: '2025-05-05T12:00:00Z',
      })),
    );
  await register(30);
  const before = await readTally(api, {});
  const said = await run(backUp, environment);
  if (testEngine === 'sqlite') expect(said).toContain('Every rollup agrees with its facts');
  await register(12);
  expect(await readTally(api, {})).not.toEqual(before);
  await api.close();

  expect(await run(rename(restore), environment)).toContain('Every rollup agrees with its facts');
  const again = await startTestService({ database: restored });
  expect(await readTally(again, {})).toEqual(before);
  expect(before.owed.events).toBe(30);
  expect(await findDrift(again)).toEqual([]);
  await again.close();
});

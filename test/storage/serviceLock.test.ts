import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runCaretally } from '../support/cli';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { RunningService } from '../support/runningService';

const folder = temporaryFolder();
const file = join(folder, 'care.db');
const environment = {
  LOG_LEVEL: 'silent',
  AUTH_SECRET: 'a secret for the tests of the lock, and for nothing else',
};
const running: RunningService[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.remove();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(path = file): Promise<RunningService> {
  const service = await RunningService.start({ ...environment, DATABASE_URL: `sqlite:${path}` });
  running.push(service);
  return service;
}

/** A service that must not start; answers what it says. */
async function refused(path: string): Promise<string> {
  const { exitCode, output, errors } = await runCaretally(sqliteFile(path), ['serve'], {
    ...environment,
    PORT: '0',
  });
  expect([exitCode, output]).toEqual([1, '']);
  return errors;
}

const taken = (path: string) =>
  `Another service serves ${path} already. Stop it first, or give this one a database of its own: DATABASE_URL=sqlite:another.db\n`;

test('a second service on the same file is refused in a sentence, whatever the file is called', async () => {
  const first = await start();
  const link = join(folder, 'link.db');
  symlinkSync(file, link);
  mkdirSync(join(folder, 'deeper'));
  symlinkSync(folder, join(folder, 'deeper', 'folder'));
  const names = [file, link, join(folder, 'deeper', 'folder', 'care.db'), relative(process.cwd(), file)];
  for (const name of names) expect(await refused(name)).toBe(taken(name));
  expect((await first.get('/health/ready')).status).toBe(200);
});

test('a link to a file that is not there yet is a name of that file, too', async () => {
  const link = join(folder, 'new link.db');
  const target = join(folder, 'new.db');
  symlinkSync(target, link);
  await start(link);
  expect(await refused(target)).toBe(taken(target));
  expect(await refused(link)).toBe(taken(link));
});

test('two that start at the same time: one serves', async () => {
  const path = join(folder, 'both.db');
  const both = await Promise.allSettled([start(path), start(path)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test.each(['SIGTERM', 'SIGKILL'] as const)('after an end by %s nothing is in the way', async (signal) => {
  const first = await start();
  await first.end(signal);
  expect(existsSync(`${file}.lock`)).toBe(true);
  const second = await start();
  expect((await second.get('/health/ready')).status).toBe(200);
  expect(await refused(file)).toBe(taken(file));
});

test('commands beside a service are welcome', async () => {
  const service = await start();
  for (const command of [['verify'], ['rebuild'], ['migrate'], ['export', 'report', '--format', 'csv']]) {
    expect(await runCaretally(sqliteFile(file), command)).toMatchObject({ exitCode: 0, errors: '' });
  }
  const copy = join(folder, 'copy.db');
  expect(await runCaretally(sqliteFile(file), ['backup', copy])).toMatchObject({ exitCode: 0 });
  expect((await service.get('/health/ready')).status).toBe(200);
  await start(copy);
});

/** Root may write everything but what is immutable; others are kept out by the mode of the file. */
const seals =
  process.getuid?.() === 0
    ? [(path: string, sealed: boolean) => spawnSync('chattr', [sealed ? '+i' : '-i', path]).status === 0]
    : [
        (path: string, sealed: boolean) => {
          chmodSync(path, sealed ? 0o444 : 0o644);
          return true;
        },
      ];

test('a file that can only be read is refused in a sentence', async () => {
  const path = join(folder, 'sealed.db');
  await (await start(path)).end();
  for (const seal of seals) {
    // Not every file system can keep root out.
    if (!seal(path, true)) continue;
    const said = await refused(path);
    seal(path, false);
    expect(said).toMatch(
      /^Cannot write .*sealed\.db, or beside it \((EACCES|EPERM|EROFS)\)\. Check that the disk/,
    );
  }
  expect((await (await start(path)).get('/health/ready')).status).toBe(200);
});

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import openDatabase from 'better-sqlite3';
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

test('a second service is refused by a hard link, and when the lock file was deleted', async () => {
  const path = join(folder, 'linked.db');
  const first = await start(path);
  rmSync(`${path}.lock`);
  expect(await refused(path)).toBe(taken(path));
  const link = join(folder, 'hard link.db');
  linkSync(path, link);
  expect(await refused(link)).toBe(taken(link));
  rmSync(`${path}.lock`, { force: true });
  expect(await refused(link)).toBe(taken(link));
  expect((await first.get('/health/ready')).status).toBe(200);
  // Nobody serves it any more, and by its other name the log would be missed.
  await first.end('SIGKILL');
  expect(await refused(link)).toMatch(/is one of 2 names of the same file \(hard links\)/);
  rmSync(link);
  expect((await (await start(path)).get('/health/ready')).status).toBe(200);
}, 180_000);

test('commands that would take away what a service goes by are refused beside it', async () => {
  const path = join(folder, 'served.db');
  const service = await start(path);
  const served = sqliteFile(path);
  const source = join(folder, 'source.db');
  expect(await runCaretally(served, ['backup', source])).toMatchObject({ exitCode: 0 });
  const expectRefused = async (command: string[], database = served, more = {}) => {
    const { exitCode, output, errors } = await runCaretally(database, command, more);
    expect([command, exitCode, output]).toEqual([command, 1, '']);
    expect(errors).toMatch(
      /a service is serving.*(stop the service|Stop it before).*Nothing was changed\.\n$/i,
    );
  };
  await expectRefused(['backup', '--force', path], sqliteFile(source));
  await expectRefused(['rebuild'], served, { TIME_ZONE: 'Asia/Tokyo' });
  const database = openDatabase(path);
  database.exec(`create table kept as select * from migration;
    delete from migration where id = (select max(id) from migration)`);
  await expectRefused(['migrate']);
  await expectRefused(['verify']);
  database.exec('insert into migration select * from kept where id not in (select id from migration)');
  database.close();
  expect((await service.get('/health/ready')).status).toBe(200);
  await service.end();
  expect(await runCaretally(sqliteFile(source), ['backup', '--force', path])).toMatchObject({ exitCode: 0 });
}, 180_000);

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

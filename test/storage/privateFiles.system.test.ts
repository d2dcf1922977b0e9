import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { createCaregiver, createEventType, register } from '../support/fixtures';
import { RunningService } from '../support/runningService';
import { spawnService } from '../support/serviceProcess';
import { startTestService } from '../support/testService';

const cli = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
const folder = temporaryFolder();
const running: RunningService[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.remove();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shell that takes a umask and becomes the command behind it. */
const under = (umask: string) => ['/bin/sh', '-c', `umask ${umask} && exec "$@"`, 'sh'];

async function run(
  file: string,
  commandLine: readonly string[],
  { umask = '000', environment = {} }: { umask?: string; environment?: NodeJS.ProcessEnv } = {},
) {
  const [shell = '', ...given] = under(umask);
  const child = spawn(shell, [...given, process.execPath, cli, ...commandLine], {
    env: { ...process.env, DATABASE_URL: `sqlite:${file}`, AUTH_SECRET: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, output, errors };
}

async function start(
  file: string,
  { umask = '000', environment = {} }: { umask?: string; environment?: NodeJS.ProcessEnv } = {},
): Promise<RunningService> {
  const given = { DATABASE_URL: `sqlite:${file}`, AUTH_SECRET: '', LOG_LEVEL: 'warn', ...environment };
  const service = await RunningService.of(spawnService({ ...process.env, ...given }, folder, under(umask)));
  running.push(service);
  return service;
}

/** Every file and folder below this one, and this one, with its mode. */
function modesIn(path: string): Record<string, string> {
  const names = ['', ...readdirSync(path, { recursive: true, encoding: 'utf8' })];
  return Object.fromEntries(
    names.map((name) => [name, (statSync(join(path, name)).mode & 0o777).toString(8)]),
  );
}

/** A folder with a database of some events in it, and a file of events that cannot be imported. */
async function makeWorld(name: string) {
  const world = join(folder, name);
  mkdirSync(world, { mode: 0o700 });
  const file = join(world, 'care.db');
  const api = await startTestService({ database: sqliteFile(file) });
  const [caregiverId, eventTypeId] = [await createCaregiver(api), await createEventType(api)];
  await register(api, { caregiverId, eventTypeId, occurredAt: '2020-05-05T12:00:00Z', lateReason: 'a test' });
  await api.close();
  const refused = join(world, 'refused.csv');
  writeFileSync(refused, 'id,caregiver,event_type,occurred_at\nnone,nobody,nothing,never\n', { mode: 0o600 });
  return { world, file, refused };
}

const ofService = {
  '': '700',
  data: '700',
  'data/care.db': '600',
  'data/care.db-wal': '600',
  'data/care.db-shm': '600',
  'data/care.db.lock': '600',
  'data/care.db.secret': '600',
};

/** The commands that make a file or a folder, and what they make. An import that refuses every line ends with 1. */
const commands = (world: string): [made: string, commandLine: string[], exitCode?: number][] => [
  ['deeper/made/new.db', ['migrate']],
  ['care.db.secret', ['token', '--role', 'ADMIN']],
  ['report.csv', ['export', 'report', '--output', join(world, 'report.csv')]],
  ['refused.csv.rejects.csv', ['import', 'events', join(world, 'refused.csv')], 1],
  [
    'rejects.csv',
    ['import', 'events', join(world, 'refused.csv'), '--rejects', join(world, 'rejects.csv')],
    1,
  ],
  ['backup.db', ['backup', join(world, 'backup.db')]],
];

const guard = join(folder, 'guard.cjs');
beforeAll(() => {
  writeFileSync(
    guard,
    `const fs = require('node:fs');
     for (const name of ['chmod', 'fchmod', 'lchmod']) {
       fs[name] = fs[name + 'Sync'] = fs.promises[name] = () => { throw new Error('it was wider before'); };
     }
     process.umask = () => 0;`,
  );
});

describe.each([
  ['a umask that takes nothing away, from their first moment on', '000', true],
  ['a umask that takes everything away', '777', false],
])('under %s', (_what, umask, isGuarded) => {
  // Nothing is narrowed afterwards, and nothing relies on a umask of the program's own.
  const environment = isGuarded ? { NODE_OPTIONS: `--require "${guard}"` } : {};

  test('what a service makes is for its owner alone: folders, database, log, lock and secret', async () => {
    const data = join(folder, `of the service ${umask}`, 'data');
    const service = await start(join(data, 'care.db'), { umask, environment });
    expect((await service.get('/health/ready')).status).toBe(200);
    expect(modesIn(join(data, '..'))).toEqual(ofService);
    expect(service.log).toEqual([]);
  });

  describe('what commands make, too:', () => {
    const name = `of commands ${umask}`;
    beforeAll(() => makeWorld(name));

    test.each(commands(join(folder, name)))('%s', async (made, commandLine, exitCode = 0) => {
      const world = join(folder, name);
      const file = join(world, commandLine[0] === 'migrate' ? made : 'care.db');
      expect(await run(file, commandLine, { umask, environment })).toMatchObject({ exitCode, errors: '' });
      expect(modesIn(world)).toHaveProperty([made], '600');
      const isRight = ([path, mode]: [string, string]) =>
        mode === (statSync(join(world, path)).isDirectory() ? '700' : '600');
      expect(Object.entries(modesIn(world)).filter((entry) => !isRight(entry))).toEqual([]);
    });
  });
});

test('a file that is replaced is not as wide as the one before', async () => {
  const { world, file, refused } = await makeWorld('replaced');
  const wide = ['report.csv', 'report.csv.partial', 'backup.db', 'refused.csv.rejects.csv'];
  for (const name of wide) writeFileSync(join(world, name), 'wide');
  // What lies in the place of the reject file must be one, or it stays.
  writeFileSync(`${refused}.rejects.csv`, 'line,code,reason,id,caregiver,event_type,occurred_at\r\n');
  for (const name of wide) chmodSync(join(world, name), 0o666);
  for (const [exitCode, ...commandLine] of [
    [0, 'export', 'report', '--output', join(world, 'report.csv')],
    [0, 'backup', '--force', join(world, 'backup.db')],
    [1, 'import', 'events', refused],
  ] as const) {
    expect(await run(file, commandLine)).toMatchObject({ exitCode });
  }
  expect(Object.entries(modesIn(world)).filter(([, mode]) => mode !== '600')).toEqual([['', '700']]);
  expect(readFileSync(`${refused}.rejects.csv`, 'utf8')).toMatch(
    /^line,code,reason,.*\r?\n2,UNKNOWN_CAREGIVER,/,
  );
});

describe('a database that others may use already', () => {
  /** As an earlier version has made it, under the usual umask. */
  async function makeWideWorld(name: string) {
    const { world, file } = await makeWorld(name);
    for (const path of [file, `${file}.lock`]) {
      writeFileSync(path, '', { flag: 'a' });
      chmodSync(path, 0o644);
    }
    chmodSync(world, 0o755);
    return { world, file };
  }
  const warnings = (world: string, file: string) => [
    `Others than its owner may use the folder ${world} (mode 755), which is for data about people. Take the rights away: chmod 700 ${world}`,
    ...[file, `${file}-wal`, `${file}-shm`, `${file}.lock`].map(
      (path) =>
        `Others than its owner may read or write ${path} (mode 644), which is for data about people. Take the rights away: chmod 600 ${path}`,
    ),
  ];

  test('is served, and the log names each file and the command that mends it, once', async () => {
    const { world, file } = await makeWideWorld('wide');
    const service = await start(file);
    expect(service.log.map(({ level, msg }) => ({ level, msg }))).toEqual(
      warnings(world, file).map((msg) => ({ level: 40, msg })),
    );
    for (const { msg } of service.log) {
      const [, command = ''] = /: (chmod .*)$/.exec(msg) ?? [];
      expect(spawnSync('/bin/sh', ['-c', command]).status).toBe(0);
    }
    await service.end();
    expect((await start(file)).log).toEqual([]);
    expect(modesIn(world)).toEqual({
      '': '700',
      'care.db': '600',
      'care.db-wal': '600',
      'care.db-shm': '600',
      'care.db.lock': '600',
      'care.db.secret': '600',
      'refused.csv': '600',
    });
  });

  test('is verified, which warns of the same beside what it found, also of a name that a shell would split', async () => {
    const { world, file } = await makeWideWorld("Kim's data & more");
    const { exitCode, output, errors } = await run(file, ['verify']);
    expect([exitCode, output]).toEqual([
      0,
      expect.stringMatching(/^No id is used twice.*\nEvery rollup agrees with its facts/),
    ]);
    const told = errors.trim().split('\n');
    expect(told.map((line) => line.replace(/chmod .*/, ''))).toEqual(
      warnings(world, file)
        .filter((line) => !/-(wal|shm) /.test(line))
        .map((line) => line.replace(/chmod .*/, '')),
    );
    for (const line of told) {
      const [, command = ''] = /: (chmod .*)$/.exec(line) ?? [];
      expect(spawnSync('/bin/sh', ['-c', command]).status).toBe(0);
    }
    const again = await run(file, ['verify', '--json']);
    expect(again).toMatchObject({ exitCode: 0, errors: '' });
    expect(JSON.parse(again.output)).toMatchObject({ driftCount: 0 });
  });
});

describe('a link in the place of what is to be written is not followed', () => {
  const other = join(folder, 'other');
  beforeEach(() => writeFileSync(other, 'precious'));
  afterEach(() => expect(readFileSync(other, 'utf8')).toBe('precious'));
  const isLink = (path: string) => `${path} is a symbolic link`;

  test.each([
    ['an export', (path: string) => ['export', 'report', '--output', path]],
    ['a backup', (path: string) => ['backup', '--force', path]],
    ['a reject file', (path: string, refused: string) => ['import', 'events', refused, '--rejects', path]],
  ])('%s: to a file that is there, to one that is not, and to a folder', async (what, commandLine) => {
    const { world, file, refused } = await makeWorld(`links of ${what}`);
    const missing = join(folder, 'missing');
    for (const [target, sentence] of [
      [other, isLink],
      [missing, isLink],
      [folder, (path: string) => `${path} is there already and is no file`],
    ] as const) {
      const path = join(world, 'link');
      symlinkSync(target, path);
      const { exitCode, output, errors } = await run(file, commandLine(path, refused));
      expect([target, exitCode, output, errors]).toEqual([
        target,
        1,
        '',
        expect.stringMatching(new RegExp(`^${sentence(path)}.*\\.\\n$`)),
      ]);
      expect(lstatSync(path).isSymbolicLink()).toBe(true);
      expect(existsSync(missing)).toBe(false);
      rmSync(path);
    }
    expect(readdirSync(world).sort()).toEqual(['care.db', 'refused.csv']);
  });

  test('a part that a killed run left is no way in, either', async () => {
    const { world, file } = await makeWorld('links of parts');
    symlinkSync(other, join(world, 'report.csv.partial'));
    const path = join(world, 'report.csv');
    expect(await run(file, ['export', 'report', '--output', path])).toMatchObject({ exitCode: 0 });
    expect(lstatSync(path).isFile()).toBe(true);
  });

  test.each([
    ['-wal', ['serve']],
    ['-shm', ['verify']],
    ['-journal', ['backup', join(folder, 'never.db')]],
    ['.lock', ['serve']],
  ])('%s beside the database, met by %j', async (suffix, commandLine) => {
    const { file } = await makeWorld(`links of ${suffix}`);
    symlinkSync(other, `${file}${suffix}`);
    const refused = await run(file, commandLine, { environment: { PORT: '0' } });
    expect([refused.exitCode, refused.output]).toEqual([1, '']);
    expect(refused.errors).toMatch(new RegExp(`^${isLink(`${file}${suffix}`)}.*\\.\\n$`));
  });

  test('the secret, where the link leads nowhere', async () => {
    const { file } = await makeWorld('links of the secret');
    const missing = join(folder, 'missing secret');
    symlinkSync(missing, `${file}.secret`);
    expect(await run(file, ['token', '--role', 'ADMIN'])).toMatchObject({ exitCode: 1, output: '' });
    expect(existsSync(missing)).toBe(false);
  });
});

test('a device takes no reject file, and is still there', async () => {
  const { file, refused } = await makeWorld('devices');
  expect(await run(file, ['import', 'events', refused, '--rejects', '/dev/null'])).toMatchObject({
    exitCode: 1,
    errors: '/dev/null is there already and is no file; choose another name with --rejects.\n',
  });
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

import { execFile, spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readConfig } from '../../src/platform/config';
import { temporaryFolder } from '../support/databases';
import { buildImage, type Image, processIn, readDockerfile } from '../support/image';
import { readYaml } from '../support/readYaml';
import { RunningService } from '../support/runningService';

const projectFolder = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

const instructions = readDockerfile(read('Dockerfile'));
const of = (name: string) => instructions.filter((line) => line.name === name).map(({ given }) => given);
/** The last stage: what is run. */
const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const lastOf = (wanted: string) => last.filter(({ name }) => name === wanted).map(({ given }) => given);
const environment = Object.fromEntries(
  lastOf('ENV')
    .flatMap((given) => given.split(/ +/))
    .map((pair) => pair.split('=') as [string, string]),
);

describe('the image', () => {
  test('copies what there is, and what .dockerignore lets through', () => {
    const fromHere = of('COPY').filter((given) => !given.includes('--from'));
    const sources = fromHere.flatMap((given) => given.split(/ +/).slice(0, -1));
    expect(sources).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'src', 'seed']));
    expect(sources.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([]);
    const [first, ...allowed] = read('.dockerignore')
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    expect(first).toBe('*');
    expect(allowed.map((line) => line.replace('!', '')).sort()).toEqual([...new Set(sources)].sort());
  });

  test('is built by scripts that there are, from what is copied before', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const run = of('RUN').join('\n');
    const called = [...run.matchAll(/npm run (\w+)/g)].map(([, name]) => name as string);
    expect(called).toEqual(['build']);
    expect(called.filter((name) => !scripts[name])).toEqual([]);
    const { include } = JSON.parse(read('tsconfig.json')) as { include: string[] };
    // Benchmarks are left behind.
    expect(include.map((pattern) => pattern.split('/')[0]).filter((part) => part !== 'bench')).toEqual(
      expect.arrayContaining(['src', 'seed']),
    );
    expect(scripts.build).toContain('src/web/');
  });

  test('holds what the built service loads, once packages for development are gone', () => {
    expect(of('RUN').some((given) => given.includes('npm prune --omit=dev'))).toBe(true);
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const loaded = ['src', 'seed'].flatMap((part) =>
      readdirSync(join(projectFolder, 'dist', part), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.js'))
        .flatMap((name) => [...read(join('dist', part, name)).matchAll(/\brequire\("([^"]+)"\)/g)])
        .map(([, target]) => target as string),
    );
    expect(loaded.length).toBeGreaterThan(300);
    const packages = loaded
      .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && !builtinModules.includes(name))
      .map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      );
    expect([...new Set(packages)].filter((name) => !(name in dependencies))).toEqual([]);
    const outside = loaded.filter((name) => /^\.\.\/.*\b(bench|test)\//.test(name));
    expect(outside).toEqual([]);
  });

  test('runs as somebody else than root, with settings that are taken', () => {
    expect(lastOf('USER')).toEqual(['node']);
    const { NODE_ENV, ...settings } = environment;
    expect(NODE_ENV).toBe('production');
    expect(readConfig(settings)).toMatchObject({
      host: '0.0.0.0',
      port: Number(lastOf('EXPOSE')[0]),
      database: { engine: 'sqlite', file: `${lastOf('VOLUME')[0]}/caretally.db` },
      databaseIsDefault: false,
    });
  });

  describe('built step by step, of nothing but what it copies', () => {
    const folder = temporaryFolder();
    let image: Image;
    beforeAll(async () => {
      image = await buildImage(projectFolder, folder);
    }, 600_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test('lets whom it runs as read all of the program, and write the data alone', async () => {
      expect(image.user).toBe('node');
      expect(image.owners).toEqual(['node:node /data']);
      expect(image.volumes).toEqual(['/data']);
      expect((statSync(join(image.root, 'data')).mode & 0o777).toString(8)).toBe('700');
      const program = join(image.root, image.workingFolder);
      const names = readdirSync(program, { recursive: true, encoding: 'utf8' });
      expect(names).toEqual(
        expect.arrayContaining([
          'dist/src/main.js',
          'dist/web/index.html',
          'node_modules/fastify/package.json',
        ]),
      );
      const isClosed = (path: string) => {
        const stats = lstatSync(path);
        const needed = stats.isDirectory() ? 0o005 : 0o004;
        return !stats.isSymbolicLink() && (stats.mode & needed) !== needed;
      };
      expect(names.filter((name) => isClosed(join(program, name)))).toEqual([]);
      expect(names.filter((name) => /^node_modules\/(vite|typescript|jest|react)$/.test(name))).toEqual([]);
    });

    test('it becomes healthy, signs in whom its command makes a token for, and stops in order', async () => {
      const [program = '', ...given] = image.command;
      const started = processIn(image, { PORT: '0', LOG_LEVEL: 'warn' });
      const service = await RunningService.of(
        spawn(program, given, { ...started, stdio: ['ignore', 'pipe', 'inherit'] }),
      );
      try {
        const { port } = new URL(service.origin);
        const runIn = async ([file = '', ...commandLine]: string[]) =>
          (await promisify(execFile)(file, commandLine, processIn(image, { PORT: port }))).stdout;
        await runIn(image.healthCheck);
        expect(readdirSync(join(image.root, 'data')).sort()).toEqual(
          ['', '-shm', '-wal', '.lock', '.secret'].map((suffix) => `caretally.db${suffix}`).sort(),
        );
        expect(service.log).toEqual([]);

        // As the Dockerfile tells operators to.
        const [, command = ''] = /^# `docker compose exec caretally (.*)`$/m.exec(read('Dockerfile')) ?? [];
        const token = (await runIn(command.split(' '))).trim();
        const response = await fetch(`${service.origin}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query: '{ units { nodes { id } } }' }),
        });
        expect(await response.json()).toEqual({ data: { units: { nodes: [] } } });
        const page = await service.get('/');
        expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<script')]);

        expect(await service.end('SIGTERM')).toMatchObject({ exitCode: 0, signal: null });
        await expect(runIn(image.healthCheck)).rejects.toMatchObject({ code: 1 });
      } finally {
        await service.remove();
      }
    });
  });
});

describe('compose.yaml', () => {
  interface ComposeService {
    profiles?: string[];
    environment: Record<string, string>;
    depends_on?: Record<string, { condition: string; required: boolean }>;
    volumes: string[];
    ports?: string[];
    stop_grace_period?: string;
    healthcheck?: object;
  }
  const compose = readYaml<{
    services: Record<'caretally' | 'postgres', ComposeService>;
    volumes: Record<string, null>;
  }>(read('compose.yaml'));
  const { caretally, postgres } = compose.services;

  /** As compose puts the environment into it. */
  const fill = (given: Record<string, string>, from: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(given).map(([name, text]) => [
        name,
        text.replace(/\$\{(\w+):-(.*?)\}/g, (_all, variable, fallback) => from[variable] || fallback),
      ]),
    );

  test('starts the service alone, on SQLite in a volume', () => {
    const alone = Object.entries(compose.services).filter(([, { profiles }]) => !profiles);
    expect(alone.map(([name]) => name)).toEqual(['caretally']);
    const { database } = readConfig({ ...environment, ...fill(caretally.environment) });
    expect(database).toMatchObject({ engine: 'sqlite' });
    expect(caretally.volumes.map((volume) => volume.split(':')[1])).toEqual(lastOf('VOLUME'));
    expect(caretally.ports).toEqual([`127.0.0.1:4000:${lastOf('EXPOSE')[0]}`]);
    expect(caretally.depends_on?.postgres?.required).toBe(false);
  });

  test('with the profile, on PostgreSQL, once that is ready', () => {
    expect(postgres.profiles).toEqual(['postgres']);
    const [, url] = /^# +export DATABASE_URL=(\S+)$/m.exec(read('compose.yaml')) ?? [];
    const given = { POSTGRES_PASSWORD: 'hunter2', AUTH_SECRET: 'x'.repeat(48), DATABASE_URL: '' };
    given.DATABASE_URL = (url as string).replace('$POSTGRES_PASSWORD', given.POSTGRES_PASSWORD);
    const config = readConfig({ ...environment, ...fill(caretally.environment, given) });
    expect(config.auth.kind).toBe('secret');
    const {
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: password,
      POSTGRES_DB: name,
    } = fill(postgres.environment, given);
    expect(config.database).toMatchObject({ url: `postgres://${user}:${password}@postgres:5432/${name}` });
    expect(caretally.depends_on?.postgres?.condition).toBe('service_healthy');
    expect(postgres.healthcheck).toBeDefined();
  });

  test('gives the service longer than it takes to stop, and keeps what is written', () => {
    expect(Number.parseInt(caretally.stop_grace_period as string, 10)).toBeGreaterThan(10);
    const used = Object.values(compose.services).flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(':')[0]),
    );
    expect(used.sort()).toEqual(Object.keys(compose.volumes).sort());
  });
});

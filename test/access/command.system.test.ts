import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runCaretally } from '../support/cli';
import { databaseForTests, sqliteFile, temporaryFolder } from '../support/databases';
import { createCaregiver, createUnit } from '../support/fixtures';
import { addressOf, spawnService } from '../support/serviceProcess';
import { startTestService, type TestService } from '../support/testService';
import { testSecret } from '../support/tokens';

describe('the command token', () => {
  const database = databaseForTests();
  let api: TestService;
  let unitId: string;
  let caregiverId: string;
  beforeAll(async () => {
    api = await startTestService({ database });
    unitId = await createUnit(api, { name: 'North' });
    caregiverId = await createCaregiver(api, { name: 'Anna Ek', unitId });
  });
  afterAll(() => api.close());

  const run = (...options: string[]) =>
    runCaretally(database, ['token', ...options], { AUTH_SECRET: testSecret });
  async function made(...options: string[]): Promise<string> {
    const { exitCode, output, errors } = await run(...options);
    expect([exitCode, errors]).toEqual([0, '']);
    return output.replace(/\n$/, '');
  }
  const viewer = '{ viewer { role name expiresAt tokenId caregiver { id } unit { id } } }';
  const viewerOf = async (token: string) => (await api.withToken(token).data(viewer)).viewer;

  test.each(['ADMIN', 'ACCOUNTANT', 'ANALYST'])(
    'prints a token of the role %s, and nothing else',
    async (role) => {
      const token = await made('--role', role);
      expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      expect(await viewerOf(token)).toMatchObject({
        role,
        name: role.toLowerCase(),
        caregiver: null,
        unit: null,
      });
    },
  );

  test('says who a caregiver is, and of which unit a manager', async () => {
    expect(await viewerOf(await made('--role', 'CAREGIVER', '--caregiver', caregiverId))).toMatchObject({
      role: 'CAREGIVER',
      name: 'Anna Ek',
      caregiver: { id: caregiverId },
      unit: null,
    });
    expect(await viewerOf(await made('--role', 'MANAGER', '--unit', unitId, '--name', 'Eva'))).toMatchObject({
      role: 'MANAGER',
      name: 'Eva',
      caregiver: null,
      unit: { id: unitId },
    });
  });

  test('gives it eight hours, or as many as are asked for', async () => {
    for (const [options, hours] of [
      [[], 8],
      [['--expires', '30m'], 0.5],
      [['--expires', '90d'], 90 * 24],
    ] as const) {
      const before = Date.now();
      const { expiresAt } = await viewerOf(await made('--role', 'ADMIN', ...options));
      const lifetimeMs = Date.parse(expiresAt) - before;
      expect(lifetimeMs).toBeGreaterThanOrEqual(hours * 3_600_000);
      expect(lifetimeMs).toBeLessThan(hours * 3_600_000 + 60_000);
    }
  });

  test('tells programs its id and its end', async () => {
    const summary = JSON.parse(await made('--role', 'ADMIN', '--json', '--link'));
    expect(await viewerOf(summary.token)).toMatchObject({
      tokenId: summary.id,
      expiresAt: summary.expiresAt,
    });
    expect(summary.link).toBe(`http://127.0.0.1:4000/admin#token=${summary.token}`);
  });

  test('prints a link to the page on which the role works, or to the page that is asked for', async () => {
    const place = 'https://care.example.com';
    for (const [options, to, page] of [
      [['ACCOUNTANT'], place, '/payouts'],
      [['CAREGIVER', '--caregiver', caregiverId], `${place}/`, '/register'],
      [['ADMIN'], `${place}/playground`, '/playground'],
    ] satisfies [string[], string, string][]) {
      const link = await made('--role', ...options, '--link', to);
      const [, address, token] = /^(.*)#token=(.*)$/.exec(link) ?? [];
      expect(address).toBe(place + page);
      expect((await viewerOf(token as string)).role).toBe(options[0]);
    }
  });

  test('says in its help what is meant where nothing is said, as one types it', async () => {
    expect((await run('--help')).output).toContain('(default: 8h)');
  });

  test.each([
    [[], 'Say what the token is for: --role'],
    [['--role', 'NURSE'], 'Allowed choices are CAREGIVER, MANAGER, ANALYST, ACCOUNTANT, ADMIN.'],
    [['--role', 'CAREGIVER'], '--role CAREGIVER needs --caregiver with an id.'],
    [['--role', 'MANAGER'], '--role MANAGER needs --unit with an id.'],
    [['--role', 'ADMIN', '--caregiver', '1'], '--caregiver goes with --role CAREGIVER.'],
    [['--role', 'CAREGIVER', '--caregiver', '1', '--unit', '1'], '--unit goes with --role MANAGER.'],
    [['--role', 'CAREGIVER', '--caregiver', '987654'], 'There is no caregiver 987654.'],
    [['--role', 'MANAGER', '--unit', '987654'], 'There is no unit 987654.'],
    [['--role', 'MANAGER', '--unit', 'north'], 'It must be an id as the service gave it, such as 17.'],
    [['--role', 'ADMIN', '--expires', '8'], 'It must be a time such as 30m, 8h or 90d, at most 366d.'],
    [['--role', 'ADMIN', '--expires', '367d'], 'It must be a time such as 30m, 8h or 90d, at most 366d.'],
    [['--role', 'ADMIN', '--expires', '0h'], 'It must be a time such as 30m, 8h or 90d, at most 366d.'],
    [['--role', 'ADMIN', '--link', 'file:///etc'], '--link takes the address of the service'],
    [['--role', 'ADMIN', '--name', ' '], '--name must not be empty.'],
  ])('%j is refused in a sentence', async (options, sentence) => {
    const { exitCode, output, errors } = await run(...options);
    expect([exitCode, output]).toEqual([1, '']);
    expect(errors).toContain(sentence);
    expect(errors).not.toMatch(/\n\s+at /);
  });

  test('makes none where an identity provider does', async () => {
    const provider = {
      AUTH_JWKS_URL: 'http://127.0.0.1:1/keys',
      AUTH_ISSUER: 'https://id.example.com',
      AUTH_AUDIENCE: 'caretally',
    };
    const { exitCode, output, errors } = await runCaretally(database, ['token', '--role', 'ADMIN'], provider);
    expect([exitCode, output]).toEqual([1, '']);
    expect(errors).toBe('AUTH_JWKS_URL is set: the tokens are made by the identity provider.\n');
  });
});

if (testEngine === 'postgres')
  describe('without a secret, on PostgreSQL', () => {
    const database = databaseForTests();

    test.each([['token', '--role', 'ADMIN'], ['serve']])('%s says what to give', async (...commandLine) => {
      const { exitCode, output, errors } = await runCaretally(database, commandLine, { AUTH_SECRET: '' });
      expect([exitCode, output]).toEqual([1, '']);
      expect(errors).toMatch(/^On PostgreSQL, AUTH_SECRET .* or AUTH_JWKS_URL must be given: .*\.\n$/);
    });

    test('commands that work on the database itself need none', async () => {
      for (const command of ['migrate', 'verify']) {
        expect(await runCaretally(database, [command], { AUTH_SECRET: '' })).toMatchObject({
          exitCode: 0,
          errors: '',
        });
      }
    });
  });

if (testEngine === 'sqlite')
  describe('without a secret, on SQLite', () => {
    const folder = temporaryFolder();
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    let made = 0;
    /** A folder for a database, and where its secret will lie. */
    function place() {
      made += 1;
      const file = join(folder, String(made), 'care.db');
      mkdirSync(join(folder, String(made)));
      return { database: sqliteFile(file), url: `sqlite:${file}`, secret: `${file}.secret` };
    }
    const admin = (database: { url: string }) =>
      runCaretally(database, ['token', '--role', 'ADMIN'], { AUTH_SECRET: '' });

    /** Starts the service, hears what it says, asks it something, and stops it. */
    async function start(url: string, ask: (link: URL) => Promise<void>): Promise<void> {
      const service = spawnService({
        ...process.env,
        DATABASE_URL: url,
        AUTH_SECRET: '',
        LOG_LEVEL: 'error',
      });
      try {
        await ask(new URL(await addressOf(service)));
      } finally {
        service.kill('SIGTERM');
        await once(service, 'exit');
      }
    }
    async function roleOf(origin: string, token: string): Promise<string> {
      const response = await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: '{ viewer { role } }' }),
      });
      return ((await response.json()) as { data: { viewer: { role: string } } }).data?.viewer.role;
    }

    test('the first start makes one that nobody else may read, and signs a browser in by a link; later ones use it', async () => {
      const { url, secret, database } = place();
      let token = '';
      await start(url, async ({ origin, hash }) => {
        token = hash.replace('#token=', '');
        expect(await roleOf(origin, token)).toBe('ADMIN');
      });
      expect((statSync(secret).mode & 0o777).toString(8)).toBe('600');
      const content = readFileSync(secret, 'utf8');
      expect(content).toMatch(/^[\w-]{43}\n$/);

      await start(url, async ({ origin, hash }) => {
        expect(hash).toBe('');
        expect(await roleOf(origin, token)).toBe('ADMIN');
        expect(await roleOf(origin, (await admin(database)).output.trim())).toBe('ADMIN');
      });
      expect(readFileSync(secret, 'utf8')).toBe(content);
    });

    test('the secret in the file may be given as AUTH_SECRET, and the same tokens hold', async () => {
      const { database, secret } = place();
      const token = (await admin(database)).output.trim();
      const api = await startTestService({
        database,
        auth: { kind: 'secret', secret: readFileSync(secret, 'utf8').trim() },
      });
      expect((await api.withToken(token).data('{ viewer { role } }')).viewer.role).toBe('ADMIN');
      await api.close();
    });

    test('several that start at once agree on one', async () => {
      const { database, secret } = place();
      // Making the tables takes one at a time; the secret need not.
      await runCaretally(database, ['migrate'], { AUTH_SECRET: '' });
      const results = await Promise.all(Array.from({ length: 4 }, () => admin(database)));
      expect(results.map(({ exitCode, errors }) => [exitCode, errors])).toEqual(results.map(() => [0, '']));
      const api = await startTestService({
        database,
        auth: { kind: 'secret', secret: readFileSync(secret, 'utf8').trim() },
      });
      for (const { output } of results) {
        expect((await api.withToken(output.trim()).data('{ viewer { role } }')).viewer.role).toBe('ADMIN');
      }
      await api.close();
    });

    test.each([0o640, 0o604, 0o660, 0o666, 0o620])(
      'a file of mode %o, which others may use, is refused',
      async (mode) => {
        const { database, secret } = place();
        await admin(database);
        chmodSync(secret, mode);
        const refused = await admin(database);
        expect([refused.exitCode, refused.output]).toEqual([1, '']);
        expect(refused.errors).toContain(`(mode ${mode.toString(8)})`);
        expect(refused.errors).toContain(`chmod 600 ${secret}`);
        const service = spawnService({ ...process.env, DATABASE_URL: database.url, AUTH_SECRET: '' });
        const [output, [exitCode]] = await Promise.all([
          text(service.stdout as never),
          once(service, 'exit'),
        ]);
        expect([exitCode, output]).toEqual([1, '']);
        chmodSync(secret, 0o600);
        expect((await admin(database)).exitCode).toBe(0);
      },
    );

    test.each(['', 'short\n', `${'x'.repeat(31)}\n`])('a file that holds %j is refused', async (content) => {
      const { database, secret } = place();
      writeFileSync(secret, content, { mode: 0o600 });
      const refused = await admin(database);
      expect([refused.exitCode, refused.output]).toEqual([1, '']);
      expect(refused.errors).toMatch(/holds no secret of at least 32 bytes\. Put it back .*\.\n$/);
      expect(readFileSync(secret, 'utf8')).toBe(content);
    });

    test('a folder in its place is refused in a sentence, and no database is made', async () => {
      const { database, secret, url } = place();
      mkdirSync(secret);
      const refused = await admin(database);
      expect([refused.exitCode, refused.output]).toEqual([1, '']);
      expect(refused.errors).not.toMatch(/\n\s+at /);
      expect(existsSync(url.slice('sqlite:'.length))).toBe(false);
    });

    test('commands that work on the database itself need none and make none', async () => {
      const { database, secret } = place();
      expect(await runCaretally(database, ['migrate'], { AUTH_SECRET: '' })).toMatchObject({ exitCode: 0 });
      expect(existsSync(secret)).toBe(false);
    });
  });

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig, readCopyTarget } from '../src/platform/config';
import { OperatorError } from '../src/platform/errors';
import { limitSettings } from '../src/platform/limits';

describe('the configuration', () => {
  test('has a default for everything', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 4000,
      corsOrigins: [],
      database: { engine: 'sqlite', name: 'data/caretally.db', file: 'data/caretally.db' },
      replicas: [],
      databaseIsDefault: true,
      timeZone: 'Europe/Stockholm',
      currency: 'SEK',
      lateEntryLimitHours: 12,
      logLevel: 'info',
      auth: { kind: 'secretFile', file: 'data/caretally.db.secret' },
      limits: {
        queryTokens: 1_000,
        queryDepth: 15,
        queryAliases: 50,
        queryFragments: 50,
        queryCost: 200_000,
        inputValues: 100_000,
        inputKeys: 200,
        bodyBytes: 1_048_576,
        batchBodyBytes: 16_777_216,
        requestsOfPrincipal: 6_000,
        requestsOfAddress: 12_000,
        requestSeconds: 30,
        bytesInProgress: 0,
        connections: 1_000,
      },
      introspection: true,
      playground: true,
      trustedProxies: [],
    });
  });

  test('is what the environment says; what is empty says nothing', () => {
    const config = readConfig({
      HOST: '0.0.0.0',
      PORT: ' 0 ',
      DATABASE_URL: 'sqlite:///var/lib/caretally/care.db',
      TIME_ZONE: 'America/New_York',
      CURRENCY: 'USD',
      LATE_ENTRY_LIMIT_HOURS: '0.5',
      LOG_LEVEL: '',
    });
    expect(config).toMatchObject({ host: '0.0.0.0', port: 0, databaseIsDefault: false, logLevel: 'info' });
    expect(config).toMatchObject({ timeZone: 'America/New_York', currency: 'USD', lateEntryLimitHours: 0.5 });
    expect(config.database).toMatchObject({ engine: 'sqlite', file: '/var/lib/caretally/care.db' });
    expect(readConfig({ DATABASE_URL: 'sqlite:care.db' }).database).toMatchObject({ file: 'care.db' });
  });

  test.each([
    ['sqlite:care.db', 'care.db'],
    ['sqlite:./care.db', './care.db'],
    ['sqlite:../care.db', '../care.db'],
    ['sqlite://data/care.db', 'data/care.db'],
    ['sqlite:/var/lib/care.db', '/var/lib/care.db'],
    ['sqlite:///var/lib/care.db', '/var/lib/care.db'],
    ['sqlite:/var/my data/Åsa 100%.db', '/var/my data/Åsa 100%.db'],
    ['sqlite:care~1.db', 'care~1.db'],
    ['sqlite:C:/data/care.db', 'C:/data/care.db'],
  ])('takes the file of %s', (url, file) => {
    expect(readConfig({ DATABASE_URL: url }).database).toEqual({ engine: 'sqlite', name: file, file });
  });

  test.each([
    'sqlite:care.db',
    'sqlite::memory:',
    'file:care.db',
    '~/care.db',
    'postgres://host/care?sslrootcert=~/ca.pem',
    'postgres://host/care?sslkey=/no/such/file.pem',
    'postgres://care:hunter2@host/care?host=$SOCKETS',
  ])('refuses COPY_TO_URL=%s in a sentence that names it and shows no password', (url) => {
    expect(() => readCopyTarget(undefined, { COPY_TO_URL: url })).toThrow(OperatorError);
    expect(() => readCopyTarget(undefined, { COPY_TO_URL: url })).toThrow(
      /^COPY_TO_URL must (?!.*hunter2).*\.$/,
    );
    expect(() => readCopyTarget(url, {})).toThrow(/^--to must (?!.*hunter2).*\.$/);
  });

  test('cannot be changed once it is read', () => {
    const config = readConfig({});
    for (const part of [config, config.limits, config.corsOrigins, config.trustedProxies]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('takes switches, origins and proxies', () => {
    const config = readConfig({
      INTROSPECTION: 'off',
      PLAYGROUND: 'off',
      CORS_ORIGINS: 'https://care.example.com, http://localhost:5173',
      TRUSTED_PROXIES: '10.0.0.7,fd00::/8',
      MAX_QUERY_DEPTH: '20',
    });
    expect(config).toMatchObject({ introspection: false, playground: false, limits: { queryDepth: 20 } });
    expect(config.corsOrigins).toEqual(['https://care.example.com', 'http://localhost:5173']);
    expect(config.trustedProxies).toEqual(['10.0.0.7', 'fd00::/8']);
  });

  test.each(Object.values(limitSettings))('has $setting in docs/limits.md', ({ setting, byDefault }) => {
    const page = readFileSync(join(__dirname, '..', 'docs', 'limits.md'), 'utf8');
    const shown = byDefault % 2 ** 20 === 0 ? `${byDefault / 2 ** 20} MiB` : byDefault.toLocaleString('en');
    expect(page).toContain(`\`${setting}\` ${shown}`);
  });

  test.each(Object.values(limitSettings))('takes $setting from $from to $to', ({ setting, from, to }) => {
    for (const good of [from, to]) expect(() => readConfig({ [setting]: String(good) })).not.toThrow();
    for (const bad of [from - 1, to + 1, from + 0.5, 'many']) {
      expect(() => readConfig({ [setting]: String(bad) })).toThrow(new RegExp(`^${setting} must be a whole`));
    }
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '40.5'],
    ['PORT', 'http'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'care.example.com'],
    ['CORS_ORIGINS', 'https://care.example.com/'],
    ['CORS_ORIGINS', 'https://care.example.com,'],
    ['CORS_ORIGINS', 'ws://care.example.com'],
    ['DATABASE_URL', 'mysql://localhost/care'],
    ['DATABASE_URL', 'sqlite:'],
    ['DATABASE_URL', 'sqlite://'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_URL', 'sqlite://:memory:'],
    ['DATABASE_URL', 'sqlite::memory:?cache=shared'],
    ['DATABASE_URL', 'sqlite::MEMORY:'],
    ['DATABASE_URL', 'sqlite:~/care.db'],
    ['DATABASE_URL', 'sqlite://~/care.db'],
    ['DATABASE_URL', 'sqlite:~anna/care.db'],
    ['DATABASE_URL', 'sqlite:~'],
    ['DATABASE_URL', 'sqlite:$HOME/care.db'],
    ['DATABASE_URL', `sqlite:\${DATA}/care.db`],
    ['DATABASE_URL', 'sqlite:/var/$(hostname)/care.db'],
    ['DATABASE_URL', 'sqlite:file:care.db'],
    ['DATABASE_URL', 'sqlite:file:///var/care.db?mode=ro'],
    ['DATABASE_URL', 'sqlite:sqlite:care.db'],
    ['DATABASE_URL', 'sqlite:http://example.com/care.db'],
    ['DATABASE_URL', 'sqlite:care.db?mode=ro'],
    ['DATABASE_URL', 'sqlite:care.db#1'],
    ['DATABASE_URL', 'sqlite:///var/my%20data/care.db'],
    ['DATABASE_URL', 'sqlite://localhost/var/care.db'],
    ['DATABASE_URL', 'sqlite:data/'],
    ['DATABASE_URL', 'sqlite:.'],
    ['DATABASE_URL', 'sqlite:../..'],
    ['DATABASE_URL', 'sqlite:/'],
    ['DATABASE_URL', 'sqlite:care\n.db'],
    ['DATABASE_URL', 'SQLITE:care.db'],
    ['DATABASE_URL', 'sqlite3:care.db'],
    ['DATABASE_URL', 'file:care.db'],
    ['DATABASE_URL', ':memory:'],
    ['DATABASE_URL', 'data/care.db'],
    ['DATABASE_URL', '"sqlite:care.db"'],
    ['DATABASE_URL', 'postgres://host/care?sslrootcert=~/ca.pem'],
    ['DATABASE_URL', 'postgres://host/care?sslkey=$HOME/key.pem'],
    ['DATABASE_URL', 'postgres://host/care?sslcert=/no/such/file.pem'],
    ['DATABASE_URL', 'postgres://host/care?sslrootcert=/tmp'],
    ['DATABASE_URL', 'postgres://host/care?host=~/sockets'],
    ['DATABASE_URL', 'postgres:'],
    ['DATABASE_URL', 'postgres://localhost'],
    ['DATABASE_URL', 'postgres://localhost/'],
    ['DATABASE_URL', 'postgres://localhost/care/more'],
    ['DATABASE_URL', 'postgres://localhost:99999/care'],
    ['DATABASE_URL', 'postgres:///care'],
    ['DATABASE_URL', 'postgres://localhost/care?pool=5'],
    ['DATABASE_URL', 'postgres://localhost/care#1'],
    ['TIME_ZONE', 'Stockholm'],
    ['TIME_ZONE', '+02:00'],
    ['CURRENCY', 'kr'],
    ['CURRENCY', 'sek'],
    ['LATE_ENTRY_LIMIT_HOURS', '-1'],
    ['LATE_ENTRY_LIMIT_HOURS', 'twelve'],
    ['LATE_ENTRY_LIMIT_HOURS', '8785'],
    ['LOG_LEVEL', 'loud'],
    ['INTROSPECTION', 'yes'],
    ['PLAYGROUND', 'false'],
    ['TRUSTED_PROXIES', 'proxy'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '10.0.0.0/'],
    ['AUTH_SECRET', 'x'.repeat(31)],
    ['AUTH_JWKS_URL', 'keys'],
    ['AUTH_JWKS_URL', 'http://id.example.com/keys'],
    ['AUTH_ISSUER', 'https://id.example.com'],
    ['AUTH_AUDIENCE', 'caretally'],
  ])('with %s=%s is refused in a sentence that names it', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(OperatorError);
    expect(() => readConfig({ [name]: value })).toThrow(new RegExp(`^${name} must .*\\.$`));
  });

  test('takes PostgreSQL by its URL, and calls it by a name without the password', () => {
    for (const scheme of ['postgres', 'postgresql']) {
      const url = `${scheme}://care:hunter2@db.example.com:5433/tally?sslmode=verify-full`;
      expect(readConfig({ DATABASE_URL: url }).database).toEqual({
        engine: 'postgres',
        name: 'postgres://care@db.example.com:5433/tally',
        url,
      });
    }
    const socket = 'postgres://care@localhost/tally?host=/run/postgresql';
    expect(readConfig({ DATABASE_URL: socket }).database).toMatchObject({
      name: 'postgres://care@/run/postgresql/tally',
      url: socket,
    });
  });

  test('takes replicas of PostgreSQL by their URLs, and calls them by names without passwords', () => {
    const urls = [
      'postgres://care:hunter2@one.example.com/tally',
      'postgresql://care@two.example.com:5433/tally',
    ];
    const environment = { DATABASE_URL: 'postgres://db/tally', DATABASE_REPLICA_URLS: urls.join(' , ') };
    expect(readConfig(environment).replicas).toEqual([
      { name: 'postgres://care@one.example.com/tally', url: urls[0] },
      { name: 'postgres://care@two.example.com:5433/tally', url: urls[1] },
    ]);
    expect(readConfig({ ...environment, DATABASE_REPLICA_URLS: ' ' }).replicas).toEqual([]);
  });

  test.each([
    'sqlite:care.db',
    'postgres://replica',
    'postgres://replica/care,',
    'postgres://one/care,,postgres://two/care',
    'postgres://one/care postgres://two/care',
    'postgres://care:1/x,hunter2@one/care',
  ])('with DATABASE_REPLICA_URLS=%s is refused in a sentence that names it and shows no password', (urls) => {
    const read = () => readConfig({ DATABASE_URL: 'postgres://db/care', DATABASE_REPLICA_URLS: urls });
    expect(read).toThrow(OperatorError);
    expect(read).toThrow(/^DATABASE_REPLICA_URLS must (?!.*hunter2).*\.$/);
  });

  test('refuses replicas of a SQLite file', () => {
    expect(() => readConfig({ DATABASE_REPLICA_URLS: 'postgres://care:hunter2@replica/care' })).toThrow(
      /^DATABASE_REPLICA_URLS must be left out where DATABASE_URL is SQLite(?!.*hunter2)/,
    );
  });

  test.each([
    'mysql://user:hunter2@host/care',
    'postgres://user:hunter2@host:port/care',
    'postgres://user:hunter2@host',
    'postgres://user:#hunter2@host/care',
    'postgres://user@host/care?password=hunter2',
  ])('never shows a password, as in %s', (url) => {
    expect(() => readConfig({ DATABASE_URL: url })).toThrow(/^DATABASE_URL must (?!.*hunter2)/);
  });

  test('takes a secret of 32 bytes, counted in UTF-8, and never shows it', () => {
    const secret = `${'hemlig'.repeat(4)}åäöå`;
    expect(readConfig({ AUTH_SECRET: secret }).auth).toEqual({ kind: 'secret', secret });
    expect(() => readConfig({ AUTH_SECRET: 'hunter2' })).toThrow(/^AUTH_SECRET must (?!.*hunter2)/);
  });

  test('keeps the secret beside a SQLite database, and has none by itself on PostgreSQL', () => {
    expect(readConfig({ DATABASE_URL: 'sqlite:/var/care.db' }).auth).toEqual({
      kind: 'secretFile',
      file: '/var/care.db.secret',
    });
    expect(readConfig({ DATABASE_URL: 'postgres://localhost/care' }).auth).toEqual({ kind: 'missing' });
  });

  const provider = {
    AUTH_JWKS_URL: 'https://id.example.com/keys',
    AUTH_ISSUER: 'https://id.example.com',
    AUTH_AUDIENCE: 'caretally',
  };

  test('takes an identity provider, on this machine also without encryption', () => {
    expect(readConfig(provider).auth).toEqual({
      kind: 'provider',
      jwksUrl: 'https://id.example.com/keys',
      issuer: 'https://id.example.com',
      audience: 'caretally',
    });
    for (const jwksUrl of ['http://127.0.0.1:8080/keys', 'http://localhost/keys', 'http://[::1]:8080/keys']) {
      expect(readConfig({ ...provider, AUTH_JWKS_URL: jwksUrl }).auth).toMatchObject({ jwksUrl });
    }
  });

  test.each(['AUTH_ISSUER', 'AUTH_AUDIENCE'])('refuses an identity provider without %s', (name) => {
    expect(() => readConfig({ ...provider, [name]: '' })).toThrow(
      new RegExp(`^${name} must be given with AUTH_JWKS_URL`),
    );
  });

  test('refuses a secret beside an identity provider: who made a token would not be sure', () => {
    expect(() => readConfig({ ...provider, AUTH_SECRET: 'x'.repeat(32) })).toThrow(
      /^AUTH_SECRET must be left out/,
    );
  });
});

import { accessSync, constants, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { OperatorError } from './errors';
import { type LimitName, type Limits, limitSettings } from './limits';
import { isCurrency } from './values/money';
import { isTimeZone } from './values/months';
import { firstCharacters } from './values/text';

/** Where the data live. */
export type DatabaseLocation = {
  /** What to call it in messages: without a password. */
  name: string;
} & (
  | {
      engine: 'sqlite';
      /** Path of the database file, relative to the working directory or absolute. */
      file: string;
    }
  | {
      engine: 'postgres';
      /** May hold a password. */
      url: string;
    }
);

/** A standby of the PostgreSQL database. */
export interface ReplicaLocation {
  /** What to call it in messages: without a password. */
  name: string;
  /** May hold a password. */
  url: string;
}
export type PostgresLocation = Extract<DatabaseLocation, { engine: 'postgres' }>;

/** How tokens are told from forgeries. */
export type AuthSettings =
  /** The service makes them, and signs them with this secret. */
  | { kind: 'secret'; secret: string }
  /** The same with a secret that the first start makes: one process has the database to itself. */
  | { kind: 'secretFile'; file: string }
  /** An identity provider makes them. */
  | { kind: 'provider'; jwksUrl: string; issuer: string; audience: string }
  /** Nothing was said, and several instances could not agree on a secret by themselves: nobody can sign in. */
  | { kind: 'missing' };

/** As many bytes as the hash that signs with it has. */
export const minSecretBytes = 32;

/** Everything the environment decides, checked and frozen. */
export interface Config {
  host: string;
  port: number;
  database: DatabaseLocation;
  /** Where reports, lists and exports may be read beside the database; none on SQLite. */
  replicas: readonly ReplicaLocation[];
  /** True when DATABASE_URL was not given: only then may sample data be loaded. */
  databaseIsDefault: boolean;
  /** IANA name of the zone whose calendar months the rollup counts in. */
  timeZone: string;
  /** ISO 4217 code for event types created without one. */
  currency: string;
  lateEntryLimitHours: number;
  logLevel: LogLevel;
  auth: AuthSettings;
  /** What one client may ask for. */
  limits: Limits;
  /** Whether those who have signed in are told the schema. */
  introspection: boolean;
  playground: boolean;
  /** Origins whose pages may ask the service from a browser; none but its own by default. */
  corsOrigins: readonly string[];
  /** Addresses of proxies before the service: what they say of the client's address is believed. */
  trustedProxies: readonly string[];
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const defaultDatabaseUrl = 'sqlite:data/caretally.db';
const examplePostgresUrl = 'postgres://caretally@db.example.com:5432/caretally';

/**
 * The only reader of the environment.
 * @throws OperatorError that names the variable and says what would be right
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const read: Read = (name) => environment[name]?.trim() || undefined;
  const timeZone = read('TIME_ZONE') ?? 'Europe/Stockholm';
  if (!isTimeZone(timeZone)) {
    throw new OperatorError(
      `TIME_ZONE must be an IANA time zone such as Europe/Stockholm, not "${timeZone}".`,
    );
  }
  const currency = read('CURRENCY') ?? 'SEK';
  if (!isCurrency(currency)) {
    throw new OperatorError(`CURRENCY must be an ISO 4217 code such as SEK, not "${currency}".`);
  }
  const logLevel = read('LOG_LEVEL') ?? 'info';
  if (!isLogLevel(logLevel)) {
    throw new OperatorError(`LOG_LEVEL must be one of ${logLevels.join(', ')}, not "${logLevel}".`);
  }
  const database = readDatabaseUrl(read('DATABASE_URL') ?? defaultDatabaseUrl);
  return Object.freeze({
    host: read('HOST') ?? '127.0.0.1',
    port: readNumber('PORT', read('PORT') ?? '4000', 0, 65_535, true),
    database,
    replicas: readReplicaUrls(read('DATABASE_REPLICA_URLS'), database),
    databaseIsDefault: read('DATABASE_URL') === undefined,
    timeZone,
    currency,
    lateEntryLimitHours: readNumber(
      'LATE_ENTRY_LIMIT_HOURS',
      read('LATE_ENTRY_LIMIT_HOURS') ?? '12',
      0,
      24 * 366,
      false,
    ),
    logLevel,
    auth: readAuth(read, database),
    limits: readLimits(read),
    introspection: readSwitch(read, 'INTROSPECTION'),
    playground: readSwitch(read, 'PLAYGROUND'),
    corsOrigins: readOrigins(read('CORS_ORIGINS')),
    trustedProxies: readProxies(read('TRUSTED_PROXIES')),
  });
}

type Read = (name: string) => string | undefined;

function readLimits(read: Read): Limits {
  const limits = Object.entries(limitSettings).map(([name, { setting, byDefault, from, to }]) => [
    name,
    readNumber(setting, read(setting) ?? String(byDefault), from, to, true),
  ]);
  return Object.freeze(Object.fromEntries(limits) as Record<LimitName, number>);
}

function readSwitch(read: Read, name: string): boolean {
  const text = read(name) ?? 'on';
  if (text === 'on' || text === 'off') return text === 'on';
  throw new OperatorError(`${name} must be on or off, not "${text}".`);
}

/** As browsers send them: a scheme and a host, without a path. */
function readOrigins(text: string | undefined): readonly string[] {
  return Object.freeze(
    listIn(text).map((origin) => {
      if (URL.canParse(origin) && /^https?:/.test(origin) && new URL(origin).origin === origin) return origin;
      throw new OperatorError(
        `CORS_ORIGINS must list origins such as https://care.example.com, with commas between; "${origin}" is none.`,
      );
    }),
  );
}

function readProxies(text: string | undefined): readonly string[] {
  return Object.freeze(
    listIn(text).map((network) => {
      const [address = '', bits] = network.split('/');
      const most = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
      if (most >= 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
        return network;
      throw new OperatorError(
        `TRUSTED_PROXIES must list addresses such as 10.0.0.7 or 10.0.0.0/24, with commas between; "${network}" is none.`,
      );
    }),
  );
}

function listIn(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').map((item) => item.trim());
}

/** Nothing of a secret is shown. */
function readAuth(read: Read, database: DatabaseLocation): AuthSettings {
  const secret = read('AUTH_SECRET');
  const jwksUrl = read('AUTH_JWKS_URL');
  if (jwksUrl !== undefined) return readProvider(read, jwksUrl);
  const unused = ['AUTH_ISSUER', 'AUTH_AUDIENCE'].find((name) => read(name) !== undefined);
  if (unused !== undefined) {
    throw new OperatorError(`${unused} must come with AUTH_JWKS_URL, the keys of the identity provider.`);
  }
  if (secret !== undefined) {
    if (Buffer.byteLength(secret) >= minSecretBytes) return { kind: 'secret', secret };
    throw new OperatorError(
      `AUTH_SECRET must be at least ${minSecretBytes} bytes long and hard to guess, as "openssl rand -base64 48" makes it.`,
    );
  }
  return database.engine === 'sqlite'
    ? { kind: 'secretFile', file: `${database.file}.secret` }
    : { kind: 'missing' };
}

function readProvider(read: Read, jwksUrl: string): AuthSettings {
  const url = URL.canParse(jwksUrl) ? new URL(jwksUrl) : undefined;
  const isHere = url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol !== 'https:' && !isHere) {
    throw new OperatorError(
      'AUTH_JWKS_URL must begin with https://, for whoever changes the keys on their way can sign in as anybody ' +
        '(http:// is taken from this machine alone).',
    );
  }
  if (read('AUTH_SECRET') !== undefined) {
    throw new OperatorError(
      'AUTH_SECRET must be left out where AUTH_JWKS_URL is given: the identity provider makes the tokens.',
    );
  }
  const required = (name: string, what: string): string => {
    const value = read(name);
    if (value !== undefined) return value;
    throw new OperatorError(`${name} must be given with AUTH_JWKS_URL: ${what}.`);
  };
  return {
    kind: 'provider',
    jwksUrl,
    issuer: required('AUTH_ISSUER', 'the claim "iss" of the tokens'),
    audience: required('AUTH_AUDIENCE', 'the claim "aud" of the tokens that are meant for this service'),
  };
}

function readDatabaseUrl(url: string): DatabaseLocation {
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (file !== undefined) return { engine: 'sqlite', name: file, file: checkSqliteFile(file, url) };
  if (isPostgresUrl(url)) return { engine: 'postgres', ...readPostgresUrl('DATABASE_URL', url) };
  throw new OperatorError(
    `DATABASE_URL must look like ${defaultDatabaseUrl} or ${examplePostgresUrl}; it begins with "${scheme(url)}".`,
  );
}

/**
 * SQLite itself and other programs have spellings that are no paths here. Taken as one, each would make a file or a folder
 * of that name, and the data would lie where nobody looks for them.
 */
function checkSqliteFile(file: string, url: string): string {
  const must = (what: string) => new OperatorError(`DATABASE_URL must ${what}, as in ${defaultDatabaseUrl}.`);
  if (file.startsWith(':')) {
    throw must("name a file (commands and the service's threads cannot share a database in memory)");
  }
  if (/^[a-z][a-z0-9+.-]+:/i.test(file)) {
    throw must(`name a file behind "sqlite:", by its path alone and without "${scheme(file)}"`);
  }
  checkPath('DATABASE_URL', file, 'sqlite:/home/anna/caretally.db');
  if (/^localhost\//.test(file) && url.startsWith('sqlite://')) {
    throw must(
      'name a file without a host; an absolute path has three slashes, as in sqlite:///var/lib/caretally.db',
    );
  }
  if (/[?#]/.test(file)) throw must('name a file by its path alone, without parameters behind ? or #');
  if (/%[0-9a-f]{2}/i.test(file))
    throw must('name the file as it is called, without %-signs for other characters');
  if (/(^|\/)\.{0,2}$/.test(file)) throw must(`name a file; "${file}" is a folder`);
  return file;
}

/**
 * A path as it is: only a shell puts a value in place of ~ and $HOME, and only at the beginning of a word or outside quotes.
 * @throws OperatorError that says what would be right
 */
function checkPath(setting: string, path: string, example: string): void {
  const what = /\p{Cc}/u.test(path)
    ? 'name a path without control characters'
    : path.startsWith('~')
      ? 'name the home folder by its path, not by ~, which only a shell understands'
      : /\$[A-Za-z_{(]/.test(path)
        ? 'name a path in full: nothing has put a value in place of its variable'
        : undefined;
  if (what !== undefined) throw new OperatorError(`${setting} must ${what}, as in ${example}.`);
}

function readReplicaUrls(urls: string | undefined, database: DatabaseLocation): ReplicaLocation[] {
  if (urls === undefined) return [];
  if (database.engine !== 'postgres') {
    throw new OperatorError(
      `DATABASE_REPLICA_URLS must be left out where DATABASE_URL is SQLite, or DATABASE_URL must look like ${examplePostgresUrl}.`,
    );
  }
  return urls.split(',').map((text) => {
    const url = text.trim();
    if (isPostgresUrl(url)) return readPostgresUrl('DATABASE_REPLICA_URLS', url);
    // What stands behind a comma may be the rest of a password, and is not shown.
    throw new OperatorError(
      `DATABASE_REPLICA_URLS must look like ${examplePostgresUrl}, several of them with commas between; ` +
        'a comma in a password is written %2C.',
    );
  });
}

function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/**
 * The database that `copy` fills: what its option says, or else COPY_TO_URL. Other users of a machine can read the options
 * of a command, and not its environment.
 * @throws OperatorError that says what would be right
 */
export function readCopyTarget(
  option: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): PostgresLocation & { setting: string } {
  const setting = option === undefined ? 'COPY_TO_URL' : '--to';
  const url = (option ?? environment.COPY_TO_URL ?? '').trim();
  if (url === '') {
    throw new OperatorError(
      `Say where to copy to: --to ${examplePostgresUrl}, or the same in COPY_TO_URL, where a password is safer.`,
    );
  }
  if (isPostgresUrl(url)) return { engine: 'postgres', ...readPostgresUrl(setting, url), setting };
  throw new OperatorError(
    `${setting} must look like ${examplePostgresUrl}; it begins with "${scheme(url)}".`,
  );
}

/** What may stand behind the question mark: how to encrypt, and a folder with the server's socket. */
const postgresParameters = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host'];

/** Of these, those that name files. */
const postgresFiles = ['sslrootcert', 'sslcert', 'sslkey'];

/** Nothing of what is wrong with it is shown: it may hold a password. */
function readPostgresUrl(variable: string, url: string): ReplicaLocation {
  const must = (what: string) => new OperatorError(`${variable} must ${what}, as in ${examplePostgresUrl}.`);
  if (!URL.canParse(url)) throw must('be a URL, with %-signs for what is special in its password');
  const { host, username, pathname, searchParams, hash } = new URL(url);
  if (!/^\/[^/]+$/.test(pathname)) throw must('end with the name of one database');
  const unknown = [...searchParams.keys()].find((name) => !postgresParameters.includes(name));
  if (unknown !== undefined) throw must(`have no parameters but ${postgresParameters.join(', ')}`);
  if (host === '') throw must('name a host');
  for (const name of postgresFiles) {
    const path = searchParams.get(name);
    if (path === null) continue;
    checkPath(variable, path, `${name}=/etc/caretally/${name}.pem`);
    if (!isReadableFile(path)) throw must(`name by ${name} a file that the service can read`);
  }
  const socketFolder = searchParams.get('host');
  if (socketFolder !== null) checkPath(variable, socketFolder, 'host=/var/run/postgresql');
  if (hash !== '') throw must('have no #');
  const name = `postgres://${username === '' ? '' : `${username}@`}${searchParams.get('host') ?? host}${pathname}`;
  return { name, url };
}

function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The part of a URL that cannot hold a password. */
function scheme(url: string): string {
  return url.includes(':') ? `${url.slice(0, url.indexOf(':'))}:` : firstCharacters(url, 12);
}

function readNumber(name: string, text: string, least: number, most: number, whole: boolean): number {
  const value = Number(text);
  if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    throw new OperatorError(
      `${name} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}".`,
    );
  }
  return value;
}

function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}

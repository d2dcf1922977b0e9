import { OperatorError } from './errors';
import { isCurrency } from './values/money';
import { isTimeZone } from './values/months';

/** Where the data live. */
export interface DatabaseLocation {
  engine: 'sqlite';
  /** Path of the database file, relative to the working directory or absolute. */
  file: string;
}

/** Everything the environment decides, checked and frozen. */
export interface Config {
  host: string;
  port: number;
  database: DatabaseLocation;
  /** True when DATABASE_URL was not given: only then may sample data be loaded. */
  databaseIsDefault: boolean;
  /** IANA name of the zone whose calendar months the rollup counts in. */
  timeZone: string;
  /** ISO 4217 code for event types created without one. */
  currency: string;
  lateEntryLimitHours: number;
  logLevel: LogLevel;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const defaultDatabaseUrl = 'sqlite:data/caretally.db';

/**
 * The only reader of the environment.
 * @throws OperatorError that names the variable and says what would be right
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
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
  return Object.freeze({
    host: read('HOST') ?? '127.0.0.1',
    port: readNumber('PORT', read('PORT') ?? '4000', 0, 65_535, true),
    database: readDatabaseUrl(read('DATABASE_URL') ?? defaultDatabaseUrl),
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
  });
}

function readDatabaseUrl(url: string): DatabaseLocation {
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (file === undefined) {
    throw new OperatorError(
      `DATABASE_URL must look like ${defaultDatabaseUrl}; it begins with "${scheme(url)}".`,
    );
  }
  return { engine: 'sqlite', file };
}

/** The part of a URL that cannot hold a password. */
function scheme(url: string): string {
  return url.includes(':') ? `${url.slice(0, url.indexOf(':'))}:` : url.slice(0, 12);
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

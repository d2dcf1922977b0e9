import { ensureCalendar } from './calendar/calendarTable';
import type { Config } from './config';
import { requireWhole } from './copy/copyNote';
import { OperatorError } from './errors';
import type { Database, StatementListener } from './storage/core/database';
import { namesOf, requireTablesOf } from './storage/core/ownTables';
import { bulkWriteQueueLimits, type WriteQueueLimits } from './storage/core/writeQueue';
import type { PostgresOptions } from './storage/postgres/postgres';
import type { CitusOptions } from './storage/postgres/postgresSource';
import type { SqliteOptions } from './storage/sqlite/sqlite';
import { migrationsOf, type Subsystem } from './subsystem';
import { type Calendar, createCalendar } from './values/months';

/** All that resolvers and commands work with. */
export interface Service {
  readonly config: Readonly<Config>;
  readonly database: Database;
  readonly subsystems: readonly Subsystem[];
  readonly calendar: Calendar;
  /** The clock: milliseconds since 1970, UTC. */
  now(): number;
  close(): Promise<void>;
}

export interface OpenOptions {
  now?: () => number;
  onStatement?: StatementListener;
  writeQueueLimits?: WriteQueueLimits;
  /** For commands that bring in millions of rows. */
  bulk?: boolean;
  /** `rebuild` opens databases whose months are out of date; nobody else may. */
  allowOutdatedCalendar?: boolean;
  /** Puts the tables on the Citus cluster that the database belongs to. */
  citus?: CitusOptions;
}

/**
 * Opens the database (newest migrations applied) and puts the use cases together.
 * @throws OperatorError when the database counts months in another way than the configuration says, or amounts in other
 *   units, when its tables are those of a later version, or when it cannot be put on a cluster that is asked for
 */
export async function openService(
  subsystems: readonly Subsystem[],
  config: Readonly<Config>,
  options: OpenOptions = {},
): Promise<Service> {
  const { now = Date.now, allowOutdatedCalendar = false, bulk = false, onStatement, citus } = options;
  const writeQueueLimits = options.writeQueueLimits ?? (bulk ? bulkWriteQueueLimits : undefined);
  const calendar = createCalendar(config.timeZone);
  const migrations = migrationsOf(subsystems);
  const storage = {
    migrations,
    entities: subsystems.flatMap(({ entities = [] }) => entities),
    ...(onStatement && { onStatement }),
    ...(citus && { citus }),
    ...(writeQueueLimits && { writeQueueLimits }),
  };
  const database = await openDatabase(config, bulk, storage);
  try {
    await requireWhole(database, config.database.name);
    // Before anything is relied on: of several that start on a new database at once, one writes what the others rely on.
    for (const subsystem of subsystems) await subsystem.prepare?.(database);
    if (!allowOutdatedCalendar) await ensureCalendar(database, calendar);
    for (const { relies = [] } of subsystems) for (const check of relies) await database.relyOn(check);
    await database.relyOn(requireTablesOf(namesOf(migrations)));
  } catch (error) {
    await database.close();
    throw error;
  }
  return { config, database, subsystems, calendar, now, close: () => database.close() };
}

/** Loads the engine that is needed, and not the other one. */
function openDatabase(
  { database: location, replicas }: Config,
  bulk: boolean,
  options: Omit<SqliteOptions & PostgresOptions, 'file' | 'url' | 'name' | 'replicas'>,
): Promise<Database> {
  if (location.engine === 'sqlite') {
    if (options.citus) {
      throw new OperatorError(
        `${location.name} is a SQLite file, and Citus distributes PostgreSQL: name its coordinator in DATABASE_URL. ` +
          'Nothing was changed.',
      );
    }
    const { openSqlite }: typeof import('./storage/sqlite/sqlite') = require('./storage/sqlite/sqlite');
    return openSqlite({ ...options, file: location.file, bulk });
  }
  const {
    openPostgres,
  }: typeof import('./storage/postgres/postgres') = require('./storage/postgres/postgres');
  return openPostgres({ ...options, url: location.url, name: location.name, replicas });
}

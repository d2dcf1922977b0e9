import { ensureCalendar } from './calendar/calendarTable';
import { CaregiverEntity } from './caregivers/caregiver.entity';
import { UnitEntity } from './caregivers/unit.entity';
import { type Commands, createCommands } from './commands';
import type { Config } from './config';
import { monthlyRollup } from './events/monthlyRollup';
import { PayoutEntity } from './payouts/payout.entity';
import { payoutRollup } from './payouts/payoutRollup';
import type { Rollup } from './rollup/rollup';
import type { Database, StatementListener } from './storage/database';
import { openSqlite } from './storage/sqlite';
import { bulkWriteQueueLimits, type WriteQueueLimits } from './storage/writeQueue';
import { EventTypeEntity } from './tariffs/eventType.entity';
import { type Calendar, createCalendar } from './values/months';

/** All that resolvers and commands work with. */
export interface Service {
  readonly config: Readonly<Config>;
  readonly database: Database;
  readonly commands: Commands;
  readonly calendar: Calendar;
  /** The clock: milliseconds since 1970, UTC. */
  now(): number;
  close(): Promise<void>;
}

/** Every rollup of the service, for `verify` and `rebuild`. */
export const rollups: readonly Rollup[] = [monthlyRollup, payoutRollup];

const entities = [UnitEntity, CaregiverEntity, EventTypeEntity, PayoutEntity];

export interface OpenOptions {
  now?: () => number;
  onStatement?: StatementListener;
  writeQueueLimits?: WriteQueueLimits;
  /** For commands that bring in millions of rows. */
  bulk?: boolean;
  /** `rebuild` opens databases whose months are out of date; nobody else may. */
  allowOutdatedCalendar?: boolean;
}

/**
 * Opens the database (newest migrations applied) and puts the use cases together.
 * @throws OperatorError when the database counts months in another way than the configuration says
 */
export async function openService(config: Readonly<Config>, options: OpenOptions = {}): Promise<Service> {
  const { now = Date.now, allowOutdatedCalendar = false, bulk = false, onStatement } = options;
  const writeQueueLimits = options.writeQueueLimits ?? (bulk ? bulkWriteQueueLimits : undefined);
  const calendar = createCalendar(config.timeZone);
  const database = await openSqlite({
    file: config.database.file,
    entities,
    bulk,
    ...(onStatement && { onStatement }),
    ...(writeQueueLimits && { writeQueueLimits }),
  });
  if (!allowOutdatedCalendar) {
    try {
      await ensureCalendar(database, calendar);
    } catch (error) {
      await database.close();
      throw error;
    }
  }
  const commands = createCommands({ calendar, lateEntryLimitMs: config.lateEntryLimitHours * 3_600_000 });
  return { config, database, commands, calendar, now, close: () => database.close() };
}

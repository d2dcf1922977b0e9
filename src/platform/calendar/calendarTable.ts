import sql from 'sql-template-tag';
import type { Audited } from '../audit/act';
import { platformAudit } from '../audit/ownWords';
import { OperatorError } from '../errors';
import { type Database, writeOne } from '../storage/core/database';
import { selectRows } from '../storage/core/dialect';
import { oneByOne } from '../storage/core/oneByOne';
import { tellReliant } from '../storage/core/reliance';
import { readSettings, writeSetting } from '../storage/core/settings';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';
import { type Calendar, firstMonth, lastMonth, type Month, nextMonth } from '../values/months';

/**
 * The months as SQL sees them: the table `calendar_month` and the zone it was filled for. It is written when the
 * database is created, and compared at every start and whenever it was replaced while the service runs: another
 * TIME_ZONE, or new rules for the same zone (a country that gives up daylight saving), would count the same event in
 * another month than the rollup did. The borders of months decide: a zone by another name, or with rules that move none
 * of them, counts the same.
 */
export async function ensureCalendar(database: Database, calendar: Calendar): Promise<void> {
  const settings = await database.read(readSettings);
  if (!settings.has('time_zone')) await writeOne(database, createCalendarTable, calendar);
  await database.relyOn(async (snapshot) => requireCalendar(await readStored(snapshot), calendar));
}

/** @throws OperatorError when the database counts months in another way */
function requireCalendar(stored: StoredCalendar, calendar: Calendar): void {
  const changed = findChangedMonth(stored.starts, calendar);
  if (changed !== undefined && stored.timeZone !== calendar.timeZone) {
    throw new OperatorError(
      `This database counts months in the time zone ${stored.timeZone}, and TIME_ZONE is ${calendar.timeZone}. ` +
        `Start with TIME_ZONE=${stored.timeZone}, or stop the service and recount everything: ` +
        `TIME_ZONE=${calendar.timeZone} npx caretally rebuild`,
    );
  }
  if (stored.rebuildPending) {
    throw new OperatorError(
      'A rebuild of this database was interrupted, and its months are counted in part only. ' +
        'Let it finish: npx caretally rebuild',
    );
  }
  if (changed !== undefined) {
    throw new OperatorError(
      `The rules of the time zone ${calendar.timeZone} have changed since the months of this database were counted ` +
        `(the first month that begins at another time is ${changed}). Recount them: npx caretally rebuild`,
    );
  }
}

/** Whether the months that SQL counts with differ from the calendar, or a rebuild has not been finished. */
export async function calendarNeedsRebuild(database: Database, calendar: Calendar): Promise<boolean> {
  const stored = await database.read(readStored);
  return stored.rebuildPending || findChangedMonth(stored.starts, calendar) !== undefined;
}

/**
 * Fails every further read and write once another process has replaced the calendar while this one recounts: two recounts
 * that take turns would leave months that are right for neither.
 */
export async function relyOnPendingCalendar(database: Database, calendar: Calendar): Promise<void> {
  await database.relyOn(async (snapshot) => {
    const stored = await readStored(snapshot);
    const isOwn = findChangedMonth(stored.starts, calendar) === undefined;
    if (isOwn && stored.rebuildPending) return;
    throw new OperatorError(
      'Somebody else has begun to recount the months of this database, so this recount has stopped. Let one of the two ' +
        'finish: npx caretally rebuild',
    );
  });
}

/** Writes the calendar. While `rebuildPending`, no service starts on this database, and one that runs does nothing. */
export const replaceCalendar: Command<Audited<{ calendar: Calendar; rebuildPending: boolean }>, undefined> = {
  name: 'replaceCalendar',
  handle: oneByOne(async (tx, { calendar, rebuildPending, act }) => {
    await tx.lock('calendar', 'exclusive');
    const settings = await readSettings(tx);
    await writeCalendar(tx, calendar, rebuildPending);
    platformAudit.record(tx, {
      act,
      action: 'replaceCalendar',
      target: ['calendar', null],
      before: {
        timeZone: settings.get('time_zone') ?? null,
        rebuildPending: settings.get('rebuild_pending') === 'true',
      },
      after: { timeZone: calendar.timeZone, rebuildPending },
    });
    return undefined;
  }),
};

async function writeCalendar(tx: Transaction, calendar: Calendar, rebuildPending: boolean): Promise<void> {
  const rows = [...allMonths()].map((month) => [month, calendar.startOf(month)]);
  await tx.run(sql`delete from calendar_month`);
  await tx.run(
    sql`insert into calendar_month (month, from_ms) ${selectRows({ month: 'integer', from_ms: 'integer' }, rows)}`,
  );
  await writeSetting(tx, 'time_zone', calendar.timeZone);
  await writeSetting(tx, 'rebuild_pending', String(rebuildPending));
  await tellReliant(tx);
}

/** Writes the calendar of a new database. Of several instances that start on it at once, the first one does. */
const createCalendarTable: Command<Calendar, undefined> = {
  name: 'createCalendarTable',
  handle: oneByOne(async (tx, calendar) => {
    await tx.lock('calendar', 'exclusive');
    if ((await readSettings(tx)).has('time_zone')) return undefined;
    await writeCalendar(tx, calendar, false);
    return undefined;
  }),
};

interface StoredCalendar {
  timeZone: string | undefined;
  rebuildPending: boolean;
  starts: Map<Month, number>;
}

async function readStored(snapshot: Snapshot): Promise<StoredCalendar> {
  const settings = await readSettings(snapshot);
  const months = await snapshot.all<{ month: Month; from_ms: number }>(
    sql`select month, from_ms from calendar_month`,
  );
  return {
    timeZone: settings.get('time_zone'),
    rebuildPending: settings.get('rebuild_pending') === 'true',
    starts: new Map(months.map((row) => [row.month, row.from_ms])),
  };
}

function findChangedMonth(starts: ReadonlyMap<Month, number>, calendar: Calendar): Month | undefined {
  for (const month of allMonths()) if (starts.get(month) !== calendar.startOf(month)) return month;
  return undefined;
}

function* allMonths(): Generator<Month> {
  for (let month = firstMonth; month <= lastMonth; month = nextMonth(month)) yield month;
}

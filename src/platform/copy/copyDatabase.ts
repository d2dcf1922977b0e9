import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import { recordBeside } from '../audit/recordBeside';
import { type AuditCheck, verifyAuditLog } from '../audit/verifyAuditLog';
import type { PostgresLocation } from '../config';
import { AppError, OperatorError } from '../errors';
import type { Drift } from '../rollup/compareSlice';
import type { Rollup } from '../rollup/rollup';
import { verifyRollup } from '../rollup/verifyRollup';
import { type Database, writeOne } from '../storage/core/database';
import { driverErrorOf } from '../storage/core/failures';
import { oneByOne } from '../storage/core/oneByOne';
import { namesOf } from '../storage/core/ownTables';
import type { Table } from '../storage/core/table';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import type { Command } from '../storage/core/writeQueue';
import { openPostgres } from '../storage/postgres/postgres';
import { analyzeTable, continueIds } from '../storage/postgres/postgresTables';
import { readSqliteSource } from '../storage/sqlite/sqliteSource';
import { migrationsOf, rollupsOf, type Subsystem, tablesOf } from '../subsystem';
import { readCopyNote, writeCopyNote } from './copyNote';
import { type CopiedRows, copyTable, type WriteTarget } from './copyTable';
import { type Differences, findDifferences, maxListed } from './findDifferences';
import { type CopyEnds, requireTarget } from './requireTarget';
import type { StartStep } from './steps';

export interface CopySummary {
  /** Every table, with its rows in the source and those that were written in the target. */
  tables: ({ table: string } & CopiedRows)[];
  /** Rows that are not the same in both, after all. */
  differences: Differences;
  /** Rows of the target's rollups that do not say what its facts say. */
  drifts: Drift[];
  /** What of the target's audit log is not as it was written. */
  auditLog: AuditCheck;
  /** Whether somebody has written the source since the moment that was copied. */
  writtenSince: boolean;
}

/**
 * Copies a SQLite database to PostgreSQL, as it is at this moment, while the service goes on writing it. Done again, it
 * brings over what has changed since; cut off, it goes on where it was: what is there is compared, and only what differs is
 * written. At the end everything is compared once more, and only what is equal is given free for use.
 * @param subsystems whose tables go over
 * @param target where to, and what the operator gave it in
 * @throws OperatorError when the target is not one to copy to, or one of the two cannot be reached any more
 */
export async function copyDatabase(
  subsystems: readonly Subsystem[],
  sourceFile: string,
  target: PostgresLocation & { setting: string },
  startStep: StartStep,
): Promise<CopySummary> {
  const migrations = migrationsOf(subsystems);
  const parts: CopiedParts = { tables: tablesOf(subsystems), rollups: rollupsOf(subsystems) };
  try {
    const tellAuditLog = () => recordBeside(sourceFile, 'copy', target.name);
    const { value, writtenSince } = await readSqliteSource(
      sourceFile,
      namesOf(migrations),
      tellAuditLog,
      async ({ id, snapshot }) => {
        await requireNoRebuild(snapshot, sourceFile);
        const ends: CopyEnds = { sourceName: sourceFile, sourceId: id, targetName: target.name };
        const database = await openPostgres({
          url: target.url,
          name: target.name,
          urlSetting: target.setting,
          entities: [],
          migrations,
          beforeMigrating: (found) => requireTarget(found, ends, parts.tables),
        });
        try {
          return await copyAndVerify(snapshot, database, ends, parts, startStep);
        } finally {
          await database.close();
        }
      },
    );
    return { ...value, writtenSince };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const code = driverErrorOf(error.cause)?.code;
    throw new OperatorError(
      `The copy to ${target.name} was cut off${code === undefined ? '' : ` (${code})`}: one of the two databases cannot be ` +
        'reached just now. Run it again: it goes on where it was.',
    );
  }
}

async function requireNoRebuild(source: Snapshot, name: string): Promise<void> {
  const pending = await source.one(
    sql`select 1 from setting where name = 'rebuild_pending' and value = 'true'`,
  );
  if (pending) {
    throw new OperatorError(
      `The months of ${name} are being recounted, or were in part only. Let that finish first: npx caretally rebuild`,
    );
  }
}

/** What goes over. */
interface CopiedParts {
  tables: readonly Table[];
  rollups: readonly Rollup[];
}

async function copyAndVerify(
  source: Snapshot,
  target: Database,
  ends: CopyEnds,
  parts: CopiedParts,
  startStep: StartStep,
): Promise<Omit<CopySummary, 'writtenSince'>> {
  const run = randomUUID();
  const write = await begin(target, ends, run, parts.tables);
  const tables: CopySummary['tables'] = [];
  await target.readLong(async (found) => {
    for (const table of parts.tables) {
      tables.push({ table: table.table, ...(await copyTable(source, found, write, table, startStep)) });
    }
  });
  await setIds(source, write, parts.tables);
  const written = tables.filter((table) => table.written > 0);
  // Each in a transaction that does nothing else: Citus asks for it.
  for (const { table } of written) await writeOne(target, analyze, table);

  const differences = await verify(source, target, toVerify(written, parts.tables), startStep);
  const drifts: Drift[] = [];
  for (const rollup of parts.rollups) {
    const step = startStep(`Comparing ${rollup.table} with its facts`);
    drifts.push(...(await verifyRollup(target, rollup, (part) => step.report({ part }))));
    step.end();
  }
  const auditLog = await checkAuditLog(target, startStep);
  // A log that was tampered with in the source is so in the copy, and cannot be put right in either.
  if (differences.count === 0 && drifts.length === 0) {
    await write((tx) => writeCopyNote(tx, { source: ends.sourceId, run, state: 'complete' }));
  }
  return { tables, differences, drifts, auditLog };
}

async function checkAuditLog(target: Database, startStep: StartStep): Promise<AuditCheck> {
  const step = startStep('Verifying the audit log');
  const check = await verifyAuditLog(target, (part) => step.report({ part }));
  step.end();
  return check;
}

/**
 * Which tables to compare once more. Where nothing was written, everything has been compared just now, but for this run's own
 * entry in the audit log, and the setting that says which one is the last.
 */
function toVerify(written: readonly { table: string }[], tables: readonly Table[]): readonly Table[] {
  const ofEveryRun = ['audit_log', 'setting'];
  const hasMore = written.some(({ table }) => !ofEveryRun.includes(table));
  return hasMore ? tables : tables.filter(({ table }) => ofEveryRun.includes(table));
}

/** Takes the target over for this run; another one that is still under way ends with its next transaction. */
async function begin(
  target: Database,
  ends: CopyEnds,
  run: string,
  tables: readonly Table[],
): Promise<WriteTarget> {
  const inTurn = (prepare: (tx: Transaction) => Promise<void>): WriteTarget => {
    const command: Command<(tx: Transaction) => Promise<unknown>, unknown> = {
      name: 'copy',
      speed: 'slow',
      async handle(tx, works) {
        await tx.lock('copy', 'exclusive');
        await prepare(tx);
        const outcomes = [];
        for (const work of works) outcomes.push({ value: await work(tx) });
        return outcomes;
      },
    };
    return (work) => writeOne(target, command, work) as ReturnType<typeof work>;
  };
  await inTurn((tx) => requireTarget(tx, ends, tables))((tx) =>
    writeCopyNote(tx, { source: ends.sourceId, run, state: 'begun' }),
  );
  return inTurn(async (tx) => {
    if ((await readCopyNote(tx))?.run === run) return;
    throw new OperatorError(
      `Another copy to ${ends.targetName} has begun since, and this one has ended. Nothing is lost: let the other one finish.`,
    );
  });
}

/** Ids that were given once, of rows deleted since too, are not given again. */
async function setIds(source: Snapshot, write: WriteTarget, tables: readonly Table[]): Promise<void> {
  const ids = await source.all<{ table: string; lastId: number }>(
    sql`select name as "table", seq as "lastId" from sqlite_sequence where seq > 0`,
  );
  const own = ids.filter(({ table }) => tables.some((copied) => copied.table === table));
  await write(async (tx) => {
    for (const { table, lastId } of own) await continueIds(tx, table, lastId);
  });
}

const analyze: Command<string, undefined> = {
  name: 'analyze',
  speed: 'slow',
  handle: oneByOne(async (tx, table) => {
    await analyzeTable(tx, table);
    return undefined;
  }),
};

function verify(
  source: Snapshot,
  target: Database,
  tables: readonly Table[],
  startStep: StartStep,
): Promise<Differences> {
  return target.readLong(async (found) => {
    const all: Differences = { count: 0, listed: [] };
    for (const table of tables) {
      const { count, listed } = await findDifferences(source, found, table, startStep);
      all.count += count;
      all.listed.push(...listed.slice(0, maxListed - all.listed.length));
    }
    return all;
  });
}

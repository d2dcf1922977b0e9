import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type AuditCheck, verifyAuditLog } from '../audit/verifyAuditLog';
import { readConfig } from '../config';
import { OperatorError } from '../errors';
import { checkIndexes } from '../integrity/checkIndexes';
import { checkKeys } from '../integrity/checkKeys';
import { addFindings, type Findings, maxFound, noFindings } from '../integrity/findings';
import type { Drift } from '../rollup/compareSlice';
import { noteVerify } from '../rollup/verifyNote';
import { verifyRollup } from '../rollup/verifyRollup';
import type { Service } from '../service';
import { type Database, writeOne } from '../storage/core/database';
import { reasonOf } from '../storage/core/failures';
import type { Table } from '../storage/core/table';
import { findWideRights } from '../storage/sqlite/privateFiles';
import { findDamage, withSqliteFile } from '../storage/sqlite/sqliteIntegrity';
import { rollupsOf, type Subsystem, tablesOf } from '../subsystem';
import { count } from '../values/count';
import { auditInWords, auditSummary } from './auditInWords';
import { printSummary, withService } from './command';
import { startProgress } from './progress';

/** More are counted and not listed. */
const maxListed = 100;

interface Options {
  quick?: boolean;
  json?: boolean;
}

/** What was found. */
interface Verification {
  integrity: Findings;
  /** False where the file was too damaged to open it. */
  isOpened: boolean;
  /** Undefined where it could not be verified. */
  drifts?: Drift[] | undefined;
  auditLog?: AuditCheck | undefined;
  /** Settings of the database that give durability up. */
  risks: string[];
}

export function addVerify(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('verify')
    .description(
      'check that the database is undamaged, and compare every rollup with its facts, and the audit log with its hashes; ' +
        'lists what is wrong and exits with 1',
    )
    .option('--quick', "leave out the engine's own check of its files and indexes")
    .option('--json', 'print a summary for programs')
    .action(async (options: Options) => {
      try {
        await verify(subsystems, options);
      } catch (error) {
        // Whatever a damaged database makes fail, the operator is told in a sentence.
        if (error instanceof OperatorError) throw error;
        throw new OperatorError(
          `The database could not be verified to the end: ${reasonOf(error)}. If it is not known to be whole, restore a backup.`,
        );
      }
    });
}

async function verify(subsystems: readonly Subsystem[], { quick = false, json }: Options): Promise<void> {
  const tables = tablesOf(subsystems);
  const rollups = rollupsOf(subsystems).map(({ table }) => table);
  const { database } = readConfig();
  // Before it is opened: the log that this command has while it runs goes with it.
  const warnings = database.engine === 'sqlite' ? findWideRights(database.file) : [];
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  const integrity = noFindings();
  if (database.engine === 'sqlite' && existsSync(database.file) && !quick) {
    const progress = startProgress('Checking the file');
    integrity.problems.push(...(await findDamage(database.file, maxFound)));
    progress.end();
    if (integrity.problems.length > 0) {
      // The service would write to it when it is opened.
      addFindings(integrity, await checkKeysOf(tables, database.file));
      return print({ integrity, isOpened: false, risks: [] }, rollups, json);
    }
  }
  await withService(subsystems, async (service) => {
    if (database.engine === 'postgres' && !quick)
      addFindings(integrity, await checkIndexes(service.database));
    addFindings(
      integrity,
      await checkKeysOf(tables, database.engine === 'sqlite' ? database.file : service.database),
    );
    const content = await verifyContent(service, integrity);
    const found = { integrity, isOpened: true, ...content, risks: await service.database.findRisks() };
    print(found, rollups, json);
    // For the metrics of the service. Told first: a full disk must keep nobody from seeing what was found.
    if (!found.drifts) return;
    const note = { verifiedAtMs: service.now(), driftRows: found.drifts.length };
    await writeOne(service.database, noteVerify, note);
  });
}

/** Of a SQLite file, or of a PostgreSQL database. */
async function checkKeysOf(tables: readonly Table[], where: string | Database): Promise<Findings> {
  const progress = startProgress('Checking the ids');
  const report = (part: number) => progress.report({ part });
  const findings =
    typeof where === 'string'
      ? await withSqliteFile(where, (read) => checkKeys(tables, read, 'sqlite', report))
      : await checkKeys(tables, (work) => where.readLong(work), 'postgres', report);
  progress.end();
  return findings;
}

/** What cannot be read is a finding, too. */
async function verifyContent(
  service: Service,
  integrity: Findings,
): Promise<Pick<Verification, 'drifts' | 'auditLog'>> {
  const attempt = async <Value>(what: string, check: (report: (part: number) => void) => Promise<Value>) => {
    const progress = startProgress(`Verifying ${what}`);
    try {
      return await check((part) => progress.report({ part }));
    } catch (error) {
      integrity.problems.push(`Could not verify ${what}: ${reasonOf(error)}.`);
      return undefined;
    } finally {
      progress.end();
    }
  };
  const drifts: Drift[] = [];
  let isComplete = true;
  for (const rollup of rollupsOf(service.subsystems)) {
    const found = await attempt(rollup.table, (report) => verifyRollup(service.database, rollup, report));
    drifts.push(...(found ?? []));
    isComplete &&= found !== undefined;
  }
  const auditLog = await attempt('the audit log', (report) => verifyAuditLog(service.database, report));
  return { drifts: isComplete ? drifts : undefined, auditLog };
}

function print(found: Verification, rollups: readonly string[], json: boolean | undefined): void {
  const { integrity, drifts, auditLog, risks } = found;
  printSummary(
    json,
    {
      integrity: {
        problems: integrity.problems.slice(0, maxListed),
        problemCount: integrity.problems.length,
        notChecked: integrity.notChecked,
      },
      drifts: drifts?.slice(0, maxListed) ?? null,
      driftCount: drifts?.length ?? null,
      auditLog: auditLog ? auditSummary(auditLog) : null,
      risks,
    },
    inWords(found, rollups).join('\n'),
  );
  const isWhole = integrity.problems.length === 0 && drifts?.length === 0 && auditLog?.problemCount === 0;
  if (!isWhole) process.exitCode = 1;
}

function inWords(
  { integrity, isOpened, drifts, auditLog, risks }: Verification,
  rollups: readonly string[],
): string[] {
  const { problems, notChecked } = integrity;
  const integrityInWords = [
    ...problems.slice(0, maxListed),
    ...(problems.length > maxListed ? [`There are ${problems.length} such problems in all.`] : []),
    ...notChecked,
  ];
  if (!isOpened) {
    return [
      ...integrityInWords,
      'The file is damaged, so that nothing else was verified. Stop the service, so that nothing more is written to it, keep ' +
        'the file, and restore a backup (docs/backup-and-restore.md).',
    ];
  }
  return [
    ...(problems.length === 0 ? ['No id is used twice, and none leads nowhere.'] : []),
    ...integrityInWords,
    ...(drifts ? [driftsInWords(drifts, rollups)] : []),
    ...(auditLog ? auditInWords(auditLog) : []),
    ...risks,
  ];
}

function driftsInWords(drifts: readonly Drift[], rollups: readonly string[]): string {
  if (drifts.length === 0) return `Every rollup agrees with its facts: ${rollups.join(', ')}.`;
  return [
    ...drifts
      .slice(0, maxListed)
      .map(
        ({ table, key, expected, actual }) =>
          `${table} ${JSON.stringify(key)}: the facts say ${describe(expected)}, the rollup ${describe(actual)}`,
      ),
    `${count(drifts.length, 'row')} differ from the facts. Correct them, also while the service runs: npx caretally rebuild`,
  ].join('\n');
}

function describe(measures: object | undefined): string {
  return measures ? JSON.stringify(measures) : 'nothing';
}

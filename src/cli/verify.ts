import type { Command } from 'commander';
import { verifyAuditLog } from '../audit/verifyAuditLog';
import { readConfig } from '../config';
import type { Drift } from '../rollup/compareSlice';
import { noteVerify } from '../rollup/verifyNote';
import { verifyRollup } from '../rollup/verifyRollup';
import { rollups } from '../service';
import { writeOne } from '../storage/database';
import { findWideRights } from '../storage/privateFiles';
import { auditInWords, auditSummary } from './auditInWords';
import { count, printSummary, withService } from './command';
import { startProgress } from './progress';

/** More are counted and not listed. */
const mostListed = 100;

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'compare every rollup with its facts, and the audit log with its hashes; lists what is wrong and exits with 1',
    )
    .option('--json', 'print a summary for programs')
    .action(async (options: { json?: boolean }) => {
      const { database } = readConfig();
      // Before it is opened: the log that this command has while it runs goes with it.
      const warnings = database.engine === 'sqlite' ? findWideRights(database.file) : [];
      for (const warning of warnings) process.stderr.write(`${warning}\n`);
      await withService(async (service) => {
        const drifts: Drift[] = [];
        for (const rollup of rollups) {
          const progress = startProgress(`Verifying ${rollup.table}`);
          drifts.push(...(await verifyRollup(service.database, rollup, (part) => progress.report({ part }))));
          progress.end();
        }
        const progress = startProgress('Verifying the audit log');
        const auditLog = await verifyAuditLog(service.database, (part) => progress.report({ part }));
        progress.end();
        printSummary(
          options.json,
          {
            drifts: drifts.slice(0, mostListed),
            driftCount: drifts.length,
            auditLog: auditSummary(auditLog),
          },
          [inWords(drifts), ...auditInWords(auditLog)].join('\n'),
        );
        if (drifts.length > 0 || auditLog.problemCount > 0) process.exitCode = 1;
        // For the metrics of the service. Told first: a full disk must keep nobody from seeing what was found.
        const note = { verifiedAtMs: service.now(), driftRows: drifts.length };
        await writeOne(service.database, noteVerify, note);
      });
    });
}

function inWords(drifts: readonly Drift[]): string {
  if (drifts.length === 0)
    return `Every rollup agrees with its facts: ${rollups.map(({ table }) => table).join(', ')}.`;
  return [
    ...drifts
      .slice(0, mostListed)
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

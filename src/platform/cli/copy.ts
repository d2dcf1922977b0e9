import type { Command } from 'commander';
import { readConfig, readCopyTarget } from '../config';
import type { CopySummary } from '../copy/copyDatabase';
import { OperatorError } from '../errors';
import type { Subsystem } from '../subsystem';
import { count } from '../values/count';
import { auditInWords, auditSummary } from './auditInWords';
import { keepMemorySmall, printSummary } from './command';
import { startProgress } from './progress';

interface Options {
  to?: string;
  json?: boolean;
}

export function addCopy(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('copy')
    .description(
      'move a SQLite database to PostgreSQL while the service runs; again brings over what has changed',
    )
    .option('--to <url>', 'the PostgreSQL database (better in COPY_TO_URL, which other users cannot see)')
    .option('--json', 'print a summary for programs')
    .action(async ({ to, json }: Options) => {
      // Other users of the machine see the options of a command in the list of processes.
      if (to !== undefined) process.title = 'caretally copy';
      keepMemorySmall();
      const source = sourceFile();
      const target = readCopyTarget(to);
      // Loaded when it is needed: no other command works on both engines.
      const { copyDatabase }: typeof import('../copy/copyDatabase') = require('../copy/copyDatabase');
      const summary = await copyDatabase(subsystems, source, target, startProgress);
      const isEqual = summary.differences.count === 0 && summary.drifts.length === 0;
      printSummary(
        json,
        { source, target: target.name, isEqual, ...inJson(summary) },
        isEqual ? inWords(summary, source, target.name) : listDifferences(summary),
      );
      if (!isEqual) process.exitCode = 1;
    });
}

function sourceFile(): string {
  const { database } = readConfig();
  if (database.engine === 'sqlite') return database.file;
  throw new OperatorError(
    `copy reads a SQLite database, and DATABASE_URL names ${database.name}. Between PostgreSQL servers, use pg_dump and pg_restore.`,
  );
}

const maxDriftsListed = 100;

function inJson({ tables, differences, drifts, auditLog, writtenSince }: CopySummary): object {
  return {
    sourceWrittenSince: writtenSince,
    tables: Object.fromEntries(tables.map(({ table, ...rows }) => [table, rows])),
    differenceCount: differences.count,
    differences: differences.listed,
    driftCount: drifts.length,
    drifts: drifts.slice(0, maxDriftsListed),
    auditLog: auditSummary(auditLog),
  };
}

function inWords({ tables, auditLog, writtenSince }: CopySummary, source: string, target: string): string {
  // Every run has an entry in the audit log, and is nothing to copy by itself.
  const copied = tables.filter(({ table }) => table !== 'audit_log' && table !== 'setting');
  const written = copied.reduce((sum, table) => sum + table.written, 0);
  const events = tables.find(({ table }) => table === 'event')?.rows ?? 0;
  return [
    written === 0
      ? `Nothing to do: ${target} had everything, ${count(events, 'event')} among it.`
      : `Copied ${source} to ${target} (${count(events, 'event')}; ${count(written, 'row')} of all tables written).`,
    'Both were compared whole, and are equal; every rollup agrees with its facts.',
    ...(auditLog.problemCount > 0 ? auditInWords(auditLog) : []),
    writtenSince
      ? 'The source has been written since this began: stop the service and run this again, which takes over what is new.'
      : 'Nobody has written the source meanwhile: if its service is stopped, start it with DATABASE_URL on the copy.',
  ].join('\n');
}

function listDifferences({ differences, drifts }: CopySummary): string {
  return [
    ...differences.listed.map(
      ({ table, key, what, columns }) =>
        `${table} ${JSON.stringify(key)}: ${what}${columns.length > 0 ? ` (${columns.join(', ')})` : ''}`,
    ),
    ...drifts
      .slice(0, maxDriftsListed)
      .map(({ table, key }) => `${table} ${JSON.stringify(key)}: does not agree with its facts`),
    ...(differences.count > 0
      ? [
          `${count(differences.count, 'row differs', 'rows differ')} between source and copy. Run this again; a row that stays holds what ` +
            'PostgreSQL cannot, the character U+0000.',
        ]
      : []),
    ...(drifts.length > 0
      ? [
          `${count(drifts.length, 'row of the rollups differs', 'rows of the rollups differ')} from the facts. Correct the source, also while its service runs ` +
            '(npx caretally rebuild), and run this again.',
        ]
      : []),
  ].join('\n');
}

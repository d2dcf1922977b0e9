import { writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Argument, type Command, Option } from 'commander';
import { everybody } from '../../platform/access/scope';
import { actOfOperator } from '../../platform/audit/act';
import { recordEntry } from '../../platform/audit/auditChain';
import { printSummary, withService } from '../../platform/cli/command';
import { startProgress } from '../../platform/cli/progress';
import { writeWholeFile } from '../../platform/cli/wholeFile';
import { AppError, OperatorError } from '../../platform/errors';
import { exportText } from '../../platform/export/exportText';
import { type FormatName, formatNames } from '../../platform/export/formats';
import { openExport } from '../../platform/export/openExport';
import { Spool, spoolLimits } from '../../platform/export/spool';
import type { Service } from '../../platform/service';
import { writeOne } from '../../platform/storage/core/database';
import { requireOutput } from '../../platform/storage/core/outputFile';
import type { Subsystem } from '../../platform/subsystem';
import { count } from '../../platform/values/count';
import { eventTable } from '../events/exportEvents';
import { exportEntry } from '../reports/exportEntry';
import { reportTable } from '../reports/exportReport';
import type { ReportQuery } from '../reports/readReport';
import { readReportQuery } from '../reports/readReportQuery';

type What = 'report' | 'events';

interface Options {
  format: FormatName;
  from?: string;
  to?: string;
  fromMonth?: string;
  toMonth?: string;
  caregiver?: string[];
  unit?: string[];
  output?: string;
  json?: boolean;
}

export function addExport(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('export')
    .description('write the report by month and caregiver, or the events themselves, out of one snapshot')
    .addArgument(new Argument('<what>', 'what to write').choices(['report', 'events']))
    .addOption(new Option('--format <format>', 'how to write it').choices(formatNames).default('csv'))
    .option('--from <instant>', 'from this instant on, such as 2026-03-01T14:30:00+01:00')
    .option('--to <instant>', 'before this instant')
    .option('--from-month <month>', 'from this month on, such as 2026-03')
    .option('--to-month <month>', 'up to and with this month')
    .option('--caregiver <id>', 'only this caregiver; may be given several times', collect)
    .option('--unit <id>', 'only caregivers of this unit; may be given several times', collect)
    .option(
      '--output <file>',
      'where to write; the file appears when it is complete (default: standard output)',
    )
    .option('--json', 'print a summary for programs (with --output)')
    .action((what: What, options: Options) =>
      withService(
        subsystems,
        (service) =>
          options.output === undefined
            ? exportToOutput(service, what, options)
            : exportToFile(service, what, options, options.output),
        { readsReplicas: true },
      ),
    );
}

async function exportToFile(service: Service, what: What, options: Options, path: string): Promise<void> {
  requireOutput(path);
  const rows = await writeWholeFile(path, ({ handle }) =>
    writeRows(service, what, options, (text) => writeFile(handle, text)),
  );
  printSummary(options.json, { rows, file: path }, `Wrote ${count(rows, 'row')} to ${path}.`);
}

async function exportToOutput(service: Service, what: What, options: Options): Promise<void> {
  if (options.json) {
    throw new OperatorError('--json needs --output: the summary would stand in the middle of the rows.');
  }
  try {
    const { reader, table, progress } = await beginExport(service, what, options);
    const onProgress = (done: number) => progress.report({ done });
    const text = await openExport(reader, table, options.format, new Spool(pipeLimits), onProgress);
    await pipeline(text, process.stdout, { end: false });
    progress.end();
  } catch (error) {
    if (error instanceof AppError && error.code === 'OVERLOADED') {
      throw new OperatorError(`${error.message} Write it to a file with --output.`);
    }
    // Whoever reads has enough, as in "| head".
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** A command is limited only by the free disk space that must remain, and may take far longer than a client of the service. */
const pipeLimits = {
  ...spoolLimits,
  snapshotMs: 3_600_000,
  takingMs: 7 * 24 * 3_600_000,
  exportBytes: Number.POSITIVE_INFINITY,
  totalBytes: Number.POSITIVE_INFINITY,
};

/** @returns how many rows were written */
async function writeRows(
  service: Service,
  what: What,
  options: Options,
  write: (text: AsyncIterable<string>) => Promise<void>,
): Promise<number> {
  const { reader, table, progress } = await beginExport(service, what, options);
  let written = 0;
  await reader.readLong((snapshot) =>
    write(
      exportText(snapshot, table, options.format, (rows) => {
        written = rows;
        progress.report({ done: rows });
      }),
    ),
  );
  progress.end();
  return written;
}

async function beginExport(service: Service, what: What, options: Options) {
  const query = readQuery(service, options);
  const { calendar, database } = service;
  await writeOne(database, recordEntry, exportEntry(actOfOperator(service), what, options.format, query));
  const table = what === 'report' ? reportTable(query, calendar) : eventTable({ ...query, deleted: false });
  const progress = startProgress(`Exporting ${what}, rows`);
  return { reader: database.replicaReader(), table, progress };
}

function readQuery({ calendar }: Service, options: Options): ReportQuery {
  const { caregiver: caregiverIds, unit: unitIds, ...range } = options;
  try {
    return readReportQuery({ ...range, caregiverIds, unitIds }, everybody, calendar);
  } catch (error) {
    throw error instanceof AppError ? new OperatorError(inOptions(error.message)) : error;
  }
}

/** The sentences of the API name its fields; here they are options. */
function inOptions(sentence: string): string {
  return sentence
    .replaceAll('fromMonth', '--from-month')
    .replaceAll('toMonth', '--to-month')
    .replace(/caregiverIds(\[\d+\])?/g, '--caregiver')
    .replace(/unitIds(\[\d+\])?/g, '--unit');
}

function collect(value: string, values: string[] = []): string[] {
  return [...values, value];
}

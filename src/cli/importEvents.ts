import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Command, Option } from 'commander';
import { OperatorError } from '../errors';
import { importEvents } from '../import/importEvents';
import { type ReferenceKind, referenceKinds } from '../import/references';
import { count, printSummary, withService } from './command';
import { startProgress } from './progress';

interface Options {
  referBy: ReferenceKind;
  rejects?: string;
  lateReason: string;
  json?: boolean;
}

export function addImportEvents(imports: Command): void {
  imports
    .command('events')
    .description('import events from a file with the columns id, caregiver, event_type, occurred_at')
    .argument('<file>', 'FILE.csv (with a header line) or FILE.ndjson')
    .addOption(
      new Option('--refer-by <kind>', 'how the file names caregivers and event types')
        .choices(referenceKinds)
        .default('any'),
    )
    .option('--rejects <file>', 'where refused lines go (default: FILE.rejects.csv)')
    .option('--late-reason <text>', 'kept on every event imported', 'import')
    .option('--json', 'print a summary for programs')
    .action(async (file: string, options: Options) => {
      const { referBy, lateReason, json, rejects: rejectFile = `${file}.rejects.csv` } = options;
      requireFolderOf(rejectFile);
      const summary = await withService(
        async (service) => {
          const progress = startProgress('Importing events');
          const done = await importEvents(service, file, {
            rejectFile,
            referBy,
            lateReason,
            onProgress: (handled, part) => progress.report({ done: handled, part }),
          });
          progress.end();
          return done;
        },
        { bulk: true },
      );
      const { registered, replayed, rejected } = summary;
      const sentences = [
        registered === 0 && rejected === 0
          ? `Nothing to do: ${count(replayed, 'event')} had been imported before, and nothing was changed.`
          : `Imported ${count(registered, 'event')} (${replayed} had been imported before).`,
        ...(rejected === 0 ? [] : [`Refused ${count(rejected, 'line')}: see ${rejectFile} for the reasons.`]),
      ];
      printSummary(json, { ...summary, rejectFile: rejected === 0 ? null : rejectFile }, sentences.join(' '));
    });
}

/** Else the first refused line, maybe after a million good ones, would find that there is no place for it. */
function requireFolderOf(rejectFile: string): void {
  const folder = statSync(dirname(rejectFile), { throwIfNoEntry: false });
  if (folder?.isDirectory() && !statSync(rejectFile, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new OperatorError(`--rejects must name a file in a folder that is there, not ${rejectFile}.`);
}

import { type Command, Option } from 'commander';
import { importEvents } from '../import/importEvents';
import { type ReferenceKind, referenceKinds } from '../import/references';
import { checkText, limits } from '../values/checks';
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
      // Once, and not at every line.
      const lateReason = checkText(options.lateReason, '--late-reason', limits.reasonCharacters);
      const { referBy, json, rejects: rejectFile = `${file}.rejects.csv` } = options;
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

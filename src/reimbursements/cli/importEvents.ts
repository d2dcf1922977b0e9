import { type Command, Option } from 'commander';
import { printSummary, withService } from '../../platform/cli/command';
import { startProgress } from '../../platform/cli/progress';
import type { Subsystem } from '../../platform/subsystem';
import { checkText, limits } from '../../platform/values/checks';
import { count } from '../../platform/values/count';
import { type EventsSummary, importEvents } from '../import/importEvents';
import { type ReferenceKind, referenceKinds } from '../import/references';

interface Options {
  referBy: ReferenceKind;
  rejects?: string;
  lateReason?: string;
  json?: boolean;
}

export function addImportEvents(imports: Command, subsystems: readonly Subsystem[]): void {
  imports
    .command('events')
    .description(
      'import events from a file with the columns id, caregiver, event_type, occurred_at and, if you like, late_reason; ' +
        'or from an export of events',
    )
    .argument('<file>', 'FILE.csv (with a header line), FILE.ndjson or FILE.json (as exported)')
    .addOption(
      new Option('--refer-by <kind>', 'how the file names caregivers and event types')
        .choices(referenceKinds)
        .default('any'),
    )
    .option('--rejects <file>', 'where refused lines go (default: FILE.rejects.csv)')
    .option(
      '--late-reason <text>',
      'kept on every event that the file gives no late_reason (default: "import" where the file has no such column)',
    )
    .option('--json', 'print a summary for programs')
    .action(async (file: string, options: Options) => {
      const { referBy, json, rejects: rejectFile = `${file}.rejects.csv` } = options;
      const lateReason =
        options.lateReason === undefined
          ? undefined
          : // Once, and not at every line.
            checkText(options.lateReason, '--late-reason', limits.reasonCharacters);
      const { firstRefused, owedAgain, ...summary } = await withService(
        subsystems,
        async (service) => {
          const progress = startProgress('Importing events');
          try {
            return await importEvents(service, file, {
              rejectFile,
              referBy,
              ...(lateReason !== undefined && { lateReason }),
              onProgress: ({ registered, replayed, rejected }, part) =>
                progress.report({ done: registered + replayed + rejected, part }),
            });
          } finally {
            progress.end();
          }
        },
        { bulk: true },
      );
      const isNothing = summary.registered + summary.replayed === 0;
      if (isNothing && summary.rejected > 0) process.exitCode = 1;
      printSummary(
        json,
        {
          ...summary,
          ...(owedAgain > 0 && { owedAgain }),
          rejectFile: summary.rejected === 0 ? null : rejectFile,
        },
        inWords({ ...summary, owedAgain, firstRefused }, rejectFile),
      );
    });
}

function inWords(summary: EventsSummary, rejectFile: string): string {
  const { registered, replayed, rejected, owedAgain, firstRefused } = summary;
  if (registered + replayed + rejected === 0) return 'Nothing to do: the file has no events.';
  if (registered + rejected === 0) {
    return `Nothing to do: ${count(replayed, 'event')} had been imported before, and nothing was changed.`;
  }
  const sentences = [
    `Imported ${count(registered, 'event')} (${replayed.toLocaleString('en')} had been imported before).`,
  ];
  if (owedAgain > 0) {
    sentences.push(
      `Of these, ${owedAgain.toLocaleString('en')} had been paid where they come from. They are owed here: payouts are not imported.`,
    );
  }
  if (firstRefused) {
    sentences.push(
      `Refused ${count(rejected, 'line')}: see ${rejectFile} for the reasons. The first is line ${firstRefused.line}: ${firstRefused.reason}`,
    );
  }
  return sentences.join(' ');
}

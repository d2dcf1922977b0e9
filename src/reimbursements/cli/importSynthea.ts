import type { Command } from 'commander';
import { printSummary, withService } from '../../platform/cli/command';
import { startProgress } from '../../platform/cli/progress';
import { readConfig } from '../../platform/config';
import { OperatorError } from '../../platform/errors';
import type { Subsystem } from '../../platform/subsystem';
import { count } from '../../platform/values/count';
import { isCurrency } from '../../platform/values/money';
import { importSynthea } from '../import/importSynthea';

export function addImportSynthea(imports: Command, subsystems: readonly Subsystem[]): void {
  imports
    .command('synthea')
    .description('import a Synthea export: encounters.csv, providers.csv and organizations.csv')
    .argument('<folder>', 'the folder with the files')
    .option('--currency <code>', "currency of the costs, as in ISO 4217 (default: the service's)")
    .option('--json', 'print a summary for programs')
    .action(async (folder: string, options: { currency?: string; json?: boolean }) => {
      const { currency = readConfig().currency } = options;
      if (!isCurrency(currency)) {
        throw new OperatorError(`--currency must be an ISO 4217 code such as USD, not "${currency}".`);
      }
      const summary = await withService(
        subsystems,
        async (service) => {
          const progress = startProgress('Importing events');
          const done = await importSynthea(service, folder, currency, (done, total) =>
            progress.report({ done, part: done / total }),
          );
          progress.end();
          return done;
        },
        { bulk: true },
      );
      const created = [
        count(summary.unitsCreated, 'unit'),
        count(summary.caregiversCreated, 'caregiver'),
        count(summary.eventTypesCreated, 'event type'),
      ].join(', ');
      const changed =
        summary.registered + summary.unitsCreated + summary.caregiversCreated + summary.eventTypesCreated;
      printSummary(
        options.json,
        summary,
        changed === 0
          ? `Nothing to do: ${count(summary.replayed, 'event')} had been imported before, and nothing was changed.`
          : `Imported ${count(summary.registered, 'event')} (${summary.replayed} had been imported before); ` +
              `created ${created}.`,
      );
    });
}

import { type Command, InvalidArgumentError } from 'commander';
import { actOfOperator } from '../../platform/audit/act';
import { printSummary, withService } from '../../platform/cli/command';
import { AppError, OperatorError } from '../../platform/errors';
import { writeOne } from '../../platform/storage/core/database';
import type { Subsystem } from '../../platform/subsystem';
import { checkIntegerId, checkOptionalText, limits } from '../../platform/values/checks';
import { count } from '../../platform/values/count';
import { pseudonymiseIn } from '../commands';

interface Options {
  caregiver: number;
  reason?: string;
  json?: boolean;
}

export function addPseudonymise(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('pseudonymise')
    .description('take away who a caregiver is, for good; what they did, and every sum, stays')
    .requiredOption('--caregiver <id>', 'whom', readId)
    .option('--reason <text>', 'kept in the audit log: name the request, not the person')
    .option('--json', 'print a summary for programs')
    .action(async ({ caregiver: caregiverId, reason, json }: Options) => {
      const done = await withService(subsystems, async (service) => {
        const act = actOfOperator(service);
        const wish = { caregiverId, reason: readReason(reason), act };
        return writeOne(service.database, pseudonymiseIn(service.subsystems), wish);
      }).catch(throwInOptions);
      const { name, changed, erased, auditEntries } = done;
      printSummary(
        json,
        { caregiver: caregiverId, name, changed, ...erased, auditEntries },
        changed
          ? `The caregiver ${caregiverId} is called "${name}" from now on. Erased: name and external id, the texts of ` +
              `${count(erased.events ?? 0, 'event')}, and what ${auditEntries} of the audit log's entries held about them. Sums ` +
              'are as before. Backups made before still hold all of it: see docs/gdpr.md.'
          : `Nothing to do: nothing is left to erase of the caregiver ${caregiverId}.`,
      );
    });
}

function readReason(reason: string | undefined): string | null {
  return checkOptionalText(reason, '--reason', limits.reasonCharacters);
}

function throwInOptions(error: unknown): never {
  throw error instanceof AppError ? new OperatorError(error.message) : error;
}

function readId(text: string): number {
  try {
    return checkIntegerId(text, '--caregiver');
  } catch {
    throw new InvalidArgumentError('It must be an id as the service gave it, such as 17.');
  }
}

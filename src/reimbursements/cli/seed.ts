import { type Command, InvalidArgumentError } from 'commander';
import { seedEvents } from '../../../seed/seedEvents';
import { printSummary, withService } from '../../platform/cli/command';
import { startProgress } from '../../platform/cli/progress';
import type { Subsystem } from '../../platform/subsystem';
import { count } from '../../platform/values/count';

interface Options {
  events: number;
  caregivers: number;
  years: number;
  seedNumber: number;
  json?: boolean;
}

export function addSeed(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('seed')
    .description('fill the database with made-up events, the same ones for the same numbers')
    .option('--events <number>', 'how many events', wholeNumber, 100_000)
    .option('--caregivers <number>', 'how many caregivers', wholeNumber, 500)
    .option('--years <number>', 'over how many years, up to the last full month', wholeNumber, 5)
    .option('--seed-number <number>', 'another number makes other events', wholeNumber, 1)
    .option('--json', 'print a summary for programs')
    .action(async ({ json, ...plan }: Options) => {
      const summary = await withService(
        subsystems,
        async (service) => {
          const progress = startProgress('Seeding events');
          const done = await seedEvents(service, plan, (done) =>
            progress.report({ done, part: done / plan.events }),
          );
          progress.end();
          return done;
        },
        { bulk: true },
      );
      printSummary(
        json,
        summary,
        `Registered ${count(summary.registered, 'event')} of ${count(plan.caregivers, 'caregiver')} over ` +
          `${count(plan.years, 'year')} (${summary.replayed} had been there before).`,
      );
    });
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number above 0.');
  return value;
}

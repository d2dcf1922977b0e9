import type { Command } from 'commander';
import { calendarNeedsRebuild, replaceCalendar } from '../calendar/calendarTable';
import { rebuildRollup } from '../rollup/rebuildRollup';
import { rollups, type Service } from '../service';
import { writeOne } from '../storage/database';
import { count, printSummary, withService } from './command';
import { startProgress } from './progress';

export function addRebuild(program: Command): void {
  program
    .command('rebuild')
    .description('make every rollup equal to its facts, while the service runs')
    .option('--json', 'print a summary for programs')
    .action(async (options: { json?: boolean }) => {
      const corrected = await withService(rebuild, { allowOutdatedCalendar: true });
      printSummary(
        options.json,
        { corrected },
        corrected === 0
          ? 'Every rollup agreed with its facts; nothing was changed.'
          : `Corrected ${count(corrected, 'row')}.`,
      );
    });
}

/** With another time zone, or new rules of the same one, the calendar is replaced first; the service must not run then. */
async function rebuild(service: Service): Promise<number> {
  const { database, calendar } = service;
  const recount = await calendarNeedsRebuild(database, calendar);
  if (recount) await writeOne(database, replaceCalendar, { calendar, rebuildPending: true });
  let corrected = 0;
  for (const rollup of rollups) {
    const progress = startProgress(`Rebuilding ${rollup.table}`);
    corrected += await rebuildRollup(database, rollup, (part) => progress.report({ part }));
    progress.end();
  }
  if (recount) await writeOne(database, replaceCalendar, { calendar, rebuildPending: false });
  return corrected;
}

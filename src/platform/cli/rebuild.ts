import type { Command } from 'commander';
import { type Act, actOfOperator } from '../audit/act';
import { platformAudit } from '../audit/ownWords';
import {
  calendarNeedsRebuild,
  ensureCalendar,
  relyOnPendingCalendar,
  replaceCalendar,
} from '../calendar/calendarTable';
import { type OnCorrected, rebuildRollup } from '../rollup/rebuildRollup';
import { type Rollup, sliceColumn } from '../rollup/rollup';
import type { Service } from '../service';
import { writeOne } from '../storage/core/database';
import { lockAgainstServices } from '../storage/sqlite/serviceLock';
import { rollupsOf, type Subsystem } from '../subsystem';
import { count } from '../values/count';
import { printSummary, withService } from './command';
import { startProgress } from './progress';

export function addRebuild(program: Command, subsystems: readonly Subsystem[]): void {
  program
    .command('rebuild')
    .description('make every rollup equal to its facts, while the service runs')
    .option('--json', 'print a summary for programs')
    .action(async (options: { json?: boolean }) => {
      const corrected = await withService(subsystems, rebuild, { allowOutdatedCalendar: true });
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
  const act = actOfOperator(service);
  const recount = await calendarNeedsRebuild(database, calendar);
  if (recount) {
    const location = service.config.database;
    if (location.engine === 'sqlite') await lockAgainstServices(location.file, 'recounting its months');
    await writeOne(database, replaceCalendar, { calendar, rebuildPending: true, act });
    await relyOnPendingCalendar(database, calendar);
  } else {
    await ensureCalendar(database, calendar);
  }
  let corrected = 0;
  for (const rollup of rollupsOf(service.subsystems)) {
    const progress = startProgress(`Rebuilding ${rollup.table}`);
    const onProgress = (part: number) => progress.report({ part });
    corrected += await rebuildRollup(database, rollup, onProgress, recordOf(act, rollup));
    progress.end();
  }
  if (recount) await writeOne(database, replaceCalendar, { calendar, rebuildPending: false, act });
  return corrected;
}

/** An entry for each transaction that corrects something. */
function recordOf(act: Act, rollup: Rollup): OnCorrected {
  return (tx, { from, to }, rows) =>
    platformAudit.record(tx, {
      act,
      action: 'rebuildRollup',
      target: ['rollup', rollup.table],
      after: { column: sliceColumn(rollup), from, to, correctedRows: rows },
    });
}

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, rmSync, statSync } from 'node:fs';
import { generateEvents } from '../seed/generateEvents';
import { type Databases, runCaretally, timeMs } from './databases';
import type { Figure } from './table';

const caregivers = 5_000;
const eventTypes = 16;

/**
 * How fast does a CSV file of events come in? Against the practical limit: the sqlite3 tool importing the same file
 * into a table with the same key and index, and summing it up once with a group by.
 */
export async function benchImport(databases: Databases, events: number, rounds: number): Promise<Figure[]> {
  const csv = databases.path(`events-${events}.csv`);
  await writeEvents(csv, events);
  const ratios: number[] = [];
  const perSecond: { ours: number[]; tool: number[] } = { ours: [], tool: [] };
  let bytesPerEvent = 0;
  for (let round = 0; round < rounds; round += 1) {
    const ours = databases.path('import.db');
    const tool = databases.path('tool.db');
    for (const file of [ours, tool]) remove(file);
    // Caregivers and event types, which the file refers to.
    runCaretally(ours, ['seed', '--events', '1', '--caregivers', String(caregivers)]);
    const oursMs = await timeMs(() => runCaretally(ours, ['import', 'events', csv, '--refer-by', 'id']));
    const toolMs = await timeMs(() => execFileSync('sqlite3', [tool], { input: toolScript(csv) }));
    ratios.push(toolMs / oursMs);
    perSecond.ours.push(events / (oursMs / 1000));
    perSecond.tool.push(events / (toolMs / 1000));
    bytesPerEvent = statSync(ours).size / events;
    for (const file of [ours, tool]) remove(file);
  }
  rmSync(csv);
  const best = (values: number[]) => Math.round(Math.max(...values)).toLocaleString('en');
  return [
    {
      name: `import of ${events.toLocaleString('en')} events as CSV : the sqlite3 tool with the same index, and one group by`,
      ratios,
      remark: `at best ${best(perSecond.ours)} : ${best(perSecond.tool)} rows/s; ${bytesPerEvent.toFixed(0)} bytes an event on disk`,
      atLeast: 0.8,
    },
  ];
}

/** The same work by hand: text columns, as the file has them; WAL and the same durability. */
function toolScript(csv: string): string {
  return `
    pragma journal_mode = WAL;
    create table event (
      id text not null, caregiver_id integer not null, event_type_id integer not null, occurred_at text not null,
      primary key (caregiver_id, occurred_at, id)
    ) without rowid;
    create unique index event_id on event (id);
    .mode csv
    .import --skip 1 '${csv}' event
    create table monthly_rollup as
      select caregiver_id, substr(occurred_at, 1, 7) as month, count(*) as events, sum(event_type_id) as amount
      from event group by 1, 2;`.replace(/^ +/gm, ''); // the tool's own commands begin a line
}

async function writeEvents(path: string, events: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id,caregiver,event_type,occurred_at\n');
  let lines = '';
  const plan = {
    seedNumber: 7,
    caregivers,
    eventTypeWeights: Array.from({ length: eventTypes }, () => 1),
    fromMonth: 202101,
    toMonth: 202512,
    eventsPerMonth: events / caregivers / 60,
    events,
  };
  for (const event of generateEvents(plan)) {
    const occurredAt = new Date(event.occurredAtMs).toISOString();
    lines += `${event.id},${event.caregiverIndex + 1},${event.eventTypeIndex + 1},${occurredAt}\n`;
    if (lines.length < 1 << 20) continue;
    if (!file.write(lines)) await once(file, 'drain');
    lines = '';
  }
  file.end(lines);
  await once(file, 'close');
}

function remove(file: string): void {
  for (const part of [file, `${file}-wal`, `${file}-shm`]) rmSync(part, { force: true });
}

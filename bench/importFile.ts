import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { json, text } from 'node:stream/consumers';
import { generateEvents } from '../seed/generateEvents';
import { runCaretally } from './command';
import type { Databases } from './databases';
import { timeMs } from './inTurn';
import { fileOf } from './sqliteDatabases';
import { type Figure, formatMegabytes, ratios } from './table';

const caregivers = 5_000;
const eventTypes = 16;
const allowedBytes = 300e6;

/**
 * How fast does a CSV file of events come in? Against the practical limit: the database's own tool importing the same
 * file into a table with the same key and index, and summing it up once with a group by.
 */
export async function benchImport(databases: Databases, events: number, rounds: number): Promise<Figure[]> {
  const csv = databases.path('events.csv');
  await writeEvents(csv, events);
  const times: Record<'ours' | 'tool', number[]> = { ours: [], tool: [] };
  const peakBytes: number[] = [];
  let bytesPerEvent = 0;
  for (let round = 0; round < rounds; round += 1) {
    const ours = await databases.create('import');
    const tool = await databases.create('tool');
    // Caregivers and event types, which the file refers to.
    await runCaretally(ours, ['seed', '--events', '1', '--caregivers', String(caregivers)], text);
    times.ours.push(await timeMs(async () => peakBytes.push(await importEvents(ours, csv, events))));
    times.tool.push(await timeMs(() => runTool[databases.engine](tool, csv)));
    bytesPerEvent = (await databases.bytes(ours)) / events;
    for (const url of [ours, tool]) await databases.remove(url);
  }
  rmSync(csv);
  const rows = events.toLocaleString('en');
  const tool = databases.engine === 'sqlite' ? 'the sqlite3 tool' : 'psql and \\copy';
  const best = (ms: number[]) => Math.round(events / (Math.min(...ms) / 1000)).toLocaleString('en');
  return [
    {
      name: `import of ${rows} events as CSV : ${tool} with the same index, and one group by`,
      ratios: ratios(times.tool, times.ours),
      remark: `at best ${best(times.ours)} : ${best(times.tool)} rows/s; ${bytesPerEvent.toFixed(0)} bytes an event on disk`,
      atLeast: databases.engine === 'sqlite' ? 0.8 : 0.6,
    },
    {
      name: `import of ${rows} events, peak of resident memory : the ${allowedBytes / 1e6} MB allowed`,
      ratios: ratios(peakBytes, allowedBytes),
      remark: formatMegabytes(peakBytes),
      atMost: 1,
    },
  ];
}

/** @returns the most memory that the command had resident */
async function importEvents(databaseUrl: string, csv: string, events: number): Promise<number> {
  const { printed, peakBytes } = await runCaretally(
    databaseUrl,
    ['import', 'events', csv, '--refer-by', 'id', '--json'],
    json,
  );
  const { registered } = printed as { registered: number };
  if (registered !== events) throw new Error(`${registered} of ${events} events were imported`);
  return peakBytes;
}

/** The same work by hand, with the same durability. */
const runTool = {
  sqlite: (url: string, csv: string) => execFileSync('sqlite3', [fileOf(url)], { input: sqliteScript(csv) }),
  postgres: (url: string, csv: string) =>
    execFileSync('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', url], { input: postgresScript(csv) }),
};

/** Text columns, as the file has them. */
function sqliteScript(csv: string): string {
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

function postgresScript(csv: string): string {
  return `
    create table event (
      id uuid not null, caregiver_id bigint not null, event_type_id bigint not null, occurred_at timestamptz not null,
      primary key (caregiver_id, occurred_at, id)
    );
    create unique index event_id on event (id);
    \\copy event from '${csv}' with (format csv, header)
    create table monthly_rollup as
      select caregiver_id, date_trunc('month', occurred_at, 'Europe/Stockholm') as month, count(*) as events,
        sum(event_type_id) as amount
      from event group by 1, 2;`;
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

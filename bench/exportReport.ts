import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { runCaretally } from './command';
import { type Databases, seeded } from './databases';
import { inTurn, timeMs } from './inTurn';
import { startServer } from './serverProcess';
import { signedIn } from './signedIn';
import { fileOf } from './sqliteDatabases';
import { type Figure, formatMegabytes, formatMs, ratios } from './table';

/** With these and sixty months the largest report of a region has 300,000 rows. */
const caregivers = 5_000;
const fewCaregivers = 500;

/** Ten times the lines may take so many times the memory: a fresh process grows a little before it collects garbage. */
const mostMemory = 1.25;

/** The same columns by hand. */
const statement = `
  select printf('%04d-%02d', r.month / 100, r.month % 100) as month, r.caregiver_id,
    c.external_id as caregiver_external_id, c.name as caregiver, u.name as unit, r.currency,
    r.reimbursed_amount, r.reimbursed_events, r.unreimbursed_amount, r.unreimbursed_events,
    r.reimbursed_amount + r.unreimbursed_amount as total_amount,
    r.reimbursed_events + r.unreimbursed_events as total_events
  from monthly_rollup r join caregiver c on c.id = r.caregiver_id left join unit u on u.id = c.unit_id
  order by r.month, r.caregiver_id, r.currency`;

interface Measured {
  ms: number;
  lines: number;
  peakBytes: number;
}

/**
 * How fast does the whole report leave as CSV, and does memory stay flat? Against the sqlite3 tool writing the same
 * columns, and against the report of a tenth of the caregivers.
 */
export async function benchExport(databases: Databases, events: number, rounds: number): Promise<Figure[]> {
  const all = await seeded(databases, events, caregivers);
  const few = await seeded(databases, events / 10, fewCaregivers);
  const found = await inTurn<'server' | 'command' | 'tool' | 'serverFew' | 'commandFew', Measured>(rounds, {
    server: () => download(all),
    command: () => runCommand(all),
    tool: () => runTool(all),
    serverFew: () => download(few),
    commandFew: () => runCommand(few),
  });

  const [lines, fewLines] = [found.tool, found.commandFew].map(([measured]) => measured?.lines);
  for (const { lines: ours } of [...found.server, ...found.command]) {
    if (ours !== lines) throw new Error(`the export has ${ours} lines, the sqlite3 tool writes ${lines}`);
  }
  const speed = (name: string, ours: readonly Measured[]): Figure => ({
    name: `${name} of ${count(lines)} lines : sqlite3 -csv with the same joins`,
    ratios: ratios(found.tool.map(ms), ours.map(ms)),
    remark: `${formatMs(ours.map(ms))} : ${formatMs(found.tool.map(ms))}`,
    atLeast: 0.5,
  });
  const memory = (name: string, many: readonly Measured[], fewer: readonly Measured[]): Figure => ({
    name: `${name}, peak of resident memory: ${count(lines)} : ${count(fewLines)} lines`,
    ratios: ratios(many.map(peak), fewer.map(peak)),
    remark: `${formatMegabytes(many.map(peak))} : ${formatMegabytes(fewer.map(peak))}`,
    atMost: mostMemory,
  });
  return [
    speed('GET /report.csv', found.server),
    speed('the command export report, with its start,', found.command),
    memory('GET /report.csv', found.server, found.serverFew),
    memory('the command export report', found.command, found.commandFew),
  ];
}

/** The second download from a server of its own, so that its memory is that of downloads alone. */
async function download(databaseUrl: string): Promise<Measured> {
  const server = await startServer(databaseUrl);
  const headers = await signedIn();
  const read = async () => {
    const request = get(`${server.origin}/report.csv`, { headers });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return countLines(response);
  };
  await read();
  let lines = 0;
  const ms = await timeMs(async () => {
    lines = await read();
  });
  return { ms, lines, peakBytes: await server.stop() };
}

async function runCommand(databaseUrl: string): Promise<Measured> {
  const startedMs = performance.now();
  const { printed, peakBytes } = await runCaretally(
    databaseUrl,
    ['export', 'report', '--format', 'csv'],
    countLines,
  );
  return { ms: performance.now() - startedMs, lines: printed, peakBytes };
}

async function runTool(databaseUrl: string): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn('sqlite3', ['-readonly', '-header', '-csv', fileOf(databaseUrl), statement], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = await countLines(child.stdout);
  return { ms: performance.now() - startedMs, lines, peakBytes: 0 };
}

async function countLines(output: Readable): Promise<number> {
  let lines = 0;
  for await (const chunk of output as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return lines;
}

const ms = (measured: Measured) => measured.ms;
const peak = (measured: Measured) => measured.peakBytes;

function count(value: number | undefined): string {
  return value?.toLocaleString('en') ?? '?';
}

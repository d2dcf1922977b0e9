import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import Fastify from 'fastify';
import sql from 'sql-template-tag';
import type { DatabaseLocation } from '../../src/platform/config';
import { Spool, SpooledText, type SpoolLimits, spoolLimits } from '../../src/platform/export/spool';
import { addPrincipal } from '../../src/platform/server/principal';
import { addReportCsv } from '../../src/reimbursements/reports/reportCsv';
import { temporaryFolder } from '../support/databases';
import { readTally, registerBatch, select, tamper } from '../support/fixtures';
import { createGate } from '../support/notes';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';
import { createWideReport, eventually, listen, SlowClient, wideCaregivers, wideRows } from './wideReport';

import openDatabase = require('better-sqlite3');

/** How many exports may be under way at a time. */
const longReaders = 4;

let api: TestService;
let eventTypeId: string;
let url: string;

beforeAll(async () => {
  api = await startTestService();
  ({ eventTypeId } = await createWideReport(api));
  url = `${await listen(api)}/report.csv`;
});
const closing: (() => Promise<unknown>)[] = [() => api.close()];
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** Lines of the download with their cells; the names in this report hold no commas. */
function lines(csv: string): string[][] {
  return csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(','));
}

async function downloadAll(query = ''): Promise<string[][]> {
  const response = await fetch(`${url}${query}`, { headers: await adminHeader() });
  expect(response.status).toBe(200);
  return lines(await response.text());
}

test('many pages come in one order, each row once', async () => {
  const rows = await downloadAll();
  expect(rows).toHaveLength(wideRows);
  const keys = rows.map(([month, id]) => `${month} ${id?.padStart(6, '0')}`);
  expect(keys).toEqual([...new Set(keys)].sort());
  const cut = await downloadAll('?from=2015-03-15T00:00:00Z&to=2021-03-15T00:00:00.001Z');
  expect(cut).toEqual(rows.slice(2 * wideCaregivers, -5 * wideCaregivers));
});

test('whoever reads slowly gets what was true when the export began', async () => {
  const before = await readTally(api, {});
  const client = await SlowClient.open(url);
  const caregiverIds = ['1', String(wideCaregivers)];
  const outcomes = await registerBatch(
    api,
    caregiverIds.flatMap((caregiverId) =>
      ['2015-01-15T00:00:00Z', '2021-08-15T00:00:00Z'].map((occurredAt) => ({
        caregiverId,
        eventTypeId,
        occurredAt,
        lateReason: 'while somebody reads',
      })),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.error)).toEqual([]);
  const sum = (rows: string[][]) => rows.reduce((events, row) => events + Number(row.at(-1)), 0);
  expect(sum(lines(await client.readOn()))).toBe(before.owed.events);
  expect(sum(await downloadAll())).toBe(before.owed.events + 4);
});

test('whoever hangs up gives the reader back', async () => {
  for (let round = 0; round < 2 * longReaders + 1; round += 1) {
    const client = await eventually(async () => {
      const opened = await SlowClient.open(url);
      if (opened.response.statusCode === 200) return opened;
      await opened.readOn();
      throw new Error(`status ${opened.response.statusCode}`);
    });
    await client.hangUp();
  }
  await eventually(() => downloadAll());
});

test('one export too many is told to come back, and nothing of it is sent', async () => {
  const gate = createGate();
  const held = Array.from({ length: longReaders }, () => api.service.database.readLong(() => gate.opened));
  const refused = await fetch(url, { headers: await adminHeader() });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('content-disposition')).toBeNull();
  expect(await refused.json()).toEqual({
    error: {
      code: 'OVERLOADED',
      message: 'Too many exports are under way. Send this again when one has ended.',
    },
  });
  // Reports, and everything else, have readers of their own.
  expect((await readTally(api, {})).owed.events).toBeGreaterThanOrEqual(wideRows);
  const waiting = downloadAll();
  gate.open();
  await Promise.all(held);
  expect(await waiting).toHaveLength(wideRows);
});

test('those who take nothing keep nobody from an export, nor the log from shrinking', async () => {
  const clients: SlowClient[] = [];
  for (let client = 0; client < 2 * longReaders; client += 1) clients.push(await SlowClient.open(url));
  expect(clients.map((client) => client.response.statusCode)).toEqual(Array(2 * longReaders).fill(200));
  expect(await downloadAll()).toHaveLength(wideRows);
  await registerWhileTaken(200);
  await eventually(() => expectNoSnapshot(api.service.config.database));
  for (const client of clients) expect(lines(await client.readOn())).toHaveLength(wideRows);
});

test('a client of twenty bytes a second is served from a file while the service writes', async () => {
  const client = await SlowClient.open(url);
  const taken: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    taken.push((client.response.read(4) ?? '').length);
    await registerWhileTaken(200);
  }
  expect(taken).toEqual([4, 4, 4, 4, 4]);
  await eventually(() => expectNoSnapshot(api.service.config.database));
  await client.hangUp();
});

test.each<[string, Partial<SpoolLimits>]>([
  ['for one export', { exportBytes: 3_000_000 }],
  ['for all exports', { totalBytes: 3_000_000 }],
  ['on the disk', { freeBytes: Number.MAX_SAFE_INTEGER }],
])('what finds no room %s is cut off, and cannot be taken for the whole', async (_what, changed) => {
  const spool = new Spool({ ...spoolLimits, patienceWithoutFileMs: 500, patienceMs: 100, ...changed });
  const narrow = Fastify({ forceCloseConnections: true });
  closing.push(() => narrow.close());
  addPrincipal(narrow, api.access);
  addReportCsv(narrow, api.service, { stallTimeoutMs: 60_000, spool });
  const address = `${await narrow.listen({ host: '127.0.0.1', port: 0 })}/report.csv`;
  const openConnections = promisify(narrow.server.getConnections.bind(narrow.server));
  for (let round = 0; round < 3; round += 1) {
    const client = await SlowClient.open(address);
    await registerWhileTaken(1);
    await eventually(async () => expect(await openConnections()).toBe(0));
    await eventually(() => expectNoSnapshot(api.service.config.database));
    await expect(client.readOn()).rejects.toThrow('aborted');
    expect(client.response.complete).toBe(false);
  }
  // Whoever takes it as it comes needs no room.
  const whole = await fetch(address, { headers: await adminHeader() });
  expect(lines(await whole.text())).toHaveLength(wideRows);
  await eventually(async () => expect(await spool.reserve(0, 0)).toBe(!('freeBytes' in changed)));
  expect(spool.bytes).toBe(0);
});

test('the command that writes to a pipe which nobody reads holds no snapshot either', async () => {
  const { database } = api.service.config;
  const cli = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
  const child = spawn(process.execPath, [cli, 'export', 'report'], {
    env: {
      ...process.env,
      DATABASE_URL: database.engine === 'sqlite' ? `sqlite:${database.file}` : database.url,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  await registerWhileTaken(1);
  await eventually(() => expectNoSnapshot(database));
  expect(child.exitCode).toBeNull();
  expect(lines(await text(child.stdout))).toHaveLength(wideRows);
});

test('what waits is in a file that has no name, for its owner alone, and is gone with its export', async () => {
  const folder = temporaryFolder();
  const spool = new Spool({ ...spoolLimits, patienceMs: 0 }, folder);
  const file = await spool.openFile();
  const { mode, nlink } = await file.stat();
  expect([mode & 0o777, nlink, readdirSync(folder)]).toEqual([0o600, 0, []]);
  await file.close();

  const text = new SpooledText(spool);
  async function* parts() {
    for (let part = 0; part < 10; part += 1) yield String(part).repeat(1_000_000);
  }
  await text.fill(parts());
  expect(spool.bytes).toBeGreaterThan(1_000_000);
  expect(readdirSync(folder)).toEqual([]);
  let read = '';
  for await (const chunk of text) read += chunk;
  expect(read.replace(/(\d)\1{999999}/g, '$1')).toBe('0123456789');
  expect(spool.bytes).toBe(0);
  rmSync(folder, { recursive: true });
});

test.each([
  ['snapshotMs', 'reading it took too long'],
  ['takingMs', 'it was taken too slowly'],
] as const)('nothing outlives %s: the rest is cut off', async (limit, why) => {
  const spool = new Spool({ ...spoolLimits, patienceMs: 0, [limit]: 100 });
  const text = new SpooledText(spool);
  const failed = once(text, 'error');
  const gate = createGate();
  async function* parts() {
    yield 'x'.repeat(2_000_000);
    if (limit === 'snapshotMs') await gate.opened;
    yield 'y'.repeat(2_000_000);
  }
  const filling = text.fill(parts());
  expect(String(await failed)).toContain(`The export was cut off: ${why}`);
  gate.open();
  await filling;
  expect(spool.bytes).toBe(0);
});

/** Whoever holds a snapshot from before keeps the log from then on. */
async function registerWhileTaken(events: number): Promise<void> {
  const inputs = Array.from({ length: events }, (_, index) => ({
    caregiverId: String(index + 1),
    eventTypeId,
    occurredAt: '2015-01-15T00:00:00Z',
    lateReason: 'while somebody takes an export',
  }));
  const outcomes = await registerBatch(api, inputs);
  expect(outcomes.filter(({ error }) => error)).toEqual([]);
}

/** Nobody reads a state of the database that is not the last one: on SQLite the log can be emptied. */
async function expectNoSnapshot(database: DatabaseLocation): Promise<void> {
  if (database.engine === 'sqlite') {
    // It must not wait: meanwhile the service, in the same thread, could not go on.
    const file = openDatabase(database.file, { timeout: 0 });
    try {
      expect(file.pragma('wal_checkpoint(truncate)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }]);
      expect(statSync(`${database.file}-wal`).size).toBe(0);
    } finally {
      file.close();
    }
    return;
  }
  const open = await select(
    api,
    sql`select pid from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'`,
  );
  expect(open).toEqual([]);
}

test('a client that takes nothing for too long is cut off and gives the reader back', async () => {
  // A test that fails must not wait for its clients.
  const impatient = Fastify({ forceCloseConnections: true });
  closing.push(() => impatient.close());
  addPrincipal(impatient, api.access);
  addReportCsv(impatient, api.service, { stallTimeoutMs: 1_000 });
  const address = await impatient.listen({ host: '127.0.0.1', port: 0 });
  const stalled: SlowClient[] = [];
  for (let client = 0; client < longReaders; client += 1) {
    stalled.push(await SlowClient.open(`${address}/report.csv`));
  }
  expect(stalled.map((client) => client.response.statusCode)).toEqual(Array(longReaders).fill(200));
  // Each has a second of its own, from its last byte on; a client that reads again before that goes on.
  const openConnections = promisify(impatient.server.getConnections.bind(impatient.server));
  await eventually(async () => expect(await openConnections()).toBe(0));
  for (const client of stalled) await expect(client.readOn()).rejects.toThrow('aborted');
  await eventually(() => downloadAll());
});

test('an export that fails on its way breaks the connection off: nobody takes a part for the whole', async () => {
  const failing = await startTestService();
  await createWideReport(failing);
  const client = await SlowClient.open(`${await listen(failing)}/report.csv`);
  expect(client.response.statusCode).toBe(200);
  await failing.service.database.close();
  await expect(client.readOn()).rejects.toThrow('aborted');
  expect(client.response.complete).toBe(false);
  await failing.close();
});

test('what fails before anything is sent has a proper answer, without a word of what is inside', async () => {
  const failing = await startTestService();
  await tamper(failing, sql`alter table monthly_rollup rename column unreimbursed_events to gone`);
  const refused = await failing.server.inject({
    method: 'GET',
    url: '/report.csv',
    headers: await adminHeader(),
  });
  expect(refused.statusCode).toBe(500);
  expect(refused.json()).toEqual({
    error: {
      code: 'INTERNAL',
      message: expect.stringMatching(
        /^Something went wrong inside the service\. Quote the request id \S+ when/,
      ),
    },
  });
  await failing.close();
});

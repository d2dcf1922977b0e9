import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import sql from 'sql-template-tag';
import { accessTableOf } from '../../src/platform/subsystem';
import { subsystems } from '../../src/subsystems';
import { runCaretally } from '../support/cli';
import { databaseForTests, newDatabase } from '../support/databases';
import { createCaregiver, createEventType, noon, noonMs, register, tamper } from '../support/fixtures';
import { parseMetrics, type Sample, sumOf } from '../support/metrics';
import { serviceForTests, startTestService } from '../support/testService';

const database = databaseForTests();
const api = serviceForTests({ database });

async function scrape({ server, authorization } = api): Promise<Sample[]> {
  const headers = { authorization: authorization as string };
  const response = await server.inject({ method: 'GET', url: '/metrics', headers });
  expect(response.statusCode).toBe(200);
  expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  return parseMetrics(response.body);
}

/** How much a value has grown by the work; nothing counts as zero. */
async function growth(work: () => Promise<unknown>, name: string, labels = {}): Promise<number> {
  const before = sumOf(await scrape(), name, labels) ?? 0;
  await work();
  return (sumOf(await scrape(), name, labels) ?? 0) - before;
}

const requestCount = 'caretally_request_duration_seconds_count';

test('requests are counted by what they ask for and what comes of it, and timed', async () => {
  const three = () => Promise.all([1, 2, 3].map(() => api.ask('{ viewer { role } }')));
  const labels = { operation: 'Query.viewer', code: 'OK' };
  expect(await growth(three, requestCount, labels)).toBe(3);
  expect(await growth(three, 'caretally_request_duration_seconds_sum', labels)).toBeGreaterThan(0);
  const unknown = () =>
    api.ask('mutation { deleteEvent(id: "0190163d-8694-739b-aea5-966c26f8ad91") { id } }');
  const refused = { operation: 'Mutation.deleteEvent', code: 'UNKNOWN_EVENT' };
  expect(await growth(unknown, requestCount, refused)).toBe(1);
});

test('whatever clients make up, the labels stay few, and are the names of the table of roles', async () => {
  for (let index = 0; index < 40; index += 1) {
    await api.ask(`query Made${index} { up${index}: ping }`);
    await api.ask(`{ nothing${index} }`);
    await api.ask(`{ ...F${index} } fragment F${index} on Query { viewer { role } service { version } }`);
    await api.server.inject({ method: 'GET', url: `/made/up/${index}` });
    await api.server.inject({ method: 'PUT', url: `/graphql?${index}` });
    await api.server.inject({
      method: 'GET',
      url: `/report.csv?made${index}=1`,
      headers: { authorization: 'x' },
    });
  }
  const samples = (await scrape()).filter(({ name }) => name === requestCount);
  const operations = new Set(samples.map(({ labels }) => labels.operation as string));
  const known = new Set([...accessTableOf(subsystems).keys(), 'Query.several', 'unknown']);
  expect([...operations].filter((operation) => !known.has(operation))).toEqual([]);
  expect([...operations]).toEqual(expect.arrayContaining(['Query.ping', 'Query.several', 'unknown']));
  expect(samples.length).toBeLessThan(30);
});

test('every query and mutation has a name of its own there', () => {
  const schema = buildSchema(readFileSync(join(__dirname, '..', '..', 'schema.graphql'), 'utf8'));
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
  );
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter((field) => !accessTableOf(subsystems).has(field))).toEqual([]);
});

test('writes are measured: their batches, their wait and their commits', async () => {
  api.setNow(noonMs);
  const caregiverId = await createCaregiver(api);
  const eventTypeId = await createEventType(api);
  const twenty = () =>
    Promise.all(
      Array.from({ length: 20 }, () => register(api, { caregiverId, eventTypeId, occurredAt: noon })),
    );
  expect(await growth(twenty, 'caretally_write_batch_inputs_sum')).toBe(20);
  expect(await growth(twenty, 'caretally_write_wait_seconds_count')).toBe(20);
  const committed = await growth(twenty, 'caretally_write_commit_seconds_count', { outcome: 'committed' });
  expect(committed).toBeGreaterThanOrEqual(1);
  expect(committed).toBeLessThanOrEqual(20);
  expect(await growth(twenty, 'caretally_write_commit_seconds_count', { outcome: 'failed' })).toBe(0);
  expect(sumOf(await scrape(), 'caretally_write_queue_inputs')).toBe(0);
});

test('a transaction that fails is counted as such', async () => {
  const broken = {
    name: 'broken',
    handle: async () => {
      throw new Error('a bug');
    },
  };
  const write = () => expect(api.service.database.write(broken, [1])).rejects.toThrow('a bug');
  expect(await growth(write, 'caretally_write_commit_seconds_count', { outcome: 'failed' })).toBe(1);
});

test('the drift that was found last is told, and when that was', async () => {
  const drift = 'caretally_rollup_drift_rows';
  const verifiedAt = 'caretally_last_verify_timestamp_seconds';
  expect(sumOf(await scrape(), drift)).toBeUndefined();
  expect(sumOf(await scrape(), verifiedAt)).toBeUndefined();

  const startedAt = Date.now() / 1_000;
  expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 0 });
  expect(sumOf(await scrape(), drift)).toBe(0);
  const first = sumOf(await scrape(), verifiedAt) as number;
  expect(first).toBeGreaterThanOrEqual(startedAt);
  expect(first).toBeLessThanOrEqual(Date.now() / 1_000);

  await tamper(api, sql`update monthly_rollup set unreimbursed_amount = unreimbursed_amount + 1`);
  expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 1 });
  expect(sumOf(await scrape(), drift)).toBe(1);
  expect(sumOf(await scrape(), verifiedAt)).toBeGreaterThan(first);

  expect(await runCaretally(database, ['rebuild'])).toMatchObject({ exitCode: 0 });
  expect(await runCaretally(database, ['verify'])).toMatchObject({ exitCode: 0 });
  expect(sumOf(await scrape(), drift)).toBe(0);
});

test('the database says how large it is, the process how it is', async () => {
  const samples = await scrape();
  expect(sumOf(samples, 'caretally_database_bytes', { part: 'data' })).toBeGreaterThan(50_000);
  const log = sumOf(samples, 'caretally_database_bytes', { part: 'log' });
  if (testEngine === 'sqlite') expect(log).toBeGreaterThan(0);
  else expect(log).toBeUndefined();
  const { version } = (await api.data('{ service { version } }')).service;
  expect(sumOf(samples, 'caretally_build_info', { version, engine: testEngine })).toBe(1);
  expect(sumOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  expect(sumOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
});

test('two services in one process count for themselves', async () => {
  const other = await startTestService();
  await other.ask('{ ping }');
  const labels = { operation: 'Query.ping', code: 'OK' };
  expect(sumOf(await scrape(other), requestCount, labels)).toBe(1);
  expect(await growth(() => other.ask('{ ping }'), requestCount, labels)).toBe(0);
  await other.close();
});

test('without its database the service still tells how it is, and nothing that it cannot know', async () => {
  const lost = newDatabase();
  await lost.create();
  const other = await startTestService({ database: lost });
  expect(sumOf(await scrape(other), 'caretally_database_bytes')).toBeGreaterThan(0);
  await other.service.close();
  await lost.drop();
  const samples = await scrape(other);
  expect(sumOf(samples, 'caretally_database_bytes')).toBeUndefined();
  expect(sumOf(samples, 'process_start_time_seconds')).toBeGreaterThan(0);
  await other.close();
});

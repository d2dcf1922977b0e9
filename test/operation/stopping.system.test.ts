import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import sql from 'sql-template-tag';
import { uuidText } from '../../src/platform/storage/core/dialect';
import { untilAlone } from '../support/alone';
import { databaseForTests } from '../support/databases';
import { createCaregiver, createEventType, findDrift, registerEvent, select } from '../support/fixtures';
import { parseMetrics, sumOf } from '../support/metrics';
import { RunningService } from '../support/runningService';
import { startTestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

import openDatabase = require('better-sqlite3');

/** What operators are promised. */
const stopsWithinMs = 10_000;

const database = databaseForTests();
let service: RunningService;
let input: object;

beforeAll(async () => {
  const api = await startTestService({ database });
  input = {
    caregiverId: await createCaregiver(api),
    eventTypeId: await createEventType(api),
    occurredAt: '2026-03-10T12:00:00Z',
    lateReason: 'entered later',
  };
  await api.close();
});
beforeEach(async () => {
  service = await RunningService.start({ DATABASE_URL: database.url, LOG_LEVEL: 'info' });
});
afterEach(() => service.remove());

/** Clients that register one event after the other until the service takes no more. */
class Writers {
  readonly acknowledged: string[] = [];
  isStopping = false;
  private readonly clients: Promise<void>[];

  constructor(count: number) {
    this.clients = Array.from({ length: count }, () => this.write());
  }

  async progress(events: number): Promise<void> {
    const enough = this.acknowledged.length + events;
    while (this.acknowledged.length < enough) await Promise.race([sleep(5), ...this.clients]);
  }

  end(): Promise<unknown> {
    return Promise.all(this.clients);
  }

  private async write(): Promise<void> {
    for (;;) {
      const id = randomUUID();
      const answer = await service.ask(registerEvent, { input: { ...input, id } }).catch(() => undefined);
      if (answer?.data?.registerEvent.event.id === id) {
        this.acknowledged.push(id);
      } else {
        // Nobody is refused before: a connection that is not taken, or the answer of a server that is closing.
        if (!this.isStopping) throw new Error(`refused: ${JSON.stringify(answer)}`);
        return;
      }
    }
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s under load everything that was acknowledged stays, and the process ends in order',
  async (signal) => {
    const writers = new Writers(24);
    await writers.progress(200);
    writers.isStopping = true;
    const end = await service.end(signal);
    await writers.end();
    expect(end).toMatchObject({ exitCode: 0, signal: null });
    expect(end.tookMs).toBeLessThan(stopsWithinMs);
    const said = service.log.map(({ msg }) => msg);
    expect(said).toContain('stopping');
    expect(said.at(-1)).toBe('stopped');
    expect(said.filter((line) => line.includes('cut off'))).toEqual([]);

    await untilAlone(database);
    const api = await startTestService({ database });
    const rows = await select<{ id: Uint8Array | string }>(api, sql`select id from event`);
    const stored = new Set(rows.map(({ id }) => uuidText(id)));
    expect(writers.acknowledged.length).toBeGreaterThanOrEqual(200);
    expect(writers.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    expect(await findDrift(api)).toEqual([]);
    await api.close();
  },
);

const body = JSON.stringify({ query: '{ ping }' });

/** A client that has sent all of a request but the last byte. */
async function slowClient(): Promise<Socket> {
  const { hostname, port } = new URL(service.origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = ['POST /graphql HTTP/1.1', 'host: x', 'content-type: application/json'];
  socket.write([...head, `content-length: ${body.length}`, '', body.slice(0, -1)].join('\r\n'));
  // It is in the middle of its request once somebody behind it has been answered.
  await service.ask('{ ping }');
  return socket;
}

async function untilLogged(msg: string): Promise<void> {
  while (!service.log.some((line) => line.msg === msg)) await sleep(10);
}

test('what is in flight is answered, and its connection closed', async () => {
  const socket = await slowClient();
  service.child.kill('SIGTERM');
  await untilLogged('stopping');
  const answered = text(socket);
  socket.write(body.slice(-1));
  const answer = await answered;
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toMatch(/\r\nconnection: close\r\n/i);
  expect(answer).toContain('{"data":{"ping":"pong"}}');
  expect(await service.ended()).toEqual({ exitCode: 0, signal: null });
  expect(service.log.at(-1)).toMatchObject({ msg: 'stopped' });
});

/** Keeps everybody from writing, from a connection of the test's own; answers how to let them again. */
async function keepFromWriting(): Promise<() => Promise<void>> {
  if (testEngine === 'sqlite') {
    const other = openDatabase(database.url.replace('sqlite:', ''));
    other.exec('begin immediate');
    return async () => {
      other.close();
    };
  }
  const other = new Client({ connectionString: database.url });
  other.on('error', () => undefined);
  await other.connect();
  await other.query('begin; lock table event in exclusive mode');
  return () => other.end();
}

test('what waits to be written is written and acknowledged', async () => {
  const release = await keepFromWriting();
  const ids = Array.from({ length: 5 }, () => randomUUID());
  const send = (id: string) => service.ask(registerEvent, { input: { ...input, id } });
  const answers = ids.slice(0, 1).map(send);
  while ((await metric('caretally_write_batch_inputs_count')) < 1) await sleep(10);
  // The first is in its transaction, and the others wait behind it.
  answers.push(...ids.slice(1).map(send));
  while ((await metric('caretally_write_queue_inputs')) < ids.length - 1) await sleep(10);
  service.child.kill('SIGTERM');
  await untilLogged('stopping');
  await release();
  for (const [index, answer] of (await Promise.all(answers)).entries()) {
    expect(answer.errors).toBeUndefined();
    expect(answer.data.registerEvent.event.id).toBe(ids[index]);
  }
  expect(await service.ended()).toEqual({ exitCode: 0, signal: null });
});

async function metric(name: string): Promise<number> {
  const response = await fetch(`${service.origin}/metrics`, { headers: await adminHeader() });
  return sumOf(parseMetrics(await response.text()), name) ?? 0;
}

test('a client that hangs is cut off, and the log says so', async () => {
  const socket = await slowClient();
  const gone = once(socket, 'close');
  const end = await service.end();
  expect(end).toMatchObject({ exitCode: 0, signal: null });
  expect(end.tookMs).toBeLessThan(stopsWithinMs);
  await gone;
  expect(service.log.map(({ msg }) => msg)).toContain('requests did not end: cut off');
});

test('a second signal ends it at once', async () => {
  const socket = await slowClient();
  service.child.kill('SIGTERM');
  await untilLogged('stopping');
  expect(await service.end('SIGINT')).toMatchObject({ exitCode: 1, signal: null });
  expect(service.log.at(-1)).toMatchObject({ level: 40, msg: 'a second signal, SIGINT: ends at once' });
  socket.destroy();
});

test('clients that keep their connections open and ask nothing are not waited for', async () => {
  const { hostname, port } = new URL(service.origin);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(socket, 'data');
  const gone = once(socket, 'close');
  expect(await service.end()).toMatchObject({ exitCode: 0 });
  await gone;
  expect(service.log.filter(({ msg }) => msg.includes('cut off'))).toEqual([]);
});

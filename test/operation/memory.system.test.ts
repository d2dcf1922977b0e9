import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteFile, temporaryFolder } from '../support/databases';
import { createCaregiver, createEventType, reimburseEvents } from '../support/fixtures';
import { parseMetrics, sumOf } from '../support/metrics';
import { withoutRates } from '../support/rates';
import { RunningService } from '../support/runningService';
import { startTestService } from '../support/testService';
import { adminHeader, testSecret, testToken } from '../support/tokens';

/** Far less than the answers come to that are asked for below. */
const heapMegabytes = 256;
/** The heap, what lies beside it, and the sockets. */
const maxResidentBytes = 700 * 1024 * 1024;
const eventCount = 1_000;
const main = join(__dirname, '..', '..', 'dist', 'src', 'main.js');

let folder: string;
let caregiverId: string;
let service: RunningService;
const sockets: Socket[] = [];
beforeAll(async () => {
  folder = temporaryFolder();
  const database = sqliteFile(join(folder, 'care.db'));
  const api = await startTestService({ database });
  caregiverId = await createCaregiver(api);
  const eventTypeId = await createEventType(api);
  const inputs = Array.from({ length: eventCount }, () => ({
    id: randomUUID(),
    caregiverId,
    eventTypeId,
    occurredAt: '2026-03-10T12:00:00Z',
    lateReason: 'x'.repeat(400),
  }));
  const register =
    'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { error { message } } }';
  await api.data(register, { inputs });
  await api.close();
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMegabytes}`, main], {
    env: {
      ...process.env,
      ...withoutRates,
      AUTH_SECRET: testSecret,
      DATABASE_URL: database.url,
      LOG_LEVEL: 'warn',
      PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  service = await RunningService.of(child);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await service?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const fields =
  'id occurredAt month amount currency reimbursed registeredAt lateReason deletedAt deletedBy deleteReason';
/** Some twenty megabytes: as much as the limits let one ask for. */
const pages = Array.from({ length: 20 }, (_, at) => `p${at}: events(first: 1000) { nodes { ${fields} } }`);
const body = JSON.stringify({ query: `{ ${pages.join(' ')} }` });

/** Asks for all of it, and reads nothing of the answer. */
async function askAndNotRead(authorization: string): Promise<void> {
  const socket = connect(Number(new URL(service.origin).port), '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.pause();
  const head = [
    'POST /graphql HTTP/1.1',
    'host: a',
    'content-type: application/json',
    `authorization: ${authorization}`,
    `content-length: ${body.length}`,
  ];
  socket.write([...head, '', body].join('\r\n'));
}

async function residentBytes(): Promise<number> {
  const answer = await fetch(`${service.origin}/metrics`, { headers: await adminHeader() });
  return sumOf(parseMetrics(await answer.text()), 'process_resident_memory_bytes') ?? Number.NaN;
}

test('answers that nobody reads fill no memory: the service goes on, and payouts are paid', async () => {
  const principals = [
    { role: 'ANALYST' },
    { role: 'ADMIN' },
    { role: 'CAREGIVER', caregiverId: Number(caregiverId) },
  ] as const;
  const attackers = await Promise.all(principals.map(async (wish) => `Bearer ${await testToken(wish)}`));
  const accountant = `Bearer ${await testToken({ role: 'ACCOUNTANT' })}`;
  let maxBytes = 0;
  for (let round = 0; round < 30; round += 1) {
    for (const attacker of attackers) await askAndNotRead(attacker);
    expect((await service.get('/health/live')).status).toBe(200);
    maxBytes = Math.max(maxBytes, await residentBytes());
  }
  // Most are told to come back; whoever asks as well sees the same.
  const refused = await fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: attackers[0] as string },
    body,
  });
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    503,
    '1',
    {
      errors: [
        {
          message:
            "Too much is in progress (the service's setting MAX_BYTES_IN_PROGRESS). Nothing was done; send this again in a second.",
          extensions: { code: 'OVERLOADED' },
        },
      ],
    },
  ]);
  expect((await service.get('/health/ready')).status).toBe(200);
  const paid = await fetch(`${service.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: accountant },
    body: JSON.stringify({
      query: reimburseEvents,
      variables: { input: { caregiverIds: [caregiverId], fromMonth: '2026-03', toMonth: '2026-03' } },
    }),
  });
  expect(await paid.json()).toEqual({ data: { reimburseEvents: expect.anything() } });
  maxBytes = Math.max(maxBytes, await residentBytes());
  expect(maxBytes).toBeLessThan(maxResidentBytes);
  for (const socket of sockets) socket.destroy();
  // Who reads is answered again.
  for (let status = 503; status !== 200; await sleep(100)) {
    const answer = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: attackers[0] as string },
      body,
    });
    status = answer.status;
    expect((await answer.text()).length).toBeGreaterThan(status === 200 ? 10_000_000 : 0);
  }
  expect(service.child.exitCode).toBeNull();
}, 300_000);

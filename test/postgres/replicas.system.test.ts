import sql from 'sql-template-tag';
import type { Reader, ReplicaChange } from '../../src/platform/storage/core/database';
import type { Snapshot } from '../../src/platform/storage/core/transaction';
import { listen } from '../export/wideReport';
import { runCaretally } from '../support/cli';
import {
  createCaregiver,
  createEventType,
  noon,
  noonMs,
  pay,
  register,
  registerEvent,
  totalFields,
} from '../support/fixtures';
import { PostgresServer, until } from '../support/postgresServer';
import { testSeed, withRandom } from '../support/random';
import { startTestService, type TestService } from '../support/testService';
import { adminHeader } from '../support/tokens';

const fresh = { 'read-from': 'primary' };
const countOwed = `query ($ids: [ID!]) { report(filter: { caregiverIds: $ids }) { totals { ${totalFields} } } }`;

let primary: PostgresServer;
let standby: PostgresServer;
let api: TestService;
let input: { caregiverId: string; eventTypeId: string; occurredAt: string };
const changes: ReplicaChange[] = [];

beforeAll(async () => {
  primary = await PostgresServer.create();
  const database = primary.database();
  await database.create();
  standby = await primary.createStandby();
  api = await startTestService({ database, replicaUrls: [standby.url('care')] });
  api.setNow(noonMs);
  api.service.database.watchReplicas((change) => changes.push(change));
  input = {
    caregiverId: await createCaregiver(api),
    eventTypeId: await createEventType(api),
    occurredAt: noon,
  };
  await untilUsed(true);
}, 120_000);
afterAll(async () => {
  await api?.close();
  await primary?.remove();
});

/** Where reads that ask for nothing special go. */
async function readsStandby(reader: Reader = api.service.database.replicaReader()): Promise<boolean> {
  return reader.read(isStandby);
}
async function isStandby(snapshot: Snapshot): Promise<boolean> {
  const row = await snapshot.one<{ answer: boolean }>(sql`select pg_is_in_recovery() as answer`);
  return row?.answer === true;
}
const untilUsed = (isUsed: boolean) => until(async () => (await readsStandby()) === isUsed);

async function owed(headers: Record<string, string> = {}): Promise<number> {
  const { status, data, errors } = await api.ask(countOwed, { ids: [input.caregiverId] }, headers);
  expect([status, errors]).toEqual([200, undefined]);
  return data.report.totals[0]?.unreimbursed.events ?? 0;
}

/** Keeps the standby in the state that it has, for as long as the work takes. */
async function whileStale<Value>(work: () => Promise<Value>): Promise<Value> {
  await standby.untilCaughtUp(primary);
  await standby.query('select pg_wal_replay_pause()');
  try {
    return await work();
  } finally {
    await standby.query('select pg_wal_replay_resume()');
    await standby.untilCaughtUp(primary);
  }
}

describe('reads where there is a replica', () => {
  test('go to it, and show what it has; a client that asks for the primary sees its own write', () =>
    whileStale(async () => {
      const before = await owed();
      await register(api, input);
      expect(await owed()).toBe(before);
      expect(await owed(fresh)).toBe(before + 1);
      expect(await owed()).toBe(before);
    }));

  test('show what was written once the replica has it', async () => {
    const before = await owed(fresh);
    await register(api, input);
    await standby.untilCaughtUp(primary);
    expect(await owed()).toBe(before + 1);
  });

  test('of a mutation come from where it has written, down to the last field', () =>
    whileStale(async () => {
      const { event } = await register(api, input);
      const caregiverId = await createCaregiver(api, { name: 'Nobody knows me there' });
      const { data } = await api.ask(`${registerEvent.replace('caregiver { id }', 'caregiver { name }')}`, {
        input: { ...input, caregiverId },
      });
      expect(data.registerEvent.event.caregiver).toEqual({ name: 'Nobody knows me there' });
      const payout = await pay(api, { eventIds: [event.id] });
      expect(payout.totals).toEqual([{ currency: 'SEK', amount: 100, events: 1 }]);
      expect(payout.events.nodes).toEqual([{ id: event.id }]);
      const { payouts } = await api.data('{ payouts { nodes { id } } }');
      expect(payouts.nodes).not.toContainEqual({ id: payout.id });
    }));

  test('of what a write checks come from the primary', () =>
    whileStale(async () => {
      const event = { ...input, id: '0190163d-8694-739b-aea5-966c26f8ad91' };
      expect((await register(api, event)).replayed).toBe(false);
      expect((await register(api, event)).replayed).toBe(true);
      const late = await createCaregiver(api);
      expect((await register(api, { ...input, caregiverId: late })).event.caregiver.id).toBe(late);
    }));

  test('of a download come from it, too, and from the primary where that is asked for', () =>
    whileStale(async () => {
      const caregiverId = await createCaregiver(api, { name: 'Asked for' });
      await register(api, { ...input, caregiverId });
      const url = `/report.csv?caregiverIds=${caregiverId}`;
      const rows = async (headers: Record<string, string>) =>
        (
          await api.server.inject({ method: 'GET', url, headers: { ...(await adminHeader()), ...headers } })
        ).body
          .trim()
          .split('\r\n').length - 1;
      expect([await rows({}), await rows(fresh)]).toEqual([0, 1]);
    }));

  test('of an export command come from it once it has what was committed before the command began', async () => {
    const caregiverId = await createCaregiver(api);
    const run = () =>
      runCaretally(primary.database(), ['export', 'report', '--caregiver', caregiverId], {
        DATABASE_REPLICA_URLS: standby.url('care'),
      });
    const rows = (output: string) => output.trim().split('\r\n').length - 1;
    await whileStale(async () => {
      await register(api, { ...input, caregiverId });
      expect(rows((await run()).output)).toBe(1);
    });
    const reads = () => standby.readFile('log').match(/from monthly_rollup r/g)?.length ?? 0;
    await standby.set('log_statement', "'all'");
    const before = reads();
    expect(rows((await run()).output)).toBe(1);
    expect(reads()).toBeGreaterThan(before);
    await standby.set('log_statement', "'none'");
  });

  test('are refused where the header asks for what there is not', async () => {
    for (const request of [
      { method: 'POST', url: '/graphql', payload: { query: '{ ping }' } },
      { method: 'GET', url: '/report.csv' },
    ] as const) {
      const headers = { ...(await adminHeader()), 'read-from': 'Primary' };
      const answer = await api.server.inject({ ...request, headers });
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toEqual({
        errors: [
          {
            message: 'The header Read-From must be "primary", or be left out.',
            extensions: { code: 'BAD_USER_INPUT', field: 'Read-From' },
          },
        ],
      });
    }
  });

  test('keep types and limits', async () => {
    const found = await api.service.database.replicaReader().read((snapshot) =>
      snapshot.all<{ name: string; setting: string; big: number }>(
        sql`select name, setting, 9007199254740991::bigint as big from pg_settings
            where name in ('statement_timeout', 'lock_timeout', 'application_name') order by name`,
      ),
    );
    expect(found).toEqual(
      [
        ['application_name', 'caretally'],
        ['lock_timeout', '10000'],
        ['statement_timeout', '60000'],
      ].map(([name, setting]) => ({ name, setting, big: Number.MAX_SAFE_INTEGER })),
    );
  });

  test('cannot write', async () => {
    const reader = api.service.database.replicaReader();
    await expect(reader.read((snapshot) => snapshot.all(sql`delete from event`))).rejects.toThrow();
  });
});

describe('a report says up to when it knows all', () => {
  const query = `query ($ids: [ID!]) {
    report(filter: { caregiverIds: $ids }) { generatedAt totals { ${totalFields} } }
  }`;
  /** Events that were shown, and for how long before the question it is known that none is missing. The clock stands still. */
  async function ask(headers: Record<string, string> = {}) {
    const { data, errors } = await api.ask(query, { ids: [input.caregiverId] }, headers);
    expect(errors).toBeUndefined();
    const { generatedAt, totals } = data.report;
    return {
      events: (totals[0]?.total.events ?? 0) as number,
      ageMs: noonMs - Date.parse(generatedAt),
    };
  }

  test('and that is before what a replica lacks', () =>
    whileStale(async () => {
      await untilUsed(true);
      const { events } = await ask();
      await register(api, input);
      const registeredMs = performance.now();
      // Longer than it takes to ask every replica how far it is.
      await until(async () => performance.now() - registeredMs > 5_000);
      const sinceMs = performance.now() - registeredMs;
      const stale = await ask();
      expect(stale.events).toBe(events);
      expect(stale.ageMs).toBeGreaterThanOrEqual(sinceMs);
      expect(await ask(fresh)).toEqual({ events: events + 1, ageMs: 0 });
    }));

  test('whenever it is asked while others register', async () => {
    process.stdout.write(`asking while others register, TEST_SEED=${testSeed}\n`);
    await untilUsed(true);
    const base = (await ask(fresh)).events;
    const registeredMs: number[] = [];
    await withRandom(async (random) => {
      for (let count = 0; count < 150; count += 1) {
        if (random.next() < 0.5) {
          await register(api, input);
          registeredMs.push(performance.now());
        }
        const pause = random.next() * 100;
        await new Promise((resolve) => setTimeout(resolve, pause));
        const askedMs = performance.now();
        const { events, ageMs } = await ask();
        const known = registeredMs.filter((atMs) => atMs < askedMs - ageMs).length;
        expect(events - base).toBeGreaterThanOrEqual(known);
      }
    });
    expect(registeredMs.length).toBeGreaterThan(20);
    await standby.untilCaughtUp(primary);
    // Some seconds, and not half a minute, where a replica follows at once.
    await until(async () => (await ask()).ageMs < 5_000);
  });
});

describe('a replica that', () => {
  test('is restarted is done without meanwhile, and used again afterwards', async () => {
    await untilUsed(true);
    for (const mode of ['fast', 'immediate'] as const) {
      const before = await owed(fresh);
      changes.length = 0;
      await standby.stop(mode);
      expect(await owed()).toBe(before);
      await register(api, input);
      expect(await owed()).toBe(before + 1);
      const name = expect.stringMatching(/^postgres:\/\/tests@.*\/care$/);
      expect(changes.length).toBeGreaterThan(0);
      for (const change of changes) {
        expect(change).toEqual({ replica: name, isUsed: false, reason: expect.stringMatching(/./) });
      }
      await standby.start();
      await untilUsed(true);
      expect(changes.at(-1)).toMatchObject({ isUsed: true });
    }
  });

  test('goes down under load is not noticed by anybody', async () => {
    await untilUsed(true);
    let reading = true;
    const answers = Array.from({ length: 12 }, async () => {
      let asked = 0;
      for (; reading; asked += 1) await owed();
      return asked;
    });
    for (const mode of ['immediate', 'fast', 'immediate'] as const) {
      await standby.restart(mode);
      await untilUsed(true);
    }
    reading = false;
    for (const asked of await Promise.all(answers)) expect(asked).toBeGreaterThan(0);
  });

  test('falls silent is given up, and whoever asked it is answered by the primary', async () => {
    await untilUsed(true);
    const before = await owed(fresh);
    standby.freeze();
    const beganMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 30 }, () => owed()));
    expect(new Set(answers)).toEqual(new Set([before]));
    expect(performance.now() - beganMs).toBeLessThan(40_000);
    expect(await readsStandby()).toBe(false);
    standby.thaw();
    await untilUsed(true);
  });

  test('drops what a read looks at has the read done again by the primary', async () => {
    await untilUsed(true);
    await standby.set('max_standby_streaming_delay', "'0'");
    await primary.query('create table note (name text)', 'care');
    await primary.query("insert into note values ('one')", 'care');
    await standby.untilCaughtUp(primary);
    const reader = api.service.database.replicaReader();
    const tries: boolean[] = [];
    const names = await reader.read(async (snapshot) => {
      tries.push(await isStandby(snapshot));
      const found = await snapshot.all(sql`select name from note`);
      if (tries.length === 1) {
        await primary.query('delete from note', 'care');
        await primary.query('vacuum note', 'care');
        await standby.untilCaughtUp(primary);
      }
      return [found, await snapshot.all(sql`select name from note`)];
    });
    expect([tries, names]).toEqual([
      [true, false],
      [[], []],
    ]);
    // That was the fate of one read; the replica is well.
    expect(await readsStandby()).toBe(true);
    expect(await readsStandby(reader)).toBe(false);
  });

  test('lags for long is left out until it has caught up', async () => {
    await untilUsed(true);
    await standby.query('select pg_wal_replay_pause()');
    await register(api, input);
    const before = await owed(fresh);
    expect(await owed()).toBe(before - 1);
    await until(async () => (await owed()) === before);
    expect(changes.at(-1)).toMatchObject({
      isUsed: false,
      reason: 'it lags behind the primary by more than 30 seconds',
    });
    await standby.query('select pg_wal_replay_resume()');
    await untilUsed(true);
  }, 120_000);

  test('becomes a primary of its own is read no more', async () => {
    const promoted = await primary.createStandby();
    const other = await startTestService({
      database: primary.database(),
      replicaUrls: [promoted.url('care')],
    });
    const told: ReplicaChange[] = [];
    other.service.database.watchReplicas((change) => told.push(change));
    const where = () => readsStandby(other.service.database.replicaReader());
    await until(where);
    await promoted.query('select pg_promote()');
    await until(async () => told.some(({ reason }) => reason === 'it takes writes, and follows no primary'));
    expect(await where()).toBe(false);
    await other.close();
  }, 120_000);
});

describe('several replicas', () => {
  let second: PostgresServer;
  let other: TestService;
  beforeAll(async () => {
    second = await primary.createStandby();
    await untilUsed(true);
    other = await startTestService({
      database: primary.database(),
      replicaUrls: [standby.url('care'), second.url('care')],
    });
  }, 120_000);
  afterAll(() => other?.close());

  const folderOf = async (snapshot: Snapshot) =>
    (await snapshot.one<{ folder: string }>(sql`select current_setting('unix_socket_directories') as folder`))
      ?.folder;
  const folders = async () => {
    const reads = Array.from({ length: 8 }, () => other.service.database.replicaReader().read(folderOf));
    return new Set(await Promise.all(reads)).size;
  };

  test('take turns, but one request reads one of them', async () => {
    await until(async () => (await folders()) === 2);
    for (let request = 0; request < 10; request += 1) {
      const reader = other.service.database.replicaReader();
      const read = await Promise.all([1, 2, 3].map(() => reader.read(folderOf)));
      expect(new Set(read).size).toBe(1);
      expect(await reader.readLong(folderOf)).toBe(read[0]);
    }
  });

  test('stand in for each other, and for the primary while it is down', async () => {
    await second.stop('immediate');
    await until(async () => (await folders()) === 1);
    expect(await readsStandby(other.service.database.replicaReader())).toBe(true);
    await primary.stop('immediate');
    const { status, data } = await other.ask(countOwed, { ids: [input.caregiverId] });
    expect([status, data.report.totals]).toEqual([200, [expect.anything()]]);
    expect((await other.ask(countOwed, {}, fresh)).status).toBe(503);
    expect((await other.ask(registerEvent, { input })).status).toBe(503);
    await primary.start();
    await second.start();
    await until(async () => (await folders()) === 2);
    expect(
      (await other.ask(registerEvent, { input: { ...input, lateReason: 'after the restart' } })).status,
    ).toBe(200);
  });
});

describe('a start', () => {
  const start = (...replicaUrls: string[]) => startTestService({ database: primary.database(), replicaUrls });

  test('goes on without a replica that is down, and takes it in when it comes', async () => {
    const late = await primary.createStandby();
    await late.stop('fast');
    const service = await start(late.url('care'));
    expect(await readsStandby(service.service.database.replicaReader())).toBe(false);
    await late.start();
    await until(() => readsStandby(service.service.database.replicaReader()));
    await service.close();
  }, 120_000);

  test('goes on where the replica is the primary itself, which is read as the primary', async () => {
    const service = await start(primary.url('care'));
    expect(await readsStandby(service.service.database.replicaReader())).toBe(false);
    await service.close();
  });

  test.each([
    [
      'a database that is not there',
      () => standby.url('nowhere'),
      /^Cannot use .*\/nowhere \(3D000\)\..* DATABASE_REPLICA_URLS\.$/,
    ],
    [
      'another database of the same server',
      () => standby.url('postgres'),
      /\/postgres is no replica of DATABASE_URL/,
    ],
    [
      'a user that is not known',
      () => standby.url('care').replace('tests@', 'nobody:hunter2@'),
      /\(28000\)\. The server refuses this user or password\. Check DATABASE_REPLICA_URLS\.$/,
    ],
  ])('is refused where the replica is %s', async (_what, url, sentence) => {
    const error = await start(url()).catch((error: Error) => error);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).not.toContain('hunter2');
  });

  test('is refused where the replica belongs to somebody else', async () => {
    const stranger = await PostgresServer.create();
    await stranger.database().create();
    const error = await start(stranger.url('care')).catch((error: Error) => error);
    expect((error as Error).message).toMatch(/ is no replica of DATABASE_URL, but another one\./);
    await stranger.remove();
  }, 120_000);

  test('of a command that reads no replica needs none', async () => {
    const environment = { DATABASE_REPLICA_URLS: standby.url('nowhere') };
    expect(await runCaretally(primary.database(), ['verify'], environment)).toMatchObject({ exitCode: 0 });
    expect(await runCaretally(primary.database(), ['export', 'report'], environment)).toMatchObject({
      exitCode: 1,
      errors: expect.stringMatching(/^Cannot use the database .* DATABASE_REPLICA_URLS\.\n$/),
    });
  });
});

test('a download that a replica breaks off in the middle is cut, never closed as if it were whole', async () => {
  // Held by the listening server, which takes the place of the one that answers without a network.
  const url = await listen(api);
  await primary.query(
    `insert into caregiver (id, name, name_folded)
       select id, repeat('x', 1000), 'x' from generate_series(1000, 60000) id;
     insert into monthly_rollup select id, 202603, 'SEK', 0, 0, 1, 1 from generate_series(1000, 60000) id`,
    'care',
  );
  await standby.untilCaughtUp(primary);
  await untilUsed(true);
  const headers = await adminHeader();
  const response = await fetch(`${url}/report.csv`, { headers });
  expect(response.status).toBe(200);
  await standby.stop('immediate');
  await expect(response.text()).rejects.toThrow();
  const whole = await (await fetch(`${url}/report.csv`, { headers })).text();
  expect(whole.split('\r\n').length).toBeGreaterThan(59_000);
  await standby.start();
}, 120_000);

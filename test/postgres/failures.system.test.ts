import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import sql, { raw, type Sql } from 'sql-template-tag';
import { runCaretally } from '../support/cli';
import { newDatabase, temporaryFolder } from '../support/databases';
import {
  atNoon,
  createCaregiver,
  createEventType,
  createUnit,
  findDrift,
  noon,
  noonMs,
  readTally,
  register,
  registerEvent,
  select,
  tamper,
} from '../support/fixtures';
import { createNotes, notes, writeNote } from '../support/notes';
import { type Fate, PostgresProxy } from '../support/postgresProxy';
import { PostgresServer, type StopMode, signal, until } from '../support/postgresServer';
import { type Answer, startTestService, type TestService } from '../support/testService';

interface EventInput {
  caregiverId: string;
  eventTypeId: string;
  occurredAt: string;
}

const nothingDone =
  'The database cannot be reached or written just now. Nothing was done; send this again in a few seconds.';
const notKnown = /^The database was lost before it had answered, so it is not known whether this was done\. /;

let server: PostgresServer;
let api: TestService;
let input: EventInput;

beforeAll(async () => {
  server = await PostgresServer.create({ max_connections: 40, superuser_reserved_connections: 0 });
  await server.database().create();
  api = await startTestService({ database: server.database() });
  input = await prepare(api);
  await tamper(api, createNotes);
}, 120_000);
afterAll(async () => {
  await api?.close();
  await server?.remove();
});

/** A caregiver and an event type to register with. */
async function prepare(service: TestService): Promise<EventInput> {
  service.setNow(noonMs);
  const caregiverId = await createCaregiver(service);
  return { caregiverId, eventTypeId: await createEventType(service), occurredAt: noon };
}

function expectUnavailable(answer: Answer): void {
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'retry-after': '5' },
    errors: [{ extensions: { code: 'UNAVAILABLE' } }],
  });
  expect(JSON.stringify(answer.errors)).not.toMatch(/postgres|terminat|connection|sql|relation/i);
}

const report = (service = api) => service.ask('{ report { totals { currency } } events { nodes { id } } }');
const write = (service = api) => service.ask(registerEvent, { input });
const ready = async () => (await api.server.inject({ method: 'GET', url: '/health/ready' })).statusCode;
const recovers = () => until(async () => (await write()).status === 200 && (await report()).status === 200);

/** Clients that send an event until it is acknowledged, always with the id that it had; others that read. */
class Load {
  readonly acknowledged: string[] = [];
  readonly refusals: Answer[] = [];
  private goesOn = true;
  /** The test has failed, and nobody waits for the last event. */
  isAbandoned = false;
  private readonly clients: Promise<void>[];

  constructor(writers: number, readers: number) {
    loads.add(this);
    this.clients = [
      ...Array.from({ length: writers }, () => this.writeOn()),
      ...Array.from({ length: readers }, () => this.readOn()),
    ];
  }

  /** Waits for so many events more. */
  async progress(events: number): Promise<void> {
    const enough = this.acknowledged.length + events;
    await until(() => this.acknowledged.length >= enough);
  }

  /** Ends when the last event that was sent is acknowledged. */
  async end(): Promise<void> {
    this.goesOn = false;
    await Promise.all(this.clients);
  }

  private async writeOn(): Promise<void> {
    while (this.goesOn && !this.isAbandoned) {
      const id = randomUUID();
      const send = () => this.accepts(api.ask(registerEvent, { input: { ...input, id } }));
      while (!(await send())) if (this.isAbandoned) return;
      this.acknowledged.push(id);
    }
  }

  private async readOn(): Promise<void> {
    while (this.goesOn && !this.isAbandoned) await this.accepts(report());
  }

  private async accepts(asked: Promise<Answer>): Promise<boolean> {
    const answer = await asked;
    if (!answer.errors) return true;
    this.refusals.push(answer);
    await sleep(50);
    return false;
  }
}

const loads = new Set<Load>();
afterEach(() => {
  for (const load of loads) load.isAbandoned = true;
  loads.clear();
});

/** Everything that was acknowledged is there, once, and in the rollup; and nothing else is. */
async function expectExact(load: Load, before: number): Promise<void> {
  const rows = await select<{ id: string }>(
    api,
    sql`select id from event where caregiver_id = ${input.caregiverId}`,
  );
  const stored = new Set(rows.map((row) => row.id));
  expect(load.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(rows).toHaveLength(before + load.acknowledged.length);
  expect((await owed()).events).toBe(rows.length);
  expect(await findDrift(api)).toEqual([]);
}
const owed = async () => (await readTally(api, { caregiverIds: [input.caregiverId] })).owed;

describe('when the server is restarted in the middle of writing', () => {
  test.each<StopMode>(['immediate', 'fast'])(
    'by %s stops, everything that was acknowledged is stored once',
    async (mode) => {
      const before = (await owed()).events;
      const load = new Load(12, 3);
      for (let restart = 0; restart < 4; restart += 1) {
        await load.progress(20);
        await server.restart(mode);
      }
      await load.progress(20);
      await load.end();
      expect(load.refusals.length).toBeGreaterThan(0);
      for (const refusal of load.refusals) expectUnavailable(refusal);
      await expectExact(load, before);
    },
    120_000,
  );
});

describe('when the connection breaks', () => {
  let proxy: PostgresProxy;
  let proxied: TestService;
  beforeAll(async () => {
    proxy = await PostgresProxy.open(server.database());
    proxied = await startTestService({ database: proxy.database });
    proxied.setNow(noonMs);
  });
  afterAll(async () => {
    await proxied?.close();
    await proxy?.close();
  });

  /** Something befalls the first statement that looks like this. */
  function befall(statement: RegExp, fate: Fate): void {
    proxy.fateOf = (said) => {
      if (!statement.test(said)) return 'arrives';
      proxy.fateOf = () => 'arrives';
      return fate;
    };
  }

  test.each<[string, Fate, boolean]>([
    ['is lost on its way', 'is lost', false],
    ['is done, and its answer is lost', 'arrives, and its answer is lost', true],
    ['is lost, and the server cannot flush its log', 'is lost, and the server panics', false],
    ['is done, and the server cannot flush its log', 'arrives, and the server panics', true],
  ])(
    'and a commit %s, the client is told that nobody knows; sent again, it counts once',
    async (_what, fate, isDone) => {
      const before = (await owed()).events;
      const event = { ...input, id: randomUUID() };
      befall(/^Q.*\bcommit\0/s, fate);
      const answer = await proxied.ask(registerEvent, { input: event });
      expectUnavailable(answer);
      expect(answer.errors?.[0]?.message).toMatch(notKnown);
      expect((await register(proxied, event)).replayed).toBe(isDone);
      expect((await owed()).events).toBe(before + 1);
    },
  );

  test('and a commit of one part of a batch is lost, its inputs alone are told so', async () => {
    const limits = { waitingInputs: 100, batchInputs: 2 };
    const small = await startTestService({ database: proxy.database, writeQueueLimits: limits });
    small.setNow(noonMs);
    const inputs = Array.from({ length: 6 }, () => ({ ...input, id: randomUUID() }));
    befall(/^Q.*\bcommit\0/s, 'arrives, and its answer is lost');
    const query =
      'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { replayed error { code message } } }';
    const { registerEvents: outcomes } = await small.data(query, { inputs });
    const lost = {
      replayed: false,
      error: { code: 'UNAVAILABLE', message: expect.stringMatching(notKnown) },
    };
    const done = { replayed: false, error: null };
    expect(outcomes).toEqual([lost, lost, done, done, done, done]);
    const again = (await small.data(query, { inputs })).registerEvents;
    expect(again).toEqual(Array(6).fill({ replayed: true, error: null }));
    await small.close();
  });

  test.each([
    ['a statement', /insert into event /],
    ['the answer of a statement', /insert into monthly_rollup /],
  ])('and %s is lost, nothing was done, and the client is told so', async (_what, statement) => {
    const event = { ...input, id: randomUUID() };
    befall(statement, 'arrives, and its answer is lost');
    const answer = await proxied.ask(registerEvent, { input: event });
    expectUnavailable(answer);
    expect(answer.errors?.[0]?.message).toBe(nothingDone);
    expect((await register(proxied, event)).replayed).toBe(false);
  });

  test('and the client had broken off before the commit, nothing was done', async () => {
    const written = writeNote(proxied, 'never', async (tx) => {
      const [self] = await tx.all<{ pid: number }>(sql`select pg_backend_pid() as pid`);
      await server.query(`select pg_terminate_backend(${self?.pid})`);
      await sleep(500);
    });
    await expect(written).rejects.toMatchObject({ code: 'UNAVAILABLE', message: nothingDone });
    expect(await notes(api)).toEqual([]);
  });

  test.each([
    ['totals', /sum\(reimbursed_amount\).* report group by currency /s],
    ['rows', /order by month, caregiver_id, currency/],
  ])('in the middle of a report, by its %s, the answer is 503', async (_what, statement) => {
    befall(statement, 'is lost');
    const answer = await proxied.ask(
      '{ report { totals { currency } months { month } rows(first: 1) { nodes { month } } } }',
    );
    expectUnavailable(answer);
    expect((await report(proxied)).status).toBe(200);
  });
});

describe('when the server takes no more connections', () => {
  test('requests get 503, and answers as soon as there is one', async () => {
    const taken: Client[] = [];
    const takeAll = async () => {
      for (;;) {
        const client = new Client({ connectionString: server.url('postgres') });
        client.on('error', () => undefined);
        try {
          await client.connect();
        } catch (error) {
          expect(error).toMatchObject({ code: '53300' });
          return;
        }
        taken.push(client);
      }
    };
    await write();
    await takeAll();
    // The service's own, too.
    const [operator] = taken;
    await operator?.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'caretally'`,
    );
    await takeAll();
    await until(async () => {
      await takeAll();
      return (await write()).status === 503;
    });
    expectUnavailable(await write());
    expectUnavailable(await report());
    expect(await ready()).toBe(503);
    await Promise.all(taken.map((client) => client.end()));
    await recovers();
    expect(await ready()).toBe(200);
  });

  test('reads and exports that take all they may have leave one for writing', async () => {
    const wait = sql`select pg_sleep(3)`;
    let ended = 0;
    const reads = [
      ...Array.from({ length: 20 }, () => select(api, wait)),
      ...Array.from({ length: 4 }, () => api.service.database.readLong((snapshot) => snapshot.all(wait))),
    ].map((read) => read.then(() => (ended += 1)));
    // Nothing that its answer would have to read for.
    const small = 'mutation ($input: RegisterEventInput!) { registerEvent(input: $input) { replayed } }';
    for (let round = 0; round < 10; round += 1) await api.data(small, { input });
    expect(ended).toBe(0);
    // One more export takes no connection before one of the others has ended.
    const fifth = api.service.database.readLong(async () => ended);
    expect(await fifth).toBeGreaterThan(0);
    await Promise.all(reads);
  });
});

describe('when the server only lets read', () => {
  test('writes get 503, reads go on, and writing goes on when that ends', async () => {
    await server.set('default_transaction_read_only', 'on');
    await until(async () => (await write()).status === 503);
    expectUnavailable(await write());
    expect((await write()).errors?.[0]?.message).toBe(nothingDone);
    expect((await report()).status).toBe(200);
    await server.set('default_transaction_read_only', 'off');
    await recovers();
  });

  test('in new sessions alone, old ones do not keep that for ever', async () => {
    await server.query('alter database care set default_transaction_read_only = on');
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = 'care'`);
    // Several sessions that begin like this, and stay in use.
    await Promise.all(Array.from({ length: 8 }, () => select(api, sql`select pg_sleep(0.2)`)));
    expectUnavailable(await write());
    await server.query('alter database care reset default_transaction_read_only');
    let reading = true;
    const readers = Array.from({ length: 8 }, async () => {
      while (reading) await select(api, sql`select pg_sleep(0.1)`);
    });
    let tries = 0;
    await until(async () => {
      tries += 1;
      return (await write()).status === 200;
    });
    expect(tries).toBeLessThan(20);
    reading = false;
    await Promise.all(readers);
  });
});

describe('when the database', () => {
  /** As operators do it: it must be a moment in which nobody is connected. */
  async function rename(from: string, to: string): Promise<void> {
    await server.query(`alter database ${from} allow_connections false`);
    await server.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${from}'`);
    await server.query(`alter database ${from} rename to ${to}`);
    await server.query(`alter database ${to} allow_connections true`);
  }

  test('is renamed, requests get 503 until it has its name back; nothing is lost', async () => {
    const before = (await owed()).events;
    const load = new Load(4, 2);
    await load.progress(20);
    await rename('care', 'gone');
    await until(() => load.refusals.length > 20);
    expect(await ready()).toBe(503);
    await rename('gone', 'care');
    await load.progress(20);
    await load.end();
    for (const refusal of load.refusals) expectUnavailable(refusal);
    await expectExact(load, before);
  });

  test('is dropped, and an empty one takes its place, requests get 503 until it has tables again', async () => {
    const other = await startTestService({ database: await created('dropped') });
    const event = await prepare(other);
    await register(other, event);
    await server.query('drop database dropped with (force)');
    expectUnavailable(await report(other));
    expectUnavailable(await other.ask(registerEvent, { input: event }));
    await server.database('dropped').create();
    expectUnavailable(await report(other));
    expectUnavailable(await other.ask(registerEvent, { input: event }));
    const second = await startTestService({ database: server.database('dropped') });
    expect(await prepare(second)).toEqual(event);
    expect((await register(other, event)).replayed).toBe(false);
    expect(await findDrift(other)).toEqual([]);
    await Promise.all([other.close(), second.close()]);
  });
});

describe('when the server falls silent', () => {
  afterEach(() => server.thaw());

  test('under load, clients get 503 within half a minute; afterwards all is there, once', async () => {
    const before = (await owed()).events;
    const load = new Load(12, 12);
    for (let round = 0; round < 2; round += 1) {
      await load.progress(20);
      server.freeze();
      const [seen, beganMs] = [load.refusals.length, performance.now()];
      // Every client is told, those that wait in line, too.
      await until(() => load.refusals.length >= seen + 24);
      expect(performance.now() - beganMs).toBeLessThan(30_000);
      server.thaw();
    }
    await load.progress(20);
    await load.end();
    for (const refusal of load.refusals) expectUnavailable(refusal);
    await expectExact(load, before);
  }, 180_000);

  test('in the middle of what may take long, that does not keep everybody waiting', async () => {
    let isFrozen = false;
    const freeze = async (tx: { all(statement: Sql): Promise<unknown> }) => {
      server.freeze();
      isFrozen = true;
      await tx.all(sql`select 1`);
    };
    const long = writeNote(api, 'in the middle', freeze, 'slow');
    await until(() => isFrozen);
    const beganMs = performance.now();
    const refused = await Promise.all([write(), write(), report(), long.catch((error: Error) => error)]);
    expect(performance.now() - beganMs).toBeLessThan(40_000);
    for (const answer of refused.slice(0, 3)) expectUnavailable(answer as Answer);
    expect(refused[3]).toMatchObject({ code: 'UNAVAILABLE', message: nothingDone });
    server.thaw();
    await recovers();
    expect(await notes(api)).toEqual([]);
  }, 120_000);

  test('does not end what takes long while the server is well', async () => {
    const [row] = await select<{ answer: number }>(api, sql`select 1 as answer, pg_sleep(12)`);
    expect(row?.answer).toBe(1);
  });

  test('on single connections, they are given up', async () => {
    await write();
    const hung = await server.query<{ pid: number }>(
      `select pid from pg_stat_activity where application_name = 'caretally'`,
    );
    for (const { pid } of hung) signal(pid, 'SIGSTOP');
    const beganMs = performance.now();
    await recovers();
    expect(performance.now() - beganMs).toBeGreaterThan(2_000);
    for (const { pid } of hung) signal(pid, 'SIGCONT');
  }, 120_000);
});

describe('a start', () => {
  test('lets migrations take as long as they take, and keeps the limits of everything else', async () => {
    const database = await created('migrated');
    // Tells, of every statement that makes something, the limits under which it ran.
    await server.query(
      `create table seen (statement_limit text, lock_limit text);
       create function tell() returns event_trigger language plpgsql as $$ begin
         insert into seen values (current_setting('statement_timeout'), current_setting('lock_timeout'));
       end $$;
       create event trigger tell on ddl_command_start execute function tell()`,
      'migrated',
    );
    const service = await startTestService({ database });
    const limits = await select(service, sql`select distinct statement_limit, lock_limit from seen`);
    expect(limits).toEqual([{ statement_limit: '0', lock_limit: '10s' }]);
    const sessions = Array.from({ length: 8 }, () =>
      select(service, sql`select current_setting('statement_timeout') as one, pg_sleep(0.2)`),
    );
    for (const [session] of await Promise.all(sessions)) expect(session).toMatchObject({ one: '1min' });
    await service.close();
  });

  test('on a server that takes no connections is refused in a sentence', async () => {
    await server.query('alter database care connection limit 0');
    await server.query('create role care login');
    const url = server.url('care').replace('tests@', 'care@');
    const full = await runCaretally({ url }, ['verify']);
    expect([full.exitCode, full.errors]).toEqual([
      1,
      expect.stringMatching(/^Cannot use the database .* \(53300\)\. The server has no connection left\./),
    ]);
    await server.query('alter database care connection limit -1');
    const right = await runCaretally({ url: server.url('forbidden').replace('tests@', 'care@') }, ['verify']);
    expect(right.errors).toMatch(/\(3D000\)/);
    await created('forbidden');
    const forbidden = await runCaretally({ url: server.url('forbidden').replace('tests@', 'care@') }, [
      'verify',
    ]);
    expect(forbidden.errors).toMatch(/\(42501\)\. The user may not create tables in it\./);
  });
});

test('a command that is cut off in its second transaction does not say that nothing was done', async () => {
  const database = newDatabase();
  await database.create();
  const service = await startTestService({ database });
  service.setNow(noonMs);
  const folder = temporaryFolder();
  const file = join(folder, 'events.csv');
  const event = { caregiver: await createCaregiver(service), type: await createEventType(service) };
  const lines = Array.from(
    { length: 30_000 },
    (_, index) => `${randomUUID()},${event.caregiver},${event.type},${atNoon(-index)}`,
  );
  writeFileSync(file, ['id,caregiver,event_type,occurred_at', ...lines].join('\n'));
  await tamper(
    service,
    sql`create function refuse() returns trigger language plpgsql
        as $$ begin raise exception using errcode = '53100'; end $$`,
    sql`create trigger refuse before insert on event for each row
        when (new.occurred_at_ms = ${raw(String(noonMs - 29_999))}) execute function refuse()`,
  );
  const cut = await runCaretally(database, ['import', 'events', file]);
  // Two transactions run at a time and end in any order: the pieces before the refused one may all have come through, or not.
  const count = /come through (\d0,000) events/.exec(cut.errors)?.[1];
  const told = count
    ? `Until then the import had come through ${count} events: ${count} were imported, 0 had been imported before.`
    : 'The import had come through no event yet.';
  expect([cut.exitCode, cut.errors]).toEqual([
    1,
    `The database could not be written any more (53100). ${told} What came next may be in, too. Run the same command ` +
      'again once the database is back: it goes on from there, and nothing is counted twice.\n',
  ]);
  expect(existsSync(`${file}.rejects.csv`)).toBe(false);
  const stored = (await readTally(service, {})).owed.events;
  expect(stored).toBeGreaterThanOrEqual(Math.max(Number((count ?? '0').replace(',', '')), 10_000));
  expect(stored).toBeLessThan(30_000);

  await tamper(service, sql`drop trigger refuse on event`);
  const again = await runCaretally(database, ['import', 'events', file, '--json']);
  expect(JSON.parse(again.output)).toMatchObject({
    registered: 30_000 - stored,
    replayed: stored,
    rejected: 0,
  });
  await service.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

test('nobody is told more than once that a unit exists after its answer was lost', async () => {
  const proxy = await PostgresProxy.open(server.database());
  const service = await startTestService({ database: proxy.database });
  let isLost = false;
  proxy.fateOf = (said) => {
    if (isLost || !/^Q.*\bcommit\0/s.test(said)) return 'arrives';
    isLost = true;
    return 'arrives, and its answer is lost';
  };
  await expect(createUnit(service, { name: 'Lost', externalId: 'lost' })).rejects.toThrow(
    'look before you send anything else again',
  );
  const { units } = await service.data('{ units { nodes { externalId } } }');
  expect(units.nodes).toEqual([{ externalId: 'lost' }]);
  await service.close();
  await proxy.close();
});

async function created(name: string) {
  const database = server.database(name);
  await database.create();
  return database;
}

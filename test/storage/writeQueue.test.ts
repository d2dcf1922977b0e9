import { open } from 'node:fs/promises';
import sql, { raw, type Sql } from 'sql-template-tag';
import { AppError } from '../../src/platform/errors';
import { CommitUnanswered } from '../../src/platform/storage/core/failures';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { reimbursementCommands } from '../../src/reimbursements/commands';
import { operator } from '../../src/reimbursements/events/registerEvents';
import { newDatabase } from '../support/databases';
import {
  atNoon,
  createCaregiver,
  createEventType,
  noon,
  noonMs,
  readTally,
  register,
  registerBatch,
  registerEvent,
  registerEvents,
  select,
  tamper,
} from '../support/fixtures';
import { type After, createNotes, holdTransaction, notes, writeNote } from '../support/notes';
import { serviceForTests, startTestService, type TestService } from '../support/testService';

/** Lets the event loop turn until so many inputs wait for their transaction. */
async function untilWaiting(api: TestService, inputs: number): Promise<void> {
  while (api.service.database.queueLength < inputs) await new Promise(setImmediate);
}

// Slow commands run in a thread of their own, by the same rules.
describe.each(['quick', 'slow'] as const)('the write queue, with %s commands', (speed) => {
  let api: TestService;
  const write = (name: string, after?: After) => writeNote(api, name, after, speed);
  const fail = (error: Error) => () => {
    throw error;
  };

  beforeEach(async () => {
    api = await startTestService({ writeQueueLimits: { waitingInputs: 100, batchInputs: 10 } });
    await tamper(api, createNotes);
  });
  afterEach(() => api.close());

  test('commits in the order in which inputs came, also over several transactions', async () => {
    const names = Array.from({ length: 35 }, (_, index) => `note ${index}`);
    const answers = await Promise.all(names.map((name) => write(name)));
    expect(answers).toEqual(names.map((name) => [{ value: `${name} is written` }]));
    expect(await notes(api)).toEqual(names);
  });

  test('a command that fails leaves nothing, and its neighbours in the batch are committed', async () => {
    const bug = new TypeError('a bug');
    const results = await Promise.allSettled([
      write('before'),
      write('bad', fail(bug)),
      write('between'),
      write('worse', fail(bug)),
      write('after'),
    ]);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(results[1]).toEqual({ status: 'rejected', reason: bug });
    expect(await notes(api)).toEqual(['before', 'between', 'after']);
  });

  test('an expected failure after something was written leaves nothing and is the outcome of its input', async () => {
    const error = new AppError('ALREADY_EXISTS', 'There is one already.');
    const answers = await Promise.all([write('before'), write('bad', fail(error)), write('after')]);
    expect(answers).toEqual([[{ value: 'before is written' }], [{ error }], [{ value: 'after is written' }]]);
    expect(await notes(api)).toEqual(['before', 'after']);
  });

  test('an SQL statement that fails leaves nothing of its batch input behind', async () => {
    const results = await Promise.allSettled([write('one'), write('two'), write('one'), write('three')]);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await notes(api)).toEqual(['one', 'two', 'three']);
  });

  test('a command that does not answer for each input is a bug, and leaves nothing', async () => {
    const silent: Command<string, string> = {
      name: 'silent',
      speed,
      handle: async (tx) => {
        await tx.run(sql`insert into note (name) values ('silent')`);
        return [];
      },
    };
    await expect(api.service.database.write(silent, ['x'])).rejects.toThrow(
      'answered 0 outcomes for 1 inputs',
    );
    expect(await notes(api)).toEqual([]);
  });

  test('a transaction inside a transaction fails, and leaves nothing of either', async () => {
    const nested = [
      write('before'),
      write('begin', (tx) => tx.run(sql`begin`)),
      write('begin immediate', (tx) => tx.run(sql`begin immediate`)),
      write('TypeORM', (tx) =>
        tx.manager.transaction((inner) => inner.query(`insert into note (name) values ('inner')`)),
      ),
      write('after'),
    ];
    const results = await Promise.allSettled(nested);
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(await notes(api)).toEqual(['before', 'after']);
  });

  // No test can cut the power; this is what the engine promises to survive that with.
  test('flushes to the disk what it commits', async () => {
    const [questions, answers] = {
      sqlite: [
        [sql`pragma synchronous`, sql`pragma journal_mode`],
        [{ synchronous: 2 }, { journal_mode: 'wal' }],
      ],
      postgres: [
        [sql`show synchronous_commit`, sql`show fsync`],
        [{ synchronous_commit: 'on' }, { fsync: 'on' }],
      ],
    }[testEngine] as [Sql[], object[]];
    const settings: unknown[] = [];
    await write('flushed', async (tx) => {
      for (const question of questions) settings.push(...(await tx.all(question)));
    });
    expect(settings).toEqual(answers);
  });

  test('what waits shares the next transaction', async () => {
    const held = await holdTransaction(api);
    const together: number[] = [];
    const counting: Command<number, number> = {
      name: 'counting',
      speed,
      async handle(_tx, inputs) {
        together.push(inputs.length);
        return inputs.map((value) => ({ value }));
      },
    };
    const answers = Array.from({ length: 8 }, (_, index) => api.service.database.write(counting, [index]));
    expect(api.service.database.queueLength).toBe(8);
    await held.commit();
    expect((await Promise.all(answers)).flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((value) => ({ value })));
    expect(together).toEqual([8]);
    expect(api.service.database.queueLength).toBe(0);
  });
});

test('quick and slow commands are committed in the order in which they came', async () => {
  const api = await startTestService();
  await tamper(api, createNotes);
  const names = Array.from({ length: 40 }, (_, index) => `note ${index}`);
  await Promise.all(
    names.map((name, index) => writeNote(api, name, undefined, index % 5 < 3 ? 'quick' : 'slow')),
  );
  expect(await notes(api)).toEqual(names);
  await api.close();
});

describe('a full write queue', () => {
  const api = serviceForTests({ writeQueueLimits: { waitingInputs: 3, batchInputs: 2 } });
  let input: { caregiverId: string; eventTypeId: string; occurredAt: string };
  const owed = async () => (await readTally(api, { caregiverIds: [input.caregiverId] })).owed;

  beforeAll(() => tamper(api, createNotes));
  beforeEach(async () => {
    api.setNow(noonMs);
    await tamper(api, sql`delete from note`);
    input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
  });

  test('refuses one more with 503 and the time after which to come back; nothing is half done', async () => {
    const held = await holdTransaction(api);
    const waiting = Array.from({ length: 3 }, () => api.ask(registerEvent, { input }));
    await untilWaiting(api, 3);
    const refused = await api.ask(registerEvent, { input });
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, data: null });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);

    await held.commit();
    const accepted = await Promise.all(waiting);
    expect(accepted.map((answer) => [answer.status, answer.errors])).toEqual([
      [200, undefined],
      [200, undefined],
      [200, undefined],
    ]);
    expect(await owed()).toEqual({ amount: 300, events: 3 });
    await register(api, input);
    expect((await owed()).events).toBe(4);
  });

  test('refuses a batch that does not fit as a whole', async () => {
    expect((await registerBatch(api, [input, input, input])).every((outcome) => outcome.event)).toBe(true);
    const refused = await api.ask(registerEvents, { inputs: [input, input, input, input] });
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'OVERLOADED' } }]);
    expect((await owed()).events).toBe(3);
  });

  test('reads go on meanwhile', async () => {
    const held = await holdTransaction(api);
    const waiting = Array.from({ length: 3 }, () => register(api, input));
    await untilWaiting(api, 3);
    expect((await owed()).events).toBe(0);
    await held.commit();
    await Promise.all(waiting);
  });

  test('under a storm, every event is either accepted and counted or refused and not', async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, () => api.ask(registerEvent, { input })));
    const accepted = answers.filter((answer) => answer.status === 200 && !answer.errors);
    expect(accepted.length).toBeGreaterThan(0);
    for (const answer of answers.filter((answer) => !accepted.includes(answer))) {
      expect(answer).toMatchObject({ status: 503, errors: [{ extensions: { code: 'OVERLOADED' } }] });
    }
    expect((await owed()).events).toBe(accepted.length);
  });
});

/** From here on the engine refuses to write, as it would with a full or read-only disk. */
async function refuseWrites(api: TestService): Promise<void> {
  if (testEngine === 'sqlite') {
    await tamper(api, sql`pragma query_only = on`).catch(() => undefined);
    return;
  }
  const [database] = await select<{ name: string }>(api, sql`select current_database() as name`);
  await tamper(
    api,
    sql`alter database ${raw(database?.name as string)} set default_transaction_read_only = on`,
    sql`set default_transaction_read_only = on`,
    sql`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
  );
}

describe('a database that cannot be written', () => {
  test('answers 503, says so, and is still read', async () => {
    const api = await startTestService();
    api.setNow(noonMs);
    const input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
    await register(api, input);
    await refuseWrites(api);

    const refused = await api.ask(registerEvent, { input });
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '5' }, data: null });
    expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
    expect(JSON.stringify(refused.errors)).not.toMatch(/sqlite|postgres|readonly|read-only|query/i);
    const { owed } = await readTally(api, { caregiverIds: [input.caregiverId] });
    expect(owed).toEqual({ amount: 100, events: 1 });
    await api.close();
  });
});

describe('closing', () => {
  test('finishes what was submitted', async () => {
    const database = newDatabase();
    await database.create();
    const api = await startTestService({ database });
    api.setNow(noonMs);
    const input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
    const submitted = api.service.database.write(
      reimbursementCommands(api.service).registerEvents,
      Array.from({ length: 3_000 }, () => ({
        ...input,
        id: null,
        lateReason: null,
        occurredAt: { instantMs: noonMs },
        sender: operator,
        receivedAtMs: noonMs,
      })),
    );
    await api.close();
    expect((await submitted).every((outcome) => 'value' in outcome)).toBe(true);

    const again = await startTestService({ database });
    expect((await readTally(again, {})).owed.events).toBe(3_000);
    await again.close();
    await database.drop();
  });
});

test('two transactions go at a time where they may, on an engine that lets several write', async () => {
  const api = await startTestService({
    writeQueueLimits: { waitingInputs: 100, batchInputs: 10, transactions: 2 },
  });
  await tamper(api, createNotes);
  let open = 0;
  let mostOpen = 0;
  const names = Array.from({ length: 60 }, (_, index) => `note ${index}`);
  const command: Command<string, string> = {
    name: 'counts open transactions',
    async handle(tx, inputs) {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      for (const name of inputs) await tx.run(sql`insert into note (name) values (${name})`);
      // The other one is sure to begin meanwhile, where it may.
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      return inputs.map((name) => ({ value: name }));
    },
  };
  const submitted = Promise.all([
    api.service.database.write(command, names.slice(0, 25)),
    api.service.database.write(command, names.slice(25)),
  ]);
  const outcomes = (await submitted).flat();
  expect(outcomes).toEqual(names.map((value) => ({ value })));
  expect((await notes(api)).sort()).toEqual([...names].sort());
  expect(mostOpen).toBe(testEngine === 'sqlite' ? 1 : 2);
  await api.close();
});

test('inputs that were stored before the database failed are told so; the others are told of the failure', async () => {
  const api = await startTestService({ writeQueueLimits: { waitingInputs: 10, batchInputs: 2 } });
  const command: Command<number, number> = {
    name: 'fails in its second transaction',
    async handle(_tx, inputs) {
      if (inputs.includes(3)) throw new AppError('UNAVAILABLE', 'The disk is full.');
      return inputs.map((value) => ({ value }));
    },
  };
  const outcomes = await api.service.database.write(command, [1, 2, 3, 4, 5]);
  const failed = { error: expect.objectContaining({ code: 'UNAVAILABLE' }) };
  expect(outcomes).toEqual([{ value: 1 }, { value: 2 }, failed, failed, { value: 5 }]);
  await expect(api.service.database.write(command, [3])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await api.close();
});

describe('when a batch is tried in halves, each input is told its own fate', () => {
  const api = serviceForTests();
  beforeAll(() => tamper(api, createNotes));
  beforeEach(() => tamper(api, sql`delete from note`));

  const unavailable = new AppError('UNAVAILABLE', 'The disk is full.');
  const unknown = Object.assign(new AppError('UNAVAILABLE', 'Nobody knows.'), {
    cause: new CommitUnanswered(undefined),
  });
  const refused = new AppError('ALREADY_EXISTS', 'There is one already.');
  /** Writes every input down, unless one of them fails, and leaves nothing of its transaction then. */
  const writeUnless = (failures: Readonly<Record<string, Error>>): Command<string, string> => ({
    name: 'writes, or fails',
    async handle(tx, inputs) {
      for (const name of inputs) await tx.run(sql`insert into note (name) values (${name})`);
      const failing = inputs.find((name) => name in failures);
      if (failing !== undefined) throw failures[failing];
      return inputs.map((value) => ({ value }));
    },
  });
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

  test.each<[string, Record<string, Error>, Record<string, object>]>([
    ['a bug in one', { c: new TypeError('a bug') }, { c: { code: 'INTERNAL' } }],
    ['a bug in the last', { h: new TypeError('a bug') }, { h: { code: 'INTERNAL' } }],
    [
      'a database that fails in the second half',
      { a: new TypeError('a bug'), g: unavailable },
      {
        a: { code: 'INTERNAL' },
        ...Object.fromEntries(['e', 'f', 'g', 'h'].map((name) => [name, unavailable])),
      },
    ],
    [
      'a refusal, a failure and a bug in halves of halves',
      { b: refused, c: unavailable, f: new TypeError('a bug') },
      { b: refused, c: unavailable, d: unavailable, f: { code: 'INTERNAL' } },
    ],
  ])('%s', async (_what, failures, expected) => {
    const outcomes = await api.service.database.write(writeUnless(failures), names);
    expect(outcomes).toEqual(
      names.map((name) =>
        name in expected ? { error: expect.objectContaining(expected[name] as object) } : { value: name },
      ),
    );
    expect(await notes(api)).toEqual(names.filter((name) => !(name in expected)));
  });

  test('all fail only where none was done; what nobody knows is then said before anything else', async () => {
    const failures = { a: new TypeError('a bug'), b: unavailable, c: unknown, d: unavailable };
    const write = (given: string[]) => api.service.database.write(writeUnless(failures), given);
    await expect(write(['a', 'c'])).rejects.toBe(unknown);
    await expect(write(['a', 'b'])).rejects.toBe(failures.a);
    expect(await notes(api)).toEqual([]);
  });

  test('two submissions that share a transaction are told apart', async () => {
    const held = await holdTransaction(api);
    const command = writeUnless({ b: new TypeError('a bug') });
    const [first, second] = [
      ['a', 'b', 'c'],
      ['d', 'e'],
    ].map((given) => api.service.database.write(command, given)) as [Promise<unknown>, Promise<unknown>];
    await held.commit();
    const bug = { error: expect.objectContaining({ code: 'INTERNAL', cause: expect.any(TypeError) }) };
    expect(await first).toEqual([{ value: 'a' }, bug, { value: 'c' }]);
    expect(await second).toEqual([{ value: 'd' }, { value: 'e' }]);
    expect(await notes(api)).toEqual(['the first', 'a', 'c', 'd', 'e']);
  });

  test('through the API, also without ids; and what nobody had expected is in the log', async () => {
    const lines: Record<string, unknown>[] = [];
    const logged = await startTestService({
      logLevel: 'error',
      logStream: { write: (line) => lines.push(JSON.parse(line)) },
    });
    logged.setNow(noonMs);
    const event = {
      caregiverId: await createCaregiver(logged),
      eventTypeId: await createEventType(logged),
      occurredAt: noon,
    };
    await tamper(logged, ...refuseEventsAt(noonMs - 5));
    const inputs = Array.from({ length: 11 }, (_, index) => ({ ...event, occurredAt: atNoon(-index) }));
    const outcomes = await registerBatch(logged, inputs);
    expect(outcomes.map(({ event, error }) => [event?.occurredAt, error?.code])).toEqual(
      inputs.map(({ occurredAt }, index) =>
        index === 5 ? [undefined, 'INTERNAL'] : [occurredAt, undefined],
      ),
    );
    expect(outcomes[5]?.error?.message).toMatch(/Nothing was done for this input/);
    expect((await readTally(logged, {})).owed.events).toBe(10);
    expect(lines).toMatchObject([
      { msg: 'a part of a request failed unexpectedly', requestId: expect.any(String), level: 50 },
    ]);
    expect(JSON.stringify(lines)).toContain('not on this engine');
    await logged.close();
  });
});

/** From here on the engine fails where an event of this instant is inserted, as for a bug. */
function refuseEventsAt(instantMs: number): Sql[] {
  const at = raw(String(instantMs));
  if (testEngine === 'sqlite') {
    return [
      sql`create trigger refuse before insert on event when new.occurred_at_ms = ${at}
          begin select raise(abort, 'not on this engine'); end`,
    ];
  }
  return [
    sql`create function refuse() returns trigger language plpgsql
        as $$ begin raise exception 'not on this engine'; end $$`,
    sql`create trigger refuse before insert on event for each row
        when (new.occurred_at_ms = ${at}) execute function refuse()`,
  ];
}

test('a mutation that was done says so when its answer cannot be read', async () => {
  const database = newDatabase();
  await database.create();
  const before = await startTestService({ database });
  before.setNow(noonMs);
  const { event } = await register(before, {
    caregiverId: await createCaregiver(before),
    eventTypeId: await createEventType(before),
    occurredAt: noon,
  });
  await breakCaregivers(before);

  const api = await startTestService({ database });
  const query = 'mutation ($id: ID!) { deleteEvent(id: $id) { id caregiver { name } } }';
  const answer = await api.ask(query, { id: event.id });
  expect(answer).toMatchObject({
    status: 503,
    errors: [{ message: expect.stringMatching(/^This was done, but /), extensions: { code: 'UNAVAILABLE' } }],
  });
  expect(JSON.stringify(answer.errors)).not.toMatch(/nothing was done/i);
  expect((await api.data('{ report { totals { currency } } }')).report.totals).toEqual([]);
  await api.close();
  await database.drop();
});

/** Closes the service and makes the caregivers unreadable: by a page of the file that is overwritten, or a table that is gone. */
async function breakCaregivers(api: TestService): Promise<void> {
  if (testEngine === 'postgres') {
    await tamper(api, sql`alter table caregiver rename to gone`);
    return api.close();
  }
  const [page] = await select<{ number: number; bytes: number; file: string }>(
    api,
    sql`select rootpage as number, (select page_size from pragma_page_size) as bytes,
          (select file from pragma_database_list where name = 'main') as file
        from sqlite_schema where name = 'caregiver'`,
  );
  const { number, bytes, file } = page as { number: number; bytes: number; file: string };
  await api.close();
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes, 0xff), 0, bytes, (number - 1) * bytes);
  await handle.close();
}

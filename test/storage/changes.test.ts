import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sql from 'sql-template-tag';
import { createSchema } from '../../src/platform/server/schema';
import { ChangeFeed } from '../../src/platform/storage/core/changeFeed';
import { Changes, type Key } from '../../src/platform/storage/core/changes';
import { subsystems } from '../../src/subsystems';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import {
  atNoon,
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  pay,
  readTally,
  register,
  registerBatch,
  registerEvent,
  registerRefused,
  remove,
  tamper,
  unique,
} from '../support/fixtures';
import { announce, follow, followOn, isAnything, tellsOf, told } from '../support/follow';
import { createGate, createNotes, notes, writeNote } from '../support/notes';
import { serviceForTests, startTestService } from '../support/testService';

const database = databaseForTests();
const api = serviceForTests({ database });
let caregiverId: string;
let eventTypeId: string;
/** The caregiver as it stands in keys. */
let caregiver: number;

beforeAll(async () => {
  api.setNow(noonMs);
  await tamper(api, createNotes);
});
beforeEach(async () => {
  caregiverId = await createCaregiver(api);
  caregiver = Number(caregiverId);
  eventTypeId = await createEventType(api);
});

const newEvent = (plusMs = 0) => ({ id: randomUUID(), caregiverId, eventTypeId, occurredAt: atNoon(plusMs) });
const march = () => [caregiver, 202603, 'SEK'];

describe('a follower is told', () => {
  test('of a registered event and its row of the rollup', async () => {
    const following = await followOn(api);
    const { event } = await register(api, newEvent(-5));
    expect(told(await following.next())).toEqual({
      event: [[caregiver, noonMs - 5, event.id]],
      monthly_rollup: [march()],
    });
    await following.stop();
  });

  test('of the good ones of a batch, and of each once', async () => {
    const following = await followOn(api);
    const [first, second, unknown] = [newEvent(-1), newEvent(-2), { ...newEvent(), caregiverId: '999999' }];
    await registerBatch(api, [first, unknown, second, first]);
    const { event = [], ...others } = told(await following.next());
    expect(new Set(event)).toEqual(
      new Set([
        [caregiver, noonMs - 1, first.id],
        [caregiver, noonMs - 2, second.id],
      ]),
    );
    expect(event).toHaveLength(2);
    expect(others).toEqual({ monthly_rollup: [march()] });
    await following.stop();
  });

  test('of a deleted event', async () => {
    const { event } = await register(api, newEvent());
    const following = await followOn(api);
    await remove(api, event.id);
    expect(told(await following.next())).toEqual({
      event: [[caregiver, noonMs, event.id]],
      monthly_rollup: [march()],
    });
    await following.stop();
  });

  test('of a payout: the events that were chosen, or whose events they are', async () => {
    const { event } = await register(api, newEvent());
    await register(api, newEvent());
    const following = await followOn(api);
    const chosen = Number((await pay(api, { eventIds: [event.id] })).id);
    expect(told(await following.nextNamed())).toEqual({
      event: [[caregiver, noonMs, event.id]],
      payout: [[chosen]],
      monthly_rollup: [march()],
      payout_rollup: [[caregiver, chosen, 202603, 'SEK']],
    });
    const all = Number((await pay(api, { caregiverIds: [caregiverId], toMonth: '2026-03' })).id);
    expect(told(await following.nextNamed())).toEqual({
      event: [[caregiver]],
      payout: [[all]],
      monthly_rollup: [march()],
      payout_rollup: [[caregiver, all, 202603, 'SEK']],
    });
    await following.stop();
  });

  test('of what each mutation changes', async () => {
    const [toDelete, toPay] = [
      (await register(api, newEvent())).event,
      (await register(api, newEvent())).event,
    ];
    const unusedId = await createEventType(api);
    const input = { input: { name: unique('Another name') } };
    const change = (mutation: string) => () => api.data(`mutation ${mutation} { id } }`, input);
    const events = ['event', 'monthly_rollup'];
    const mutations: Record<string, [make: () => Promise<unknown>, tables: string[]]> = {
      createUnit: [() => createUnit(api), ['unit']],
      createCaregiver: [() => createCaregiver(api), ['caregiver']],
      updateCaregiver: [
        change(`($input: UpdateCaregiverInput!) { updateCaregiver(id: ${caregiverId}, input: $input)`),
        ['caregiver'],
      ],
      createEventType: [() => createEventType(api), ['event_type']],
      updateEventType: [
        change(`($input: UpdateEventTypeInput!) { updateEventType(id: ${eventTypeId}, input: $input)`),
        ['event_type'],
      ],
      deleteEventType: [
        () => api.data(`mutation { deleteEventType(id: ${unusedId}) { id } }`),
        ['event_type'],
      ],
      createToken: [() => api.data('mutation { createToken(input: { role: ANALYST }) { id } }'), []],
      revokeToken: [() => api.data('mutation { revokeToken(id: "lost") { id } }'), ['revoked_token']],
      registerEvent: [() => register(api, newEvent()), events],
      registerEvents: [() => registerBatch(api, [newEvent()]), events],
      deleteEvent: [() => remove(api, toDelete.id), events],
      reimburseEvents: [() => pay(api, { eventIds: [toPay.id] }), [...events, 'payout', 'payout_rollup']],
    };
    // A mutation that is added later stands here, with the tables that it changes; none where nobody need be told.
    const fields = createSchema(subsystems).getMutationType()?.getFields() ?? {};
    expect(Object.keys(mutations).sort()).toEqual(Object.keys(fields).sort());

    const following = await followOn(api);
    for (const [name, [make, tables]] of Object.entries(mutations)) {
      await make();
      // What should tell nothing and does shows with the next one.
      if (tables.length === 0) continue;
      const changes = await following.nextNamed();
      expect([name, Object.keys(told(changes)).sort()]).toEqual([name, [...tables].sort()]);
    }
    await following.stop();
  });

  test('of what a command writes beside the service', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'events.csv');
    const { id } = newEvent();
    writeFileSync(file, `id,caregiver,event_type,occurred_at\n${id},${caregiverId},${eventTypeId},${noon}\n`);
    const following = await followOn(api);
    expect(await runCaretally(database, ['import', 'events', file])).toMatchObject({ exitCode: 0 });
    await following.until('event', [caregiver, noonMs, id]);
    expect((await readTally(api, { caregiverIds: [caregiverId] })).owed.events).toBe(1);

    const { event } = await register(api, newEvent(-1));
    await following.until('event', [caregiver, noonMs - 1, event.id]);
    await following.stop();
    rmSync(folder, { recursive: true });
  });
});

describe('nobody is told', () => {
  test('of what was refused, or had been there before', async () => {
    const { event } = await register(api, newEvent());
    const following = await followOn(api);
    await registerRefused(api, { ...newEvent(), caregiverId: '999999' });
    await registerRefused(api, newEvent(3_600_000));
    expect((await register(api, { ...newEvent(), id: event.id })).replayed).toBe(true);
    await api.failure('mutation ($id: ID!) { deleteEvent(id: $id) { id } }', { id: randomUUID() });
    await api.failure('mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id: eventTypeId });
    await api.failure('mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { id } }', {
      input: { name: unique('Negative'), amount: -1 },
    });
    const { event: last } = await register(api, newEvent(-1));
    expect(told(await following.next()).event).toEqual([[caregiver, noonMs - 1, last.id]]);
    await following.stop();
  });

  test('of the bad one of a batch that was halved for it; of its neighbours everybody is', async () => {
    const largest = await createEventType(api, { amount: Number.MAX_SAFE_INTEGER });
    const inputs = Array.from({ length: 9 }, (_, index) => newEvent(-index));
    for (const index of [3, 5]) Object.assign(inputs[index] as object, { eventTypeId: largest });
    // By other caregivers, whose sums have room for them.
    const others = await Promise.all(inputs.map(() => createCaregiver(api)));
    for (const [index, input] of inputs.entries()) {
      if (index !== 3 && index !== 5) input.caregiverId = others[index] as string;
    }
    const following = await followOn(api);
    const answers = await Promise.all(inputs.map((input) => api.ask(registerEvent, { input })));
    const registered = inputs.filter((_input, index) => !answers[index]?.errors);
    expect(registered).toHaveLength(8);
    const { event: last } = await register(api, { ...newEvent(-99), caregiverId: others[3] as string });
    const changes = await following.until('event', [Number(others[3]), noonMs - 99, last.id]);
    const ids = changes.keysOf('event').map(([, , id]) => id);
    expect(ids.sort()).toEqual([...registered.map(({ id }) => id), last.id].sort());
    await following.stop();
  });

  test.each(['quick', 'slow'] as const)(
    'of a %s command that failed after it had announced',
    async (speed) => {
      const following = await followOn(api);
      const write = (name: string, failure?: Error) =>
        writeNote(
          api,
          name,
          (tx) => {
            tx.announce('note', [[name]]);
            if (failure) throw failure;
          },
          speed,
        );
      const names = ['before', 'bad', 'after'].map(unique) as [string, string, string];
      const results = await Promise.allSettled([
        write(names[0]),
        write(names[1], new TypeError('a bug')),
        write(names[2]),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const heard: unknown[] = [];
      while (!heard.includes(names[2])) {
        heard.push(...(await following.nextNamed()).keysOf('note').map(([name]) => name));
      }
      expect(heard).toEqual([names[0], names[2]]);
      await following.stop();
    },
  );

  test('whom it does not concern, and who stopped', async () => {
    const followingCaregivers = await followOn(api, (changes) => changes.keysOf('caregiver').length > 0);
    const stopped = await followOn(api);
    await stopped.stop();
    await register(api, newEvent());
    const created = await createCaregiver(api);
    expect(told(await followingCaregivers.next())).toEqual({ caregiver: [[Number(created)]] });
    expect(await stopped.hasEnded()).toBe(true);
    await followingCaregivers.stop();
  });
});

describe('many rows', () => {
  const events = (count: number, caregivers: number): Key[] =>
    Array.from({ length: count }, (_, index) => [
      10_000 + (index % caregivers),
      noonMs - index,
      randomUUID(),
    ]);
  const bytes = (keys: readonly Key[]) => Buffer.byteLength(JSON.stringify(keys));

  async function tellOf(keys: readonly Key[]): Promise<Key[]> {
    const following = await followOn(api);
    await announce(api, keys);
    const heard = (await following.next()).keysOf('note');
    await following.stop();
    return heard;
  }

  test.each([
    ['a hundred are named', 100, 5, 3],
    ['more than fit are told by the columns that lead', 200, 5, 2],
    ['still more by the first of them', 25_000, 700, 1],
    ['and where even these are too many, by their table', 25_000, 5_000, 0],
  ])('%s', async (_what, count, caregivers, columns) => {
    const keys = events(count, caregivers);
    const heard = await tellOf(keys);
    expect(new Set(heard.map((key) => key.length))).toEqual(new Set([columns]));
    const distinct = new Set(keys.map((key) => JSON.stringify(key.slice(0, columns))));
    expect(new Set(heard.map((key) => JSON.stringify(key)))).toEqual(distinct);
    expect(bytes(heard)).toBeLessThan(8_000);
  });

  test('a batch of 10,000 events is told of, whomever they belong to', async () => {
    const following = await followOn(api);
    const others = await Promise.all(Array.from({ length: 25 }, () => createCaregiver(api)));
    const inputs = Array.from({ length: 10_000 }, (_, index) => ({
      ...newEvent(-index),
      caregiverId: others[index % 25],
    }));
    const outcomes = await registerBatch(api, inputs);
    expect(outcomes.filter(({ error }) => error)).toEqual([]);
    const { event: marker } = await register(api, newEvent(-1));
    const changes = await following.until('event', [caregiver, noonMs - 1, marker.id]);
    const missed = inputs.filter(
      ({ id, ...input }, index) =>
        !tellsOf(changes, 'event', [Number(input.caregiverId), noonMs - index, id]) ||
        !tellsOf(changes, 'monthly_rollup', [Number(input.caregiverId), 202603, 'SEK']),
    );
    expect(missed).toEqual([]);
    expect(isAnything(changes)).toBe(false);
    await following.stop();
  });

  test('a follower that does not read for a long time is told once, of everything, in few words', async () => {
    const [slow, quick] = [await followOn(api), await followOn(api)];
    const keys = events(15_000, 300);
    for (let start = 0; start < keys.length; start += 100)
      await announce(api, keys.slice(start, start + 100));
    await announce(api, [['the last']]);
    await quick.until('note', ['the last']);
    const changes = await slow.next();
    expect(bytes(changes.keysOf('note'))).toBeLessThan(8_000);
    expect(keys.filter((key) => !tellsOf(changes, 'note', key))).toEqual([]);
    const { event } = await register(api, newEvent());
    expect(told(await slow.next()).event).toEqual([[caregiver, noonMs, event.id]]);
    await Promise.all([slow.stop(), quick.stop()]);
  });

  test('keys may hold any text', async () => {
    const keys = [['å', 'a"b\\c', "it's", '\u0000', '\n', '{1,2}', '', -1, '\ud800', '😀', '$1']];
    expect(await tellOf(keys)).toEqual(keys);
  });

  test('a message never grows beyond what PostgreSQL takes, however long the names of tables are', () => {
    const changes = new Changes();
    const table = 'n'.repeat(63);
    const lengths: number[] = [];
    for (let index = 0; index < 3_000; index += 1) {
      changes.add(table, [[index, 'ö', `"${index}"`]]);
      lengths.push(...changes.messages().map((message) => Buffer.byteLength(message)));
    }
    expect(Math.max(...lengths)).toBeLessThan(8_000);
    expect(Math.max(...lengths)).toBeGreaterThan(7_900);
  });

  const key = fc.array(fc.oneof(fc.integer(), fc.string({ unit: 'grapheme', maxLength: 40 })), {
    maxLength: 4,
  });
  const announced = fc.array(fc.tuple(fc.constantFrom('event', 'note'), fc.array(key, { maxLength: 300 })));

  test('whatever is announced, nothing is left out, and every message fits', () => {
    fc.assert(
      fc.property(announced, (announcements) => {
        const changes = new Changes();
        for (const [table, keys] of announcements) changes.add(table, keys);
        const messages = changes.messages();
        const heard = new Changes();
        for (const message of messages) heard.addAll(Changes.ofMessage(message));
        for (const [table, keys] of announcements) {
          for (const each of keys) expect(tellsOf(heard, table, each)).toBe(true);
        }
        for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000);
        expect(heard.isEmpty).toBe(announcements.every(([, keys]) => keys.length === 0));
      }),
    );
  });

  test.each(['', '7', '[]', '{"event":[]}', '["event",1]', '[1,[2]]', 'not JSON'])(
    'a message that nobody here wrote (%s) may mean anything',
    (message) => {
      expect(isAnything(Changes.ofMessage(message))).toBe(true);
    },
  );
});

describe('following', () => {
  test('begins with "anything may have changed", for everybody', async () => {
    const first = await followOn(api);
    const second = await followOn(api);
    await first.stop();
    const { event } = await register(api, newEvent());
    expect(told(await second.next()).event).toEqual([[caregiver, noonMs, event.id]]);
    await second.stop();
  });

  test('begins anew after everybody had stopped', async () => {
    for (let round = 0; round < 3; round += 1) {
      await (await followOn(api)).stop();
      await register(api, newEvent());
      const following = await followOn(api);
      const { event } = await register(api, newEvent(-1));
      expect(told(await following.next()).event).toEqual([[caregiver, noonMs - 1, event.id]]);
      await following.stop();
    }
  });

  test('misses nothing that is committed while it begins', async () => {
    const counted = async () => (await readTally(api, { caregiverIds: [caregiverId] })).owed.events;
    for (let round = 1; round <= 20; round += 1) {
      const registering = register(api, newEvent());
      const following = follow(api);
      // Reading after each item shows the event after one of them at last, whichever came first.
      for (let seen = 0; seen < round; ) {
        await following.next();
        seen = await counted();
      }
      await registering;
      await following.stop();
    }
  });

  test('misses nothing of a transaction that was open when it began', async () => {
    const name = unique('open');
    const [begun, read] = [createGate(), createGate()];
    const writing = writeNote(api, name, async (tx) => {
      tx.announce('note', [[name]]);
      begun.open();
      await read.opened;
    });
    await begun.opened;
    const following = await followOn(api);
    expect(await notes(api)).not.toContain(name);
    read.open();
    await following.until('note', [name]);
    expect(await notes(api)).toContain(name);
    await Promise.all([writing, following.stop()]);
  });

  test('ends at once when it is stopped, also while it waits', async () => {
    const following = await followOn(api);
    const ended = following.hasEnded();
    await following.stop();
    expect(await ended).toBe(true);
  });

  test('fails for who cannot say what concerns it, and for nobody else', async () => {
    const following = await followOn(api);
    const failing = await followOn(api, (changes) => {
      if (isAnything(changes)) return true;
      throw new TypeError('a bug');
    });
    const failed = expect(failing.next()).rejects.toThrow('a bug');
    const { event } = await register(api, newEvent());
    await failed;
    expect(told(await following.next()).event).toEqual([[caregiver, noonMs, event.id]]);
    expect(await failing.hasEnded()).toBe(true);
    await following.stop();
  });

  test('ends when the database is closed, after what was submitted', async () => {
    const own = await startTestService();
    const heard: unknown[] = [];
    const reading = (async () => {
      for await (const changes of own.service.database.followChanges()) heard.push(told(changes).note);
      return 'ended';
    })();
    const waiting = own.service.database.followChanges();
    await waiting.next();
    await announce(own, [['last']]);
    await waiting.next();
    await own.close();
    expect(await reading).toBe('ended');
    expect(heard).toEqual([[[]], [['last']]]);
    expect(await waiting.next()).toEqual({ value: undefined, done: true });
    expect(await own.service.database.followChanges().next()).toEqual({ value: undefined, done: true });
  });

  test('and the database is closed only when every listener has ended, also one that was left before', async () => {
    const gates: ReturnType<typeof createGate>[] = [];
    const feed = new ChangeFeed(async () => {
      const gate = createGate();
      gates.push(gate);
      await gate.opened;
    });
    for (let round = 0; round < 3; round += 1) await feed.follow().return?.();
    const following = feed.follow();
    let isClosed = false;
    const closing = feed.close().then(() => {
      isClosed = true;
    });
    expect(await following.next()).toEqual({ value: undefined, done: true });
    expect(gates).toHaveLength(4);
    for (const gate of gates.reverse()) {
      await new Promise(setImmediate);
      expect(isClosed).toBe(false);
      gate.open();
    }
    await closing;
  });
});

if (testEngine === 'sqlite')
  test('on SQLite, what another process writes is told of as anything, what the service registers by name', async () => {
    const other = await startTestService({ database });
    const following = await followOn(api);
    await tamper(other, sql`insert into note (name) values (${unique('beside')})`);
    expect(isAnything(await following.next())).toBe(true);
    for (let round = 0; round < 5; round += 1) {
      const { event } = await register(api, newEvent());
      expect(told(await following.next()).event).toEqual([[caregiver, noonMs, event.id]]);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await following.stop();
    await other.close();
  });

import { randomUUID } from 'node:crypto';
import sql from 'sql-template-tag';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { runCaretally } from '../support/cli';
import { databaseForTests } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  findEvent,
  noon,
  noonMs,
  pay,
  readTally,
  register,
  registerEvent,
  remove,
  select,
  tamper,
} from '../support/fixtures';
import { announce, follow, followOn, isAnything, told } from '../support/follow';
import { type NetworkProxy, startProxy } from '../support/proxy';
import { startTestService, type TestService } from '../support/testService';

describe('changes on PostgreSQL', () => {
  const database = databaseForTests();
  let here: TestService;
  let there: TestService;
  /** Reaches the server by way of the proxy. */
  let far: TestService;
  let proxy: NetworkProxy;
  let eventTypeId: string;
  let caregiverId: string;

  beforeAll(async () => {
    proxy = await startProxy(database);
    here = await startTestService({ database });
    there = await startTestService({ database });
    far = await startTestService({ database: proxy.database });
    for (const api of [here, there, far]) api.setNow(noonMs);
    eventTypeId = await createEventType(here);
  });
  afterAll(async () => {
    await Promise.all([here, there, far].map((api) => api?.close()));
    await proxy?.close();
  });
  beforeEach(async () => {
    proxy.onSaid = undefined;
    proxy.isRefusing = false;
    caregiverId = await createCaregiver(here);
  });

  const newEvent = () => ({ id: randomUUID(), caregiverId, eventTypeId, occurredAt: noon });
  const owed = async (api: TestService) =>
    (await readTally(api, { caregiverIds: [caregiverId] })).owed.events;
  const countListening = async () => {
    const [row] = await select<{ count: number }>(
      there,
      sql`select count(*) as count from pg_stat_activity
          where datname = current_database() and application_name = 'caretally listening'`,
    );
    return row?.count;
  };
  const cutListening = () =>
    tamper(
      there,
      sql`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'caretally listening'`,
    );

  test('of one instance are told by all of them, in the same words', async () => {
    const followings = await Promise.all([here, there].map((api) => followOn(api)));
    const rollup = [Number(caregiverId), 202603, 'SEK'];
    const expectTold = async (expected: object) => {
      for (const following of followings) expect(told(await following.next())).toEqual(expected);
    };
    for (const api of [here, there]) {
      const { event } = await register(api, newEvent());
      const key = [Number(caregiverId), noonMs, event.id];
      await expectTold({ event: [key], monthly_rollup: [rollup] });
      await remove(api, event.id);
      await expectTold({ event: [key], monthly_rollup: [rollup] });
      const { event: paid } = await register(api, newEvent());
      await expectTold({ event: [[Number(caregiverId), noonMs, paid.id]], monthly_rollup: [rollup] });
      const payout = Number((await pay(api, { caregiverIds: [caregiverId], toMonth: '2026-03' })).id);
      await expectTold({
        event: [[Number(caregiverId)]],
        payout: [[payout]],
        monthly_rollup: [rollup],
        payout_rollup: [[Number(caregiverId), payout, 202603, 'SEK']],
      });
    }
    for (const following of followings) await following.stop();
  });

  test('can be read where they are told, as soon as they are', async () => {
    const following = await followOn(there);
    for (let round = 1; round <= 50; round += 1) {
      const registering = register(here, newEvent());
      await following.next();
      expect(await owed(there)).toBe(round);
      await registering;
    }
    await following.stop();
  });

  test('of a transaction that had to be done again are told once, as they came to be', async () => {
    const following = await followOn(there);
    let attempts = 0;
    const interrupted: Command<string, undefined> = {
      name: 'interrupted',
      async handle(tx, inputs) {
        attempts += 1;
        tx.announce('note', [[attempts]]);
        if (attempts < 4) {
          await tx.run(sql`do 'begin raise exception using errcode = ''40001''; end'`);
        }
        return inputs.map(() => ({ value: undefined }));
      },
    };
    await here.service.database.write(interrupted, ['x']);
    expect(told(await following.next())).toEqual({ note: [[4]] });
    await following.stop();
  });

  test('of a transaction that swallowed the failure of a statement are not told, and not made', async () => {
    const following = await followOn(there);
    const caregiver = Number(caregiverId);
    const swallowing: Command<string, undefined> = {
      name: 'swallowing',
      async handle(tx, inputs) {
        await tx.run(sql`update caregiver set name = 'changed' where id = ${caregiver}`);
        await tx.run(sql`select * from nowhere`).catch(() => undefined);
        tx.announce('caregiver', [[caregiver]]);
        return inputs.map(() => ({ value: undefined }));
      },
    };
    await expect(here.service.database.write(swallowing, ['x'])).rejects.toThrow();
    await announce(here, [['afterwards']]);
    expect(told(await following.next())).toEqual({ note: [['afterwards']] });
    const { caregiver: found } = await there.data(`{ caregiver(id: ${caregiverId}) { name } }`);
    expect(found.name).not.toBe('changed');
    await following.stop();
  });

  test('of a command beside the instances are told, too', async () => {
    await register(here, newEvent());
    await tamper(
      here,
      sql`update monthly_rollup set unreimbursed_amount = 1 where caregiver_id = ${Number(caregiverId)}`,
    );
    const followings = await Promise.all([here, there].map((api) => followOn(api)));
    expect(await runCaretally(database, ['rebuild'])).toMatchObject({ exitCode: 0 });
    for (const following of followings) {
      const changes = await following.until('monthly_rollup', [Number(caregiverId), 202603, 'SEK']);
      expect(isAnything(changes)).toBe(false);
      await following.stop();
    }
  });

  test('go out with the commit, and cost no statement of their own', async () => {
    here.statementsSinceLastCall();
    await announce(here, []);
    const without = here.statementsSinceLastCall();
    await announce(here, [[1]]);
    expect(here.statementsSinceLastCall()).toBe(without);
    await announce(
      here,
      Array.from({ length: 10_000 }, (_, index) => [index]),
    );
    expect(here.statementsSinceLastCall()).toBe(without);
  });

  test('are not missed when the connection that listens is cut', async () => {
    const following = await followOn(here);
    for (let round = 1; round <= 5; round += 1) {
      const cutting = cutListening();
      const registering = register(there, newEvent());
      for (let seen = 0; seen < round; ) {
        await following.next();
        seen = await owed(here);
      }
      await Promise.all([cutting, registering]);
    }
    await following.stop();
  });

  test('after it was cut, everybody reads again, and is then told by name', async () => {
    const followings = await Promise.all([here, here, there].map((api) => followOn(api)));
    await cutListening();
    for (const following of followings) expect(isAnything(await following.next())).toBe(true);
    const { event } = await register(here, newEvent());
    for (const following of followings) {
      expect(told(await following.next()).event).toEqual([[Number(caregiverId), noonMs, event.id]]);
      await following.stop();
    }
  });

  test('are not missed when the connection falls silent, and cannot be opened again for a while', async () => {
    const listening: { isSilent: boolean }[] = [];
    proxy.onSaid = (passage, said) => {
      if (said.includes('listen caretally')) listening.push(passage);
    };
    const following = await followOn(far);
    expect(listening).toHaveLength(1);
    for (const passage of listening) passage.isSilent = true;
    proxy.isRefusing = true;
    await register(there, newEvent());
    const beginner = follow(far);
    const [told, begun] = [following.next(60_000), beginner.next(60_000)];
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    proxy.isRefusing = false;
    for (const changes of [await told, await begun]) expect(isAnything(changes)).toBe(true);
    expect(await owed(far)).toBe(1);
    expect(listening).toHaveLength(2);
    const { event } = await register(there, newEvent());
    await following.until('event', [Number(caregiverId), noonMs, event.id]);
    await Promise.all([following.stop(), beginner.stop()]);
  });

  test('are told when the answer to their commit was lost', async () => {
    const following = await followOn(there);
    const input = newEvent();
    let isArmed = true;
    proxy.onSaid = ({ client }, said) => {
      if (!isArmed || !/\bcommit\0/.test(said)) return;
      isArmed = false;
      client.destroy();
    };
    await far.ask(registerEvent, { input });
    expect(isArmed).toBe(false);
    const changes = await following.until('event', [Number(caregiverId), noonMs, input.id]);
    expect(isAnything(changes)).toBe(false);
    expect((await findEvent(there, input.id))?.id).toBe(input.id);
    await following.stop();
  });

  test('are listened for on one connection an instance, while somebody follows', async () => {
    await untilListening(0);
    const followings = await Promise.all([here, here, far].map((api) => followOn(api)));
    expect(await countListening()).toBe(2);
    await Promise.all(followings.slice(0, 2).map((following) => following.stop()));
    await untilListening(1);
    await followings[2]?.stop();
    await untilListening(0);

    const closing = await startTestService({ database });
    const left = await followOn(closing);
    expect(await countListening()).toBe(1);
    await closing.close();
    expect(await left.hasEnded()).toBe(true);
    await untilListening(0);
  });

  test('cannot be told of while the server is away, and closing does not wait for it', async () => {
    const closing = await startTestService({ database: proxy.database });
    proxy.isRefusing = true;
    const following = follow(closing);
    const ended = following.hasEnded();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await closing.close();
    expect(await ended).toBe(true);
  });

  /** The server takes a moment to notice that a connection has gone. */
  async function untilListening(count: number): Promise<void> {
    while ((await countListening()) !== count) await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

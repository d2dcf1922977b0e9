import sql, { raw } from 'sql-template-tag';
import { addDifferences } from '../../src/platform/rollup/addDifferences';
import { rebuildRollup } from '../../src/platform/rollup/rebuildRollup';
import type { Rollup } from '../../src/platform/rollup/rollup';
import { verifyRollup } from '../../src/platform/rollup/verifyRollup';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import { monthlyRollup } from '../../src/reimbursements/events/monthlyRollup';
import { payoutRollup } from '../../src/reimbursements/payouts/payoutRollup';
import {
  createCaregivers,
  createEventType,
  findDrift,
  monthlyRollupRows,
  pay,
  readTally,
  register,
  registerPast,
  select,
  tamper,
} from '../support/fixtures';
import { between, oneOf, withRandom } from '../support/random';
import { serviceForTests, startTestService, type TestService } from '../support/testService';

/** What the engine is told of buses: it has never heard of events. */
const rideRollup: Rollup<'line' | 'day', 'kilometres' | 'rides'> = {
  table: 'ride_rollup',
  key: { line: 'integer', day: 'text' },
  measures: ['kilometres', 'rides'],
  tooLarge: { message: 'Too many rides.', field: 'ride' },
  factTable: 'ride',
  facts: (from, to) => sql`
    select line, day, sum(kilometres) as kilometres, count(*) as rides
    from ride where line between ${from} and ${to} group by 1, 2`,
};

/** Buses again, without the number of rides: trips back and forth may come to nothing. */
const distanceRollup: Rollup<'line', 'kilometres'> = {
  table: 'distance_rollup',
  key: { line: 'integer' },
  measures: ['kilometres'],
  tooLarge: { message: 'Too many rides.', field: 'ride' },
  factTable: 'ride',
  facts: (from, to) => sql`
    select line, sum(kilometres) as kilometres from ride where line between ${from} and ${to} group by 1`,
};

interface Ride {
  line: number;
  day: string;
  kilometres: number;
}

const monday = '2026-03-09';
const tuesday = '2026-03-10';

const addRides: Command<Ride, undefined> = {
  name: 'addRides',
  async handle(tx, rides) {
    for (const { line, day, kilometres } of rides) {
      await tx.run(sql`insert into ride (line, day, kilometres) values (${line}, ${day}, ${kilometres})`);
    }
    const differences = rides.map((ride) => ({ ...ride, rides: 1 }));
    await addDifferences(tx, rideRollup, differences);
    await addDifferences(tx, distanceRollup, differences);
    return rides.map(() => ({ value: undefined }));
  },
};

/** Adds differences without their facts. */
const addAlone: Command<Ride & { rides: number }, undefined> = {
  name: 'addAlone',
  async handle(tx, differences) {
    await addDifferences(tx, rideRollup, differences);
    return differences.map(() => ({ value: undefined }));
  },
};

async function startBuses(): Promise<TestService> {
  const api = await startTestService();
  await tamper(
    api,
    sql`create table ride (line bigint not null, day text not null, kilometres bigint not null)`,
    sql`create index ride_line on ride (line)`,
    sql`create table ride_rollup (
      line bigint not null, day text not null, kilometres bigint not null, rides bigint not null,
      primary key (line, day), constraint amount_fits check (kilometres <= ${raw(String(Number.MAX_SAFE_INTEGER))})
    )`,
    sql`create table distance_rollup (line bigint primary key, kilometres bigint not null)`,
  );
  return api;
}

const rollupRows = (api: TestService) =>
  select<object>(api, sql`select * from ride_rollup order by line, day`);
const verify = (api: TestService) => verifyRollup(api.service.database, rideRollup);

describe('a rollup of facts that the engine knows nothing about', () => {
  let api: TestService;
  const add = (...rides: Ride[]) => api.service.database.write(addRides, rides);

  beforeEach(async () => {
    api = await startBuses();
  });
  afterEach(() => api.close());

  test('sums up by key', async () => {
    await add({ line: 4, day: monday, kilometres: 10 }, { line: 2, day: tuesday, kilometres: 7 });
    await add({ line: 4, day: monday, kilometres: 5 }, { line: 4, day: tuesday, kilometres: 1 });
    expect(await rollupRows(api)).toEqual([
      { line: 2, day: tuesday, kilometres: 7, rides: 1 },
      { line: 4, day: monday, kilometres: 15, rides: 2 },
      { line: 4, day: tuesday, kilometres: 1, rides: 1 },
    ]);
    expect(await verify(api)).toEqual([]);
  });

  test('has no row in which everything is zero', async () => {
    const write = (...differences: (Ride & { rides: number })[]) =>
      api.service.database.write(addAlone, differences);
    const there = { line: 1, day: monday, kilometres: 8, rides: 1 };
    const back = { line: 1, day: monday, kilometres: -8, rides: -1 };
    await write(there, back);
    await write({ line: 1, day: monday, kilometres: 0, rides: 0 });
    expect(await rollupRows(api)).toEqual([]);
    await write(there);
    await write({ ...back, rides: 0 });
    expect(await rollupRows(api)).toEqual([{ line: 1, day: monday, kilometres: 0, rides: 1 }]);
    await write({ ...back, kilometres: 0 }, { line: 2, day: monday, kilometres: -3, rides: 1 });
    expect(await rollupRows(api)).toEqual([{ line: 2, day: monday, kilometres: -3, rides: 1 }]);
  });

  test('agrees with facts that come to nothing', async () => {
    await add({ line: 1, day: monday, kilometres: 8 }, { line: 2, day: monday, kilometres: 3 });
    await add({ line: 1, day: monday, kilometres: -8 });
    const rows = () => select(api, sql`select * from distance_rollup`);
    expect(await rows()).toEqual([{ line: 2, kilometres: 3 }]);
    expect(await verifyRollup(api.service.database, distanceRollup)).toEqual([]);
    expect(await rebuildRollup(api.service.database, distanceRollup)).toBe(0);

    await tamper(api, sql`insert into distance_rollup values (1, 0)`);
    expect(await verifyRollup(api.service.database, distanceRollup)).toEqual([
      { table: 'distance_rollup', key: { line: 1 }, expected: undefined, actual: { kilometres: 0 } },
    ]);
    expect(await rebuildRollup(api.service.database, distanceRollup)).toBe(1);
    expect(await rows()).toEqual([{ line: 2, kilometres: 3 }]);
  });

  test('refuses a sum past 2^53−1, in one batch as over several', async () => {
    const far = { line: 1, day: monday, kilometres: Number.MAX_SAFE_INTEGER };
    const outcomes = await add(far, { ...far, kilometres: 1 });
    expect(outcomes).toMatchObject([
      { value: undefined },
      { error: { code: 'AMOUNT_TOO_LARGE', message: 'Too many rides.', field: 'ride' } },
    ]);
    expect(await add({ ...far, kilometres: 1 })).toMatchObject([{ error: { code: 'AMOUNT_TOO_LARGE' } }]);
    expect(await rollupRows(api)).toEqual([{ ...far, rides: 1 }]);
    expect(await verify(api)).toEqual([]);
  });

  test('verifies when there is nothing', async () => {
    expect(await verify(api)).toEqual([]);
    expect(await rebuildRollup(api.service.database, rideRollup)).toBe(0);
  });

  test('verifying lists every row that differs, and rebuilding corrects them', async () => {
    const rides = [1, 2, 3, 4, 900].map((line) => ({ line, day: monday, kilometres: 10 }));
    await add(...rides);
    const right = await rollupRows(api);
    await tamper(
      api,
      sql`update ride_rollup set kilometres = 11 where line = 1`,
      sql`update ride_rollup set rides = 2 where line = 2`,
      sql`delete from ride_rollup where line = 900`,
      sql`insert into ride_rollup values (3, ${tuesday}, 1, 1), (-5, ${monday}, 0, 0), (2000, ${monday}, 5, 1)`,
    );
    const drift = (line: number, expected: object | undefined, actual: object | undefined, day = monday) => ({
      ...{ table: 'ride_rollup', key: { line, day }, expected, actual },
    });
    const ten = { kilometres: 10, rides: 1 };
    expect(await verify(api)).toEqual([
      drift(-5, undefined, { kilometres: 0, rides: 0 }),
      drift(1, ten, { kilometres: 11, rides: 1 }),
      drift(2, ten, { kilometres: 10, rides: 2 }),
      drift(3, undefined, { kilometres: 1, rides: 1 }, tuesday),
      drift(900, ten, undefined),
      drift(2000, undefined, { kilometres: 5, rides: 1 }),
    ]);

    expect(await rebuildRollup(api.service.database, rideRollup)).toBe(6);
    expect(await rollupRows(api)).toEqual(right);
    expect(await verify(api)).toEqual([]);
    expect(await rebuildRollup(api.service.database, rideRollup)).toBe(0);
  });

  test('verifying and rebuilding tell how far they are', async () => {
    await add(...Array.from({ length: 50 }, (_, line) => ({ line, day: monday, kilometres: 1 })));
    for (const work of [verifyRollup, rebuildRollup]) {
      const parts: number[] = [];
      await work(api.service.database, rideRollup, (part: number) => parts.push(part));
      expect(parts.length).toBeGreaterThan(1);
      expect(parts).toEqual([...parts].sort((left, right) => left - right));
      expect(parts.at(-1)).toBe(1);
    }
  });

  test('is rebuilt while rides go on, and loses none of them', () =>
    withRandom(async (random) => {
      const ride = () => ({
        line: between(random, 1, 300),
        day: oneOf(random, [monday, tuesday]),
        kilometres: between(random, 1, 50),
      });
      await add(...Array.from({ length: 1_000 }, ride));
      await tamper(
        api,
        sql`update ride_rollup set kilometres = kilometres + 1 where line % 3 = 0`,
        sql`delete from ride_rollup where line % 3 = 1`,
        sql`insert into ride_rollup select distinct line, 'a day that never was', 1, 1 from ride_rollup where line % 3 = 2`,
      );
      let rebuilding = true;
      const rebuilt = rebuildRollup(api.service.database, rideRollup).finally(() => {
        rebuilding = false;
      });
      let added = 0;
      while (rebuilding) {
        await Promise.all(Array.from({ length: 20 }, () => add(ride())));
        added += 20;
      }
      expect(await rebuilt).toBeGreaterThan(300);
      expect(await verify(api)).toEqual([]);
      const [sums] = await select<{ rides: number }>(api, sql`select sum(rides) as rides from ride_rollup`);
      expect(sums?.rides).toBe(1_000 + added);
    }));
});

describe("the service's own rollups", () => {
  const api = serviceForTests();
  const occurredAt = '2026-02-10T12:00:00Z';
  let caregivers: string[];
  let visit: string;

  beforeAll(async () => {
    caregivers = await createCaregivers(api, 50);
    visit = await createEventType(api, { amount: 100 });
    const events = await registerPast(
      api,
      caregivers.flatMap((caregiverId) =>
        [occurredAt, '2026-01-10T12:00:00Z'].map((at) => ({
          caregiverId,
          eventTypeId: visit,
          occurredAt: at,
        })),
      ),
    );
    await pay(api, { eventIds: events.slice(0, 60).map((event) => event.id) });
  });

  test('agree with the events', async () => {
    expect(await monthlyRollupRows(api)).toHaveLength(100);
    expect(await findDrift(api)).toEqual([]);
  });

  test('when damaged, are found out and mended while events are registered', async () => {
    const right = await readTally(api, {});
    await tamper(
      api,
      sql`update monthly_rollup set unreimbursed_amount = 1 where caregiver_id = ${caregivers[49]}`,
      sql`update monthly_rollup set reimbursed_events = 0, unreimbursed_events = 1 where caregiver_id = ${caregivers[0]}`,
      sql`delete from monthly_rollup where caregiver_id = ${caregivers[20]}`,
      sql`insert into monthly_rollup values (${caregivers[30]}, 202602, 'EUR', 1, 1, 0, 0)`,
      sql`update payout_rollup set amount = 99 where caregiver_id = ${caregivers[3]} and month = 202601`,
      sql`delete from payout_rollup where caregiver_id = ${caregivers[4]}`,
    );
    const drifts = await findDrift(api);
    const found = (table: string) => drifts.filter((drift) => drift.table === table);
    expect(found('monthly_rollup')).toHaveLength(2 + 2 + 2 + 1);
    expect(found('payout_rollup')).toHaveLength(1 + 2);
    expect(drifts).toContainEqual({
      table: 'monthly_rollup',
      key: { caregiver_id: Number(caregivers[49]), month: 202602, currency: 'SEK' },
      expected: {
        reimbursed_amount: 0,
        reimbursed_events: 0,
        unreimbursed_amount: 100,
        unreimbursed_events: 1,
      },
      actual: { reimbursed_amount: 0, reimbursed_events: 0, unreimbursed_amount: 1, unreimbursed_events: 1 },
    });

    const registering = Promise.all(
      caregivers.map((caregiverId) =>
        register(api, { caregiverId, eventTypeId: visit, occurredAt, lateReason: 'entered later' }),
      ),
    );
    expect(await rebuildRollup(api.service.database, monthlyRollup)).toBeGreaterThanOrEqual(7);
    expect(await rebuildRollup(api.service.database, payoutRollup)).toBe(3);
    await registering;
    expect(await findDrift(api)).toEqual([]);
    const { paid, owed } = await readTally(api, {});
    expect(paid).toEqual(right.paid);
    expect(owed).toEqual({ amount: right.owed.amount + 5_000, events: right.owed.events + 50 });
  });
});

test('keys whose texts hold blanks are told apart', async () => {
  const api = await startTestService();
  const columns = sql`(line bigint not null, origin text not null, destination text not null, rides bigint not null)`;
  const route: Rollup<'line' | 'origin' | 'destination', 'rides'> = {
    table: 'route_rollup',
    key: { line: 'integer', origin: 'text', destination: 'text' },
    measures: ['rides'],
    tooLarge: { message: 'Too many routes.' },
    factTable: 'route',
    facts: (from, to) => sql`
      select line, origin, destination, sum(rides) as rides
      from route where line between ${from} and ${to} group by 1, 2, 3`,
  };
  await tamper(
    api,
    sql`create table route ${columns}`,
    sql`create table route_rollup ${columns}`,
    ...['route', 'route_rollup'].map(
      (table) =>
        sql`insert into ${raw(table)} values (1, 'Saltsjö', 'Boo Nacka', 3), (1, 'Saltsjö Boo', 'Nacka', 4)`,
    ),
  );
  expect(await verifyRollup(api.service.database, route)).toEqual([]);
  await tamper(api, sql`update route_rollup set rides = 4 where origin = 'Saltsjö'`);
  expect(await verifyRollup(api.service.database, route)).toMatchObject([
    { key: { line: 1, origin: 'Saltsjö', destination: 'Boo Nacka' }, expected: { rides: 3 } },
  ]);
  await api.close();
});

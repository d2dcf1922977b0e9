import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import {
  createCaregiver,
  findDrift,
  noon,
  pageOf,
  readReport,
  refusal,
  register,
  registerBatch,
  registerEvent,
  registerRefused,
  remove,
  walk,
} from '../support/fixtures';
import type { TestService } from '../support/testService';
import { get } from './probes';
import { createWorld, month, names, registerNow, seenBy, type World, worth } from './world';

let world: World;
let asAnna: TestService;
let asManager: TestService;

beforeAll(async () => {
  world = await createWorld();
  ({ CAREGIVER: asAnna, MANAGER: asManager } = world.people);
});
afterAll(() => world.api.close());

const january = { fromMonth: month, toMonth: month };
/** The ids of a caregiver and a unit that there are not. */
const nobody = '987654';

describe('filters that name others find what filters that name nobody find', () => {
  const filters = (): [string, object, readonly string[], readonly string[]][] => {
    const { caregivers } = world;
    // What is asked for; whose of it Anna sees; whose her manager sees.
    return [
      ['nothing', {}, seenBy.own, seenBy.unit],
      ['the own caregiver', { caregiverIds: [caregivers.anna] }, ['anna'], ['anna']],
      ['a neighbour', { caregiverIds: [caregivers.bo] }, [], ['bo']],
      ['somebody of another unit', { caregiverIds: [caregivers.cleo] }, [], []],
      ['nobody who exists', { caregiverIds: [nobody] }, [], []],
      ['all three', { caregiverIds: Object.values(caregivers) }, seenBy.own, seenBy.unit],
      ['no one', { caregiverIds: [] }, [], []],
    ];
  };
  const units = (): [string, object, readonly string[], readonly string[]][] => [
    ['the own unit', { unitIds: [world.units.north] }, seenBy.own, seenBy.unit],
    ['another unit', { unitIds: [world.units.south] }, [], []],
    ['no unit that exists', { unitIds: [nobody] }, [], []],
    ['both units', { unitIds: Object.values(world.units) }, seenBy.own, seenBy.unit],
    [
      'a neighbour, of the own unit',
      { unitIds: [world.units.north], caregiverIds: [world.caregivers.bo] },
      [],
      ['bo'],
    ],
    [
      'the own caregiver, of another unit',
      { unitIds: [world.units.south], caregiverIds: [world.caregivers.anna] },
      [],
      [],
    ],
  ];
  // A range that cuts months is summed up from the events, whole months from the rollup.
  const ranges = {
    'whole months': january,
    'a cut month': { from: `${month}-05T00:00:00Z`, to: `${month}-25T00:00:00Z` },
  };

  test.each(Object.entries(ranges))('in reports of %s, totals and all', async (_what, range) => {
    for (const [what, filter, anna, manager] of [...filters(), ...units()]) {
      for (const [asker, whose] of [
        [asAnna, anna],
        [asManager, manager],
      ] as const) {
        const { totals, months, rows } = await readReport(asker, { ...range, ...filter });
        const sum = whose.reduce((total, name) => total + worth[name as keyof typeof worth], 0);
        expect([what, totals.map((total) => total.unreimbursed.amount)]).toEqual([
          what,
          sum === 0 ? [] : [sum],
        ]);
        expect(months.map((total) => total.total.events)).toEqual(sum === 0 ? [] : [2 * whose.length]);
        expect(rows.map((row) => row.caregiver.id)).toEqual(
          names.filter((name) => whose.includes(name)).map((name) => world.caregivers[name]),
        );
      }
    }
  });

  test('in the download of a report', async () => {
    for (const [what, filter, anna, manager] of [...filters(), ...units()].filter(
      ([what]) => what !== 'no one',
    )) {
      const query = new URLSearchParams(
        Object.entries({ ...january, ...filter }).map(
          ([name, value]) => [name, String(value)] as [string, string],
        ),
      );
      for (const [asker, whose] of [
        [asAnna, anna],
        [asManager, manager],
      ] as const) {
        const { body } = await get(asker, `/report.csv?${query}`);
        const rows: Record<string, string>[] = parse(body, { columns: true });
        expect([what, rows.map((row) => row.caregiver)]).toEqual([
          what,
          names.filter((name) => whose.includes(name)),
        ]);
      }
    }
  });

  test('in lists of events', async () => {
    const list = 'query ($filter: EventFilter) { events(filter: $filter) { nodes { caregiver { name } } } }';
    for (const [what, filter, anna, manager] of filters()) {
      for (const [asker, whose] of [
        [asAnna, anna],
        [asManager, manager],
      ] as const) {
        const { events } = await asker.data(list, { filter: { ...january, ...filter } });
        const found = events.nodes.map((event: { caregiver: { name: string } }) => event.caregiver.name);
        expect([what, found]).toEqual([
          what,
          names.filter((name) => whose.includes(name)).flatMap((name) => [name, name]),
        ]);
      }
    }
  });

  test('in lists of caregivers', async () => {
    const list =
      'query ($filter: CaregiverFilter) { caregivers(filter: $filter, first: 1000) { nodes { name } } }';
    const found = async (asker: TestService, filter: object) =>
      (await asker.data(list, { filter })).caregivers.nodes.map(({ name }: { name: string }) => name);
    for (const [what, filter, anna, manager] of units()) {
      const { caregiverIds: ids, ...rest } = filter as { caregiverIds?: string[] };
      expect([what, await found(asAnna, { ids, ...rest })]).toEqual([what, anna]);
      expect([what, await found(asManager, { ids, ...rest })]).toEqual([what, manager]);
    }
    expect(await found(asAnna, { nameContains: 'cleo' })).toEqual([]);
    expect(await found(asManager, { nameContains: 'o' })).toEqual(['bo']);
  });
});

describe('paging', () => {
  test('walks through what is theirs and ends there, one at a time', async () => {
    const list = `query ($first: Int, $after: String) { events(filter: { toMonth: "${month}" }, first: $first, after: $after) {
      ${pageOf('id caregiver { name }')} } }`;
    for (const [asker, whose] of [
      [asAnna, seenBy.own],
      [asManager, seenBy.unit],
      [world.people.ANALYST, seenBy.all],
    ] as const) {
      const events = await walk<{ caregiver: { name: string } }>(
        1,
        async (first, after) => (await asker.data(list, { first, after })).events,
      );
      expect(events.map((event) => event.caregiver.name)).toEqual(whose.flatMap((name) => [name, name]));
    }
  });

  test('from a cursor that somebody else was given shows nothing of theirs', async () => {
    const report = `query ($after: String) { report(filter: { toMonth: "${month}" }) {
      rows(after: $after) { edges { cursor node { caregiver { name } } } pageInfo { hasNextPage } } } }`;
    const { edges } = (await world.people.ANALYST.data(report)).report.rows;
    for (const { cursor } of edges) {
      const { rows } = (await asAnna.data(report, { after: cursor })).report;
      expect(rows).toEqual({ edges: [], pageInfo: { hasNextPage: false } });
    }
  });
});

describe('what hangs on an event', () => {
  const payout =
    'payout { id createdAt totals { amount events } events { nodes { id caregiver { name } } } }';

  test('tells that it was paid and when, and of the payout only the own part', async () => {
    for (const [asker, whose] of [
      [asAnna, seenBy.own],
      [asManager, seenBy.unit],
      [world.people.ANALYST, seenBy.all],
    ] as const) {
      const { event } = await asker.data(`{ event(id: "${world.paid.anna}") { reimbursed ${payout} } }`);
      const sum = whose.reduce((total, name) => total + worth[name], 0);
      expect(event).toMatchObject({
        reimbursed: true,
        payout: { id: world.payoutId, createdAt: noon, totals: [{ amount: sum, events: whose.length }] },
      });
      expect(event.payout.events.nodes).toEqual(
        whose.map((name) => ({ id: world.paid[name], caregiver: { name } })),
      );
    }
  });

  test('shows the unit that they belong to', async () => {
    const query = `{ events(filter: { toMonth: "${month}" }) { nodes { caregiver { unit { id } } } } }`;
    for (const asker of [asAnna, asManager]) {
      const { events } = await asker.data(query);
      for (const { caregiver } of events.nodes) expect(caregiver.unit.id).toBe(world.units.north);
    }
  });

  test('is the same for a batch, where everybody learns of their own', async () => {
    const outcomes = await registerBatch(
      asAnna,
      names.map((name) => ({
        caregiverId: world.caregivers[name],
        eventTypeId: world.eventTypes[name],
        occurredAt: noon,
      })),
    );
    expect(outcomes.map(({ event }) => event?.caregiver.id ?? null)).toEqual([
      world.caregivers.anna,
      null,
      null,
    ]);
  });
});

describe('registering', () => {
  const event = () => ({
    id: randomUUID() as string,
    caregiverId: world.caregivers.anna,
    eventTypeId: world.eventTypes.anna,
    occurredAt: noon,
  });

  test('for somebody else is refused word for word as for nobody', async () => {
    for (const [asker, foreign] of [
      [asAnna, world.caregivers.bo],
      [asAnna, world.caregivers.cleo],
      [asManager, world.caregivers.cleo],
    ] as const) {
      // Whatever else is wrong, for otherwise it would show who exists.
      for (const wrong of [
        {},
        { eventTypeId: nobody },
        { occurredAt: '2025-01-01T00:00:00Z' },
        { occurredAt: '2027-01-01T00:00:00Z' },
      ]) {
        const refused = await registerRefused(asker, { ...event(), ...wrong, caregiverId: foreign });
        const unknown = await registerRefused(asker, { ...event(), ...wrong, caregiverId: nobody });
        expect(refused).toMatchObject(refusal('UNKNOWN_CAREGIVER', 'caregiverId'));
        expect(JSON.stringify(refused).replaceAll(`caregiver ${foreign}.`, `caregiver ${nobody}.`)).toBe(
          JSON.stringify(unknown),
        );
      }
    }
  });

  test('what somebody else has registered is no replay', async () => {
    const input = { ...event(), caregiverId: world.caregivers.cleo, eventTypeId: world.eventTypes.cleo };
    await register(world.api, input);
    for (const asker of [asAnna, asManager]) {
      expect(await registerRefused(asker, input)).toMatchObject(refusal('UNKNOWN_CAREGIVER', 'caregiverId'));
    }
  });

  test("under the id of somebody else's event says that it is taken, and not by whom or what", async () => {
    const theirs = await registerNow(world, 'cleo');
    for (const asker of [asAnna, asManager]) {
      const refused = await registerRefused(asker, { ...event(), id: theirs });
      expect(refused.extensions).toEqual({ code: 'EVENT_ID_CONFLICT', field: 'id' });
      expect(refused.message).toBe(`The id ${theirs} is taken. Choose a new id.`);
      // What could not be registered under any id does not even show that.
      const late = { ...event(), id: theirs, occurredAt: '2026-03-01T00:00:00Z' };
      expect(await registerRefused(asker, late)).toMatchObject(refusal('LATE_ENTRY', 'occurredAt'));
    }
    const own = await registerNow(world, 'anna');
    const other = { ...event(), id: own, occurredAt: new Date(Date.parse(noon) - 1).toISOString() };
    expect(await registerRefused(asAnna, other)).toMatchObject(refusal('EVENT_ID_CONFLICT', 'occurredAt'));
  });

  test('the same id by two people at once is stored for one of them', async () => {
    const asBo = await world.api.as({ role: 'CAREGIVER', caregiverId: Number(world.caregivers.bo) });
    for (let round = 0; round < 10; round += 1) {
      const mine = event();
      const theirs = { ...mine, caregiverId: world.caregivers.bo };
      const answers = await Promise.all([
        asAnna.ask(registerEvent, { input: mine }),
        asBo.ask(registerEvent, { input: theirs }),
      ]);
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.field);
      expect(codes.sort()).toEqual(['id', undefined]);
    }
  });

  test('late takes a manager, with a reason', async () => {
    const late = { ...event(), occurredAt: '2026-03-01T12:00:00Z' };
    const refused = await registerRefused(asAnna, late);
    expect(refused).toMatchObject(refusal('LATE_ENTRY', 'occurredAt'));
    expect(refused.message).toContain('ask the manager of your unit');
    expect(await registerRefused(asAnna, { ...late, lateReason: 'was away' })).toMatchObject(
      refusal('FORBIDDEN', 'lateReason'),
    );
    // Also where it would not be needed: it is kept on the event.
    expect(await registerRefused(asAnna, { ...event(), lateReason: 'just so' })).toMatchObject(
      refusal('FORBIDDEN', 'lateReason'),
    );
    expect(await registerRefused(asManager, late)).toMatchObject(refusal('LATE_ENTRY', 'occurredAt'));
    const registered = await register(asManager, { ...late, lateReason: 'was away' });
    expect(registered.event.lateReason).toBe('was away');
    const outcomes = await registerBatch(asAnna, [{ ...event(), lateReason: 'x' }, event()]);
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['FORBIDDEN', undefined]);
  });
});

describe('deleting', () => {
  test("somebody else's event is refused word for word as one that there is not, and it stays", async () => {
    const deleteEvent = 'mutation ($id: ID!) { deleteEvent(id: $id) { id } }';
    const theirs = await registerNow(world, 'cleo');
    const unheardOf = randomUUID();
    for (const asker of [asAnna, asManager]) {
      const refused = await asker.failure(deleteEvent, { id: theirs });
      const unknown = await asker.failure(deleteEvent, { id: unheardOf });
      expect(refused).toMatchObject(refusal('UNKNOWN_EVENT', 'id'));
      expect(JSON.stringify(refused).replaceAll(theirs, unheardOf)).toBe(JSON.stringify(unknown));
    }
    // Paid or deleted already, too.
    expect(await asAnna.failure(deleteEvent, { id: world.paid.cleo })).toMatchObject(
      refusal('UNKNOWN_EVENT', 'id'),
    );
    expect(await asAnna.failure(deleteEvent, { id: world.paid.anna })).toMatchObject(
      refusal('EVENT_REIMBURSED', 'id'),
    );
    const { event } = await world.api.data(`{ event(id: "${theirs}") { deletedAt } }`);
    expect(event.deletedAt).toBeNull();
  });

  test('writes down who did it', async () => {
    expect((await remove(asAnna, await registerNow(world, 'anna'))).deletedBy).toBe('anna');
    expect((await remove(asManager, await registerNow(world, 'bo'))).deletedBy).toBe('manager');
  });
});

test('whoever moves to another unit is seen there, with all past events, and here no more', async () => {
  const { api, units } = world;
  const id = await createCaregiver(api, { name: 'dora', unitId: units.north });
  const input = { caregiverId: id, eventTypeId: world.eventTypes.anna, occurredAt: noon };
  const { event } = await register(asManager, input);
  const southern = await api.as({ role: 'MANAGER', unitId: Number(units.south) });
  const sees = async (asker: TestService) => {
    const data = await asker.data(
      `{ event(id: "${event.id}") { id } caregiver(id: "${id}") { id } report(filter: { caregiverIds: ["${id}"] }) { totals { total { events } } } }`,
    );
    const found = [data.event !== null, data.caregiver !== null, data.report.totals.length > 0];
    expect(new Set(found).size).toBe(1);
    return found[0];
  };
  const move = (unitId: string | null) =>
    api.data(
      'mutation ($id: ID!, $unitId: ID) { updateCaregiver(id: $id, input: { unitId: $unitId }) { id } }',
      { id, unitId },
    );
  expect([await sees(asManager), await sees(southern)]).toEqual([true, false]);
  await move(units.south);
  expect([await sees(asManager), await sees(southern)]).toEqual([false, true]);
  await move(null);
  expect([await sees(asManager), await sees(southern)]).toEqual([false, false]);
});

test('a token of a caregiver or unit that there is not sees nothing, and may do nothing', async () => {
  for (const wish of [
    { role: 'CAREGIVER', caregiverId: Number(nobody) },
    { role: 'MANAGER', unitId: Number(nobody) },
  ] as const) {
    const asker = await world.api.as(wish);
    const data = await asker.data(
      '{ viewer { caregiver { id } unit { id } } caregivers { nodes { id } } units { nodes { id } } events { nodes { id } } report { totals { currency } } }',
    );
    expect(data).toEqual({
      viewer: { caregiver: null, unit: null },
      caregivers: { nodes: [] },
      units: { nodes: [] },
      events: { nodes: [] },
      report: { totals: [] },
    });
    const input = { caregiverId: nobody, eventTypeId: world.eventTypes.anna, occurredAt: noon };
    expect(await registerRefused(asker, input)).toMatchObject(refusal('UNKNOWN_CAREGIVER', 'caregiverId'));
  }
});

test('after all this every rollup agrees with its facts', async () => {
  expect(await findDrift(world.api)).toEqual([]);
});

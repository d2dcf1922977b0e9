import { randomUUID } from 'node:crypto';
import { verifyAuditLog } from '../../src/platform/audit/verifyAuditLog';
import { databaseForTests } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  createUnit,
  findDrift,
  noon,
  noonMs,
  type Outcome,
  pay,
  readReport,
  register,
  registerBatch,
  registerEvent,
  remove,
  unique,
  updateEventType,
} from '../support/fixtures';
import { oneOf, withRandom } from '../support/random';
import { startTestService, type TestService } from '../support/testService';

/** Two instances of the service, each with a pool and a write queue of its own, on one database. */
describe('two instances on one PostgreSQL database', () => {
  const database = databaseForTests();
  let instances: [TestService, TestService];
  let eventTypeId: string;

  beforeAll(async () => {
    // Both find it empty, and would both make its tables.
    const started = Array.from({ length: 2 }, () => startTestService({ database }));
    instances = (await Promise.all(started)) as [TestService, TestService];
    for (const api of instances) api.setNow(noonMs);
    eventTypeId = await createEventType(instances[0], { amount: 100 });
  });
  afterAll(() => Promise.all(instances.map((api) => api.close())));

  test('register the same ids at once: each exactly once', () =>
    withRandom(async (random) => {
      const caregiverId = await createCaregiver(instances[0]);
      const inputs = Array.from({ length: 400 }, () => ({
        id: randomUUID(),
        caregiverId,
        eventTypeId,
        occurredAt: noon,
      }));
      const batches = Array.from({ length: 12 }, (_, index) => {
        const mixed = [...inputs].sort(() => random.next() - 0.5);
        return registerBatch(instances[index % 2] as TestService, mixed);
      });
      const outcomes = (await Promise.all(batches)).flat();
      expect(outcomes.filter(({ error }) => error)).toEqual([]);
      expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(inputs.length);
      const single = { id: randomUUID(), caregiverId, eventTypeId, occurredAt: noon };
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) => register(instances[index % 2] as TestService, single)),
      );
      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      const { totals } = await readReport(instances[1], { caregiverIds: [caregiverId] });
      expect(totals.map(({ total }) => total)).toEqual([{ amount: 40_100, events: 401 }]);
      expect(await findDrift(instances[0])).toEqual([]);
    }));

  test('add to one audit log at once: its numbers have no gap, and each entry goes by the one before', async () => {
    const before = (await verifyAuditLog(instances[0].service.database)).entries;
    const caregiverIds = await Promise.all([1, 2, 3].map(() => createCaregiver(instances[0])));
    const changes = Array.from({ length: 120 }, async (_, index) => {
      const api = instances[index % 2] as TestService;
      // Changes that take locks of all kinds, in one batch with registering, which takes others.
      const event = { caregiverId: caregiverIds[index % 3] as string, eventTypeId, occurredAt: noon };
      const { id } = (await register(api, event)).event;
      if (index % 4 === 0) return createUnit(api);
      if (index % 4 === 1) return remove(api, id);
      if (index % 4 === 2) return pay(api, { eventIds: [id] });
      return updateEventType(api, eventTypeId, { amount: 100 + index });
    });
    await Promise.all(changes);
    const check = await verifyAuditLog(instances[1].service.database);
    expect(check).toMatchObject({ entries: before + 3 + 120, problemCount: 0 });
    await updateEventType(instances[0], eventTypeId, { amount: 100 });
    expect(await findDrift(instances[0])).toEqual([]);
  });

  test.each(['occurredAt', 'caregiverId'])(
    'the same id with another %s is registered by one and refused by the other',
    async (field) => {
      const [caregiverId, other] = await Promise.all([1, 2].map(() => createCaregiver(instances[0])));
      const inputs = [
        { caregiverId, occurredAt: noon },
        field === 'caregiverId'
          ? { caregiverId: other, occurredAt: noon }
          : { caregiverId, occurredAt: new Date(noonMs - 1).toISOString() },
      ];
      for (let round = 0; round < 20; round += 1) {
        const id = randomUUID();
        const answers = await Promise.all(
          instances.map((api, index) =>
            api.ask(registerEvent, { input: { id, eventTypeId, ...inputs[(index + round) % 2] } }),
          ),
        );
        const refused = answers.flatMap(({ errors }) => errors ?? []);
        expect(refused).toMatchObject([{ extensions: { code: 'EVENT_ID_CONFLICT', field } }]);
      }
      expect(await findDrift(instances[0])).toEqual([]);
    },
  );

  test('forty writers of three caregivers, in opposite orders, end exact; no deadlock reaches a client', () =>
    withRandom(async (random) => {
      const caregiverIds = await Promise.all([1, 2, 3].map(() => createCaregiver(instances[0])));
      const months = ['2025-11', '2025-12', '2026-01', '2026-02'];
      const stored = new Map<string, { month: string; caregiverId: string }>();
      const outcomes: Outcome[] = [];
      const writers = Array.from({ length: 40 }, async (_, writer) => {
        const api = instances[writer % 2] as TestService;
        for (let round = 0; round < 5; round += 1) {
          const inputs = caregiverIds.flatMap((caregiverId) =>
            months.map((month) => ({
              id: randomUUID(),
              caregiverId,
              eventTypeId,
              occurredAt: `${month}-10T12:00:00Z`,
              lateReason: 'later',
            })),
          );
          if (writer % 4 >= 2) inputs.reverse();
          outcomes.push(...(await registerBatch(api, inputs)));
          for (const { id, caregiverId, occurredAt } of inputs) {
            stored.set(id, { caregiverId, month: occurredAt.slice(0, 7) });
          }
          const { id } = oneOf(random, inputs);
          await remove(api, id);
          stored.delete(id);
          const paid = inputs.filter((input) => input.id !== id).slice(0, 2);
          await pay(api, { eventIds: paid.map((input) => input.id) });
        }
      });
      await Promise.all(writers);
      expect(outcomes.filter(({ error }) => error)).toEqual([]);
      expect(await findDrift(instances[0])).toEqual([]);
      const { rows } = await readReport(instances[1], { caregiverIds });
      const events = (month: string, caregiverId: string) =>
        [...stored.values()].filter((event) => event.month === month && event.caregiverId === caregiverId)
          .length;
      expect(rows.map((row) => [row.month, row.caregiver.id, row.total.events])).toEqual(
        months.flatMap((month) =>
          caregiverIds.map((caregiverId) => [month, caregiverId, events(month, caregiverId)]),
        ),
      );
      const paidEvents = rows.reduce((sum, row) => sum + row.reimbursed.events, 0);
      expect(paidEvents).toBe(40 * 5 * 2);
    }));

  test('pay and delete the same events at once: each event has one fate', async () => {
    const caregiverId = await createCaregiver(instances[0]);
    const inputs = Array.from({ length: 60 }, () => ({
      id: randomUUID(),
      caregiverId,
      eventTypeId,
      occurredAt: noon,
    }));
    await registerBatch(instances[0], inputs);
    const payAll = (api: TestService) =>
      api.ask(
        `mutation ($input: ReimburseEventsInput!) { reimburseEvents(input: $input) { totals { events } } }`,
        { input: { caregiverIds: [caregiverId], fromMonth: '2026-03' } },
      );
    const deleteOne = (api: TestService, id: string) =>
      api.ask('mutation ($id: ID!) { deleteEvent(id: $id) { id } }', { id });
    const [deleted, paid] = await Promise.all([
      Promise.all(inputs.map(({ id }, index) => deleteOne(instances[index % 2] as TestService, id))),
      Promise.all([...instances, ...instances].map(payAll)),
    ]);
    const gone = deleted.filter(({ errors }) => !errors).length;
    const codes = [...deleted, ...paid].flatMap(({ errors }) =>
      (errors ?? []).map((e) => e.extensions?.code),
    );
    expect([...new Set(codes)].filter((code) => code !== 'EVENT_REIMBURSED')).toEqual(
      codes.includes('NOTHING_TO_REIMBURSE') ? ['NOTHING_TO_REIMBURSE'] : [],
    );
    const paidEvents = paid
      .flatMap(({ data }) => data?.reimburseEvents?.totals ?? [])
      .reduce((sum: number, total: { events: number }) => sum + total.events, 0);
    expect(paidEvents + gone).toBe(60);
    expect(await findDrift(instances[0])).toEqual([]);
  });

  test('what must be unique is refused with its field when both ask for it at once', async () => {
    const create = (what: string, type: string, input: object) => (api: TestService) =>
      api.ask(`mutation ($input: ${type}!) { ${what}(input: $input) { id } }`, { input });
    for (const [field, ask] of [
      ['externalId', create('createUnit', 'CreateUnitInput', { name: 'U', externalId: unique('U') })],
      [
        'externalId',
        create('createCaregiver', 'CreateCaregiverInput', { name: 'C', externalId: unique('C') }),
      ],
      ['name', create('createEventType', 'CreateEventTypeInput', { name: unique('T'), amount: 1 })],
      [
        'externalId',
        async (api: TestService) =>
          create('createEventType', 'CreateEventTypeInput', {
            name: unique('T'),
            amount: 1,
            externalId: 'the same',
          })(api),
      ],
    ] as const) {
      const answers = await Promise.all(instances.map(ask));
      const errors = answers.flatMap(({ errors }) => errors ?? []);
      expect(errors).toMatchObject([{ extensions: { code: 'ALREADY_EXISTS', field } }]);
      expect(errors[0]?.message).toMatch(/is in use already, by id \d+\.$/);
    }
  });

  test('an event type is deleted or used, never both', async () => {
    const caregiverId = await createCaregiver(instances[0]);
    for (let round = 0; round < 20; round += 1) {
      const type = await createEventType(instances[0]);
      const [deleted, registered] = await Promise.all([
        instances[0].ask('mutation ($id: ID!) { deleteEventType(id: $id) { id } }', { id: type }),
        instances[1].ask(registerEvent, { input: { caregiverId, eventTypeId: type, occurredAt: noon } }),
      ]);
      const codes = [deleted, registered].map(({ errors }) => errors?.[0]?.extensions?.code);
      expect([
        ['EVENT_TYPE_IN_USE', undefined],
        [undefined, 'UNKNOWN_EVENT_TYPE'],
      ]).toContainEqual(codes);
    }
  });

  test('an event type that was archived takes no event that is registered afterwards', async () => {
    const caregiverId = await createCaregiver(instances[0]);
    const type = await createEventType(instances[0]);
    let archived = false;
    const late: unknown[] = [];
    const writing = Array.from({ length: 8 }, async () => {
      for (let last = false; !last; ) {
        last = archived;
        const { errors } = await instances[1].ask(registerEvent, {
          input: { caregiverId, eventTypeId: type, occurredAt: noon },
        });
        if (last && !errors) late.push('registered');
      }
    });
    await updateEventType(instances[0], type, { archived: true });
    archived = true;
    await Promise.all(writing);
    expect(late).toEqual([]);
  });

  test('changes of the same caregiver at once are all kept', async () => {
    const id = await createCaregiver(instances[0]);
    const unitId = await createUnit(instances[0]);
    const change = (api: TestService, input: object) =>
      api.data(
        'mutation ($id: ID!, $input: UpdateCaregiverInput!) { updateCaregiver(id: $id, input: $input) { id } }',
        { id, input },
      );
    for (let round = 0; round < 20; round += 1) {
      const [name, externalId] = [unique('Name'), unique('External')];
      await change(instances[0], { unitId: null });
      await Promise.all([
        change(instances[0], { name }),
        change(instances[1], { externalId }),
        change(instances[1], { unitId }),
      ]);
      const { caregiver } = await instances[0].data(
        `{ caregiver(id: "${id}") { name externalId unit { id } } }`,
      );
      expect(caregiver).toEqual({ name, externalId, unit: { id: unitId } });
    }
  });
});

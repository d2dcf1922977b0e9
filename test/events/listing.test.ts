import {
  type AnsweredEvent,
  createCaregiver,
  createEventType,
  eventFields,
  findEvent,
  pageOf,
  pay,
  refusal,
  registerPast,
  remove,
  walk,
} from '../support/fixtures';
import { inOrder } from '../support/oracle';
import { between, oneOf, someOf, withRandom } from '../support/random';
import { serviceForTests } from '../support/testService';

const listEvents = `query ($filter: EventFilter, $first: Int = 1000, $after: String) {
  events(filter: $filter, first: $first, after: $after) { ${pageOf(eventFields)} }
}`;

const api = serviceForTests();
let caregivers: string[];
let eventTypes: string[];
/** Every event there is, as it should be listed, in the order in which it should be. */
let all: AnsweredEvent[];

const listed = async (filter?: object | null): Promise<AnsweredEvent[]> =>
  (await api.data(listEvents, { filter })).events.nodes;
const listedIds = async (filter: object): Promise<string[]> => {
  const query = 'query ($filter: EventFilter) { events(filter: $filter, first: 1000) { nodes { id } } }';
  return (await api.data(query, { filter })).events.nodes.map((event: AnsweredEvent) => event.id);
};
const counting = () => all.filter((event) => event.deletedAt === null);

const fromMs = Date.parse('2026-01-20T00:00:00Z');
const toMs = Date.parse('2026-04-10T00:00:00Z');

beforeAll(() =>
  withRandom(async (random) => {
    api.setNow(toMs);
    caregivers = [await createCaregiver(api), await createCaregiver(api), await createCaregiver(api)];
    eventTypes = [await createEventType(api), await createEventType(api, { currency: 'EUR', amount: 7 })];
    // Whole hours, so that many events share one instant and the order by id shows.
    const hours = (toMs - fromMs) / 3_600_000;
    const stored = await registerPast(
      api,
      Array.from({ length: 300 }, () => ({
        caregiverId: oneOf(random, caregivers),
        eventTypeId: oneOf(random, eventTypes),
        occurredAt: new Date(fromMs + between(random, 0, hours / 40) * 40 * 3_600_000).toISOString(),
      })),
    );
    const paid = someOf(random, stored, 0.4);
    await pay(api, { eventIds: paid.map((event) => event.id) });
    const open = stored.filter((event) => !paid.includes(event));
    for (const event of someOf(random, open, 0.3)) await remove(api, event.id, 'drawn by lot');
    const now = await Promise.all(stored.map((event) => findEvent(api, event.id) as Promise<AnsweredEvent>));
    all = inOrder(
      now.map((event) => ({
        ...event,
        caregiverId: event.caregiver.id,
        occurredAtMs: Date.parse(event.occurredAt),
      })),
    ).map(({ caregiverId: _caregiver, occurredAtMs: _time, ...event }) => event);
    expect(new Set(all.map((event) => `${event.caregiver.id} ${event.occurredAt}`)).size).toBeLessThan(200);
  }),
);

describe('listing events', () => {
  test('answers those that count, in the order of caregiver, time and id', async () => {
    expect(await listed()).toEqual(counting());
    for (const filter of [null, {}, { caregiverIds: null, eventTypeIds: null, reimbursed: null }]) {
      expect(await listed(filter)).toEqual(counting());
    }
    expect(counting().length).toBeLessThan(all.length);
  });

  test('narrows by every filter, alone and together', async () => {
    const [anna, bo] = caregivers as [string, string];
    const [visit] = eventTypes as [string];
    const cut = '2026-02-14T16:00:00.000Z';
    type Part = [filter: object, matches: (event: AnsweredEvent) => boolean];
    const anything: Part = [{}, () => true];
    const byCaregivers: Part[] = [
      anything,
      [{ caregiverIds: [] }, () => false],
      [{ caregiverIds: [bo] }, (event) => event.caregiver.id === bo],
      [{ caregiverIds: [bo, anna, bo, '999999999'] }, (event) => [anna, bo].includes(event.caregiver.id)],
    ];
    const byTypes: Part[] = [
      anything,
      [{ eventTypeIds: [visit] }, (event) => event.eventType.id === visit],
      [{ eventTypeIds: ['999999999'] }, () => false],
    ];
    const byRange: Part[] = [
      anything,
      [{ fromMonth: '2026-03' }, (event) => event.month >= '2026-03'],
      [{ toMonth: '2026-02' }, (event) => event.month <= '2026-02'],
      [{ fromMonth: '2026-02', toMonth: '2026-03' }, ({ month }) => month >= '2026-02' && month <= '2026-03'],
      [{ from: cut }, (event) => event.occurredAt >= cut],
      [{ to: cut }, (event) => event.occurredAt < cut],
      [{ from: cut, to: cut }, () => false],
    ];
    const byPayment: Part[] = [
      anything,
      [{ reimbursed: true }, (event) => event.reimbursed],
      [{ reimbursed: false }, (event) => !event.reimbursed],
    ];
    const byDeletion: Part[] = [
      [{ deleted: false }, (event) => event.deletedAt === null],
      [{ deleted: true }, (event) => event.deletedAt !== null],
      [{ deleted: null }, () => true],
    ];
    let found = 0;
    for (const caregiver of byCaregivers)
      for (const type of byTypes)
        for (const range of byRange)
          for (const payment of byPayment)
            for (const deletion of byDeletion) {
              const parts = [caregiver, type, range, payment, deletion];
              const filter = Object.assign({}, ...parts.map(([part]) => part));
              const expected = all.filter((event) => parts.every(([, matches]) => matches(event)));
              const ids = await listedIds(filter);
              expect([filter, ids]).toEqual([filter, expected.map((event) => event.id)]);
              found += ids.length;
            }
    expect(found).toBeGreaterThan(10_000);
  });

  test('answers pages, which together are the whole', async () => {
    const filters = [
      {},
      { deleted: null },
      { caregiverIds: caregivers.slice(1), eventTypeIds: eventTypes.slice(0, 1) },
      { from: '2026-02-14T16:00:00Z', to: '2026-03-20T00:00:00Z', reimbursed: true },
    ];
    for (const filter of filters) {
      const whole = await listed(filter);
      for (const first of [1, 7, whole.length - 1, whole.length, 1_000]) {
        const walked = await walk<AnsweredEvent>(
          first,
          async (first, after) => (await api.data(listEvents, { filter, first, after })).events,
        );
        expect(walked).toEqual(whole);
      }
    }
  });

  test('goes on behind a cursor of another filter', async () => {
    const { events } = await api.data(listEvents, { first: 100 });
    const [anna] = caregivers as [string];
    const page = await api.data(listEvents, {
      filter: { caregiverIds: [anna], deleted: null },
      after: events.pageInfo.endCursor,
    });
    const last = events.nodes.at(-1);
    const rest = all.slice(all.findIndex((event) => event.id === last.id) + 1);
    expect(page.events.nodes).toEqual(rest.filter((event) => event.caregiver.id === anna));
  });

  test('answers fifty where no number is said', async () => {
    const { events } = await api.data('{ events { nodes { id } pageInfo { hasNextPage } } }');
    expect(events.nodes).toHaveLength(50);
    expect(events.pageInfo.hasNextPage).toBe(true);
  });

  test('refuses page sizes and cursors that no list can have', async () => {
    for (const first of [0, -1, 1_001]) {
      expect(await api.failure(listEvents, { first })).toMatchObject(refusal('BAD_USER_INPUT', 'first'));
    }
    const rowCursor = Buffer.from(JSON.stringify([202603, 1, 2])).toString('base64url');
    for (const after of ['', 'x', rowCursor]) {
      expect(await api.failure(listEvents, { after })).toMatchObject(refusal('BAD_USER_INPUT', 'after'));
    }
  });

  test('refuses filters that make no sense, and names the field', async () => {
    const refusals: [object, string][] = [
      [{ caregiverIds: ['x'] }, 'caregiverIds[0]'],
      [{ eventTypeIds: [eventTypes[0], '0'] }, 'eventTypeIds[1]'],
      [{ caregiverIds: Array.from({ length: 10_001 }, () => '1') }, 'caregiverIds'],
      [{ fromMonth: '2026-03', toMonth: '2026-02' }, 'toMonth'],
      [{ fromMonth: '2026-03', from: '2026-03-01T00:00:00Z' }, 'from'],
      [{ to: '2026-03-01' }, 'to'],
    ];
    for (const [filter, field] of refusals) {
      const { errors } = await api.ask(listEvents, { filter });
      expect([filter, errors]).toMatchObject([filter, [refusal('BAD_USER_INPUT', field)]]);
    }
  });
});

describe('one event', () => {
  test('is found by its id in small or capital letters, deleted or not', async () => {
    for (const event of [all.find(({ deletedAt }) => deletedAt), all.find(({ reimbursed }) => reimbursed)]) {
      expect(await findEvent(api, (event as AnsweredEvent).id.toUpperCase())).toEqual(event);
    }
  });

  test('is null where there is none, and an id that is no UUID is refused', async () => {
    expect(await findEvent(api, '00000000-0000-4000-8000-000000000000')).toBeNull();
    expect(await api.failure('{ event(id: "17") { id } }')).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });
});

import {
  type AnsweredEvent,
  atNoon,
  createCaregiver,
  createEventType,
  type EventInput,
  eventFields,
  findDrift,
  findEvent,
  noon,
  noonMs,
  pageOf,
  pay,
  readReport,
  readTally,
  refusal,
  registerPast,
  reimburseEvents,
  remove,
  walk,
} from '../support/fixtures';
import { inOrder } from '../support/oracle';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
let anna: string;
let bo: string;
let visit: string;

const add = (...changes: Partial<EventInput>[]): Promise<AnsweredEvent[]> =>
  registerPast(
    api,
    changes.map((change) => ({ caregiverId: anna, eventTypeId: visit, occurredAt: noon, ...change })),
  );
const addOne = async (change: Partial<EventInput> = {}) => (await add(change))[0] as AnsweredEvent;
const at = (...instants: string[]) => add(...instants.map((occurredAt) => ({ occurredAt })));
const idsOf = (events: readonly { id: string }[]) => events.map((event) => event.id);
const paidIds = async (input: object) => idsOf((await pay(api, input)).events.nodes);
const refused = (input: object) => api.failure(reimburseEvents, { input });
const tally = (caregiverId: string) => readTally(api, { caregiverIds: [caregiverId] });

const noEvent = '00000000-0000-4000-8000-000000000000';

beforeEach(async () => {
  api.setNow(noonMs);
  anna = await createCaregiver(api);
  bo = await createCaregiver(api);
  visit = await createEventType(api, { amount: 5_000 });
});

describe('paying events by their ids', () => {
  test('marks them as reimbursed, all in one payout', async () => {
    const [first, second, third] = (await add({}, { caregiverId: bo }, {})) as [
      AnsweredEvent,
      AnsweredEvent,
      AnsweredEvent,
    ];
    const payout = await pay(api, { eventIds: [first.id, second.id.toUpperCase()] });

    expect(payout).toEqual({
      id: payout.id,
      createdAt: noon,
      createdBy: 'the administrator',
      totals: [{ currency: 'SEK', amount: 10_000, events: 2 }],
      events: { nodes: [{ id: first.id }, { id: second.id }] },
    });
    expect(await findEvent(api, first.id)).toEqual({ ...first, reimbursed: true, payout: { id: payout.id } });
    expect(await findEvent(api, third.id)).toEqual(third);
  });

  test('moves their amounts from owed to paid in the report', async () => {
    const [first] = await add({}, {}, {});
    expect(await tally(anna)).toEqual({
      paid: { amount: 0, events: 0 },
      owed: { amount: 15_000, events: 3 },
    });
    await pay(api, { eventIds: idsOf([first as AnsweredEvent]) });
    expect(await tally(anna)).toEqual({
      paid: { amount: 5_000, events: 1 },
      owed: { amount: 10_000, events: 2 },
    });
    const { totals } = await readReport(api, { caregiverIds: [anna] });
    expect(totals[0]?.total).toEqual({ amount: 15_000, events: 3 });
  });

  test('pays whole or not at all, and names the event that cannot be paid', async () => {
    const [payable, paid, deleted] = (await add({}, {}, {})) as [AnsweredEvent, AnsweredEvent, AnsweredEvent];
    await pay(api, { eventIds: [paid.id] });
    await remove(api, deleted.id);
    const refusals = {
      [paid.id]: 'EVENT_REIMBURSED',
      [deleted.id]: 'EVENT_DELETED',
      [noEvent]: 'UNKNOWN_EVENT',
    };
    for (const [id, code] of Object.entries(refusals)) {
      const error = await refused({ eventIds: [payable.id, id] });
      expect(error).toMatchObject(refusal(code, 'eventIds[1]'));
      expect(error.message).toContain(id);
    }
    expect((await findEvent(api, payable.id))?.reimbursed).toBe(false);
    expect((await tally(anna)).owed.events).toBe(1);
  });

  test('an id that is named twice is paid once', async () => {
    const { id } = await addOne();
    const payout = await pay(api, { eventIds: [id, id, id.toUpperCase()] });
    expect(payout.totals).toEqual([{ currency: 'SEK', amount: 5_000, events: 1 }]);
    expect((await tally(anna)).paid).toEqual({ amount: 5_000, events: 1 });
  });

  test('names the place in the list as it was sent, also behind an id that is named twice', async () => {
    const { id } = await addOne();
    expect(await refused({ eventIds: [id, id, noEvent] })).toMatchObject(
      refusal('UNKNOWN_EVENT', 'eventIds[2]'),
    );
  });

  test('takes 10,000 ids and no more', async () => {
    const events = await add(
      ...Array.from({ length: 10_000 }, (_, index) => ({ occurredAt: atNoon(-index) })),
    );
    const eventIds = idsOf(events);
    expect(await refused({ eventIds: [...eventIds, noEvent] })).toMatchObject(
      refusal('BAD_USER_INPUT', 'eventIds'),
    );
    const { totals } = await pay(api, { eventIds });
    expect(totals).toEqual([{ currency: 'SEK', amount: 50_000_000, events: 10_000 }]);
  });
});

describe('paying caregivers for a range', () => {
  test('of months pays from the first to the last of them, in local time', async () => {
    api.setNow(Date.parse('2026-04-02T12:00:00Z'));
    const [, first, second, third] = (await at(
      '2026-01-31T22:59:59.999Z', // January in Stockholm
      '2026-01-31T23:00:00.000Z', // February
      '2026-02-15T12:00:00.000Z',
      '2026-03-31T21:59:59.999Z', // March, already in summer time
      '2026-03-31T22:00:00.000Z', // April
    )) as [AnsweredEvent, AnsweredEvent, AnsweredEvent, AnsweredEvent, AnsweredEvent];
    await add({ caregiverId: bo, occurredAt: '2026-02-15T12:00:00Z' });

    const paid = await paidIds({ caregiverIds: [anna], fromMonth: '2026-02', toMonth: '2026-03' });
    expect(paid).toEqual(idsOf([first, second, third]));
    expect((await tally(anna)).owed.events).toBe(2);
    expect((await tally(bo)).owed.events).toBe(1);
  });

  test('of instants pays from the first, included, to the last, not included', async () => {
    const [, inside, alsoInside] = await at(
      '2026-02-10T08:00:00.000Z',
      '2026-02-10T08:00:00.001Z',
      '2026-02-10T08:00:00.002Z',
      '2026-02-10T08:00:00.003Z',
    );
    const range = { from: '2026-02-10T08:00:00.001Z', to: '2026-02-10T09:00:00.003+01:00' };
    expect(await paidIds({ caregiverIds: [anna], ...range })).toEqual(
      idsOf([inside, alsoInside] as AnsweredEvent[]),
    );
  });

  test('may be open on one side', async () => {
    const [early, late] = (await at('2026-01-05T12:00:00Z', '2026-02-05T12:00:00Z')) as [
      AnsweredEvent,
      AnsweredEvent,
    ];
    expect(await paidIds({ caregiverIds: [anna], toMonth: '2026-01' })).toEqual([early.id]);
    expect(await paidIds({ caregiverIds: [anna], from: '2026-01-01T00:00:00Z' })).toEqual([late.id]);
  });

  test('pays what is unpaid and not deleted, of all the caregivers', async () => {
    const [paid, deleted, open] = (await add({}, {}, {})) as [AnsweredEvent, AnsweredEvent, AnsweredEvent];
    await pay(api, { eventIds: [paid.id] });
    await remove(api, deleted.id);
    const other = await addOne({ caregiverId: bo });
    const input = { caregiverIds: [bo, anna, bo], fromMonth: '2026-03', toMonth: '2026-03' };
    expect(await paidIds(input)).toEqual([open.id, other.id]);
  });

  test('leaves an event unpaid that is registered later into a month that was paid', async () => {
    const month = { caregiverIds: [anna], fromMonth: '2026-02', toMonth: '2026-02' };
    await at('2026-02-05T12:00:00Z');
    await pay(api, month);
    const [late] = await at('2026-02-06T12:00:00Z');
    expect(late?.reimbursed).toBe(false);
    expect(await paidIds(month)).toEqual([late?.id]);
  });

  test('says when there is nothing to pay', async () => {
    const month = { fromMonth: '2026-03', toMonth: '2026-03' };
    const { id } = await addOne();
    for (const input of [
      { caregiverIds: [bo], ...month },
      { caregiverIds: ['999999999'], ...month },
      { caregiverIds: [anna], fromMonth: '2026-01', toMonth: '2026-02' },
      { caregiverIds: [anna], from: noon, to: noon },
    ]) {
      expect(await refused(input)).toMatchObject(refusal('NOTHING_TO_REIMBURSE'));
    }
    await pay(api, { eventIds: [id] });
    expect(await refused({ caregiverIds: [anna], ...month })).toMatchObject(refusal('NOTHING_TO_REIMBURSE'));
  });
});

describe('an event is never paid twice', () => {
  const month = { fromMonth: '2026-03', toMonth: '2026-03' };

  test('one payout after the other', async () => {
    const { id } = await addOne();
    const payout = await pay(api, { eventIds: [id] });
    const error = await refused({ eventIds: [id] });
    expect(error).toMatchObject(refusal('EVENT_REIMBURSED', 'eventIds[0]'));
    expect(error.message).toContain(`payout ${payout.id}`);
    expect((await tally(anna)).paid.events).toBe(1);
  });

  test('two payouts of the same ids at once', async () => {
    const eventIds = idsOf(await add({}, {}, {}));
    const answers = await Promise.all([1, 2].map(() => api.ask(reimburseEvents, { input: { eventIds } })));
    expect(answers.map((answer) => answer.errors?.[0]?.extensions?.code ?? 'paid').sort()).toEqual([
      'EVENT_REIMBURSED',
      'paid',
    ]);
    expect((await tally(anna)).paid).toEqual({ amount: 15_000, events: 3 });
  });

  test('many payouts of overlapping ranges, among registrations, deletions and payouts by ids', async () => {
    const minuteMs = 60_000;
    const events = await add(
      ...Array.from({ length: 60 }, (_, index) => ({
        caregiverId: index % 2 === 0 ? anna : bo,
        occurredAt: atNoon(-index * minuteMs),
      })),
    );
    const ranges = Array.from({ length: 10 }, (_, index) => ({
      caregiverIds: [anna, bo],
      from: atNoon(-(index * 6 + 20) * minuteMs),
      to: atNoon(-index * 6 * minuteMs),
    }));
    const answers = await Promise.all([
      ...ranges.map((input) => api.ask(reimburseEvents, { input })),
      api.ask(reimburseEvents, { input: { eventIds: idsOf(events.slice(10, 30)) } }),
      ...idsOf(events.slice(50)).map((id) =>
        api.ask('mutation ($id: ID!) { deleteEvent(id: $id) { id } }', { id }),
      ),
      add(...Array.from({ length: 20 }, () => ({}))),
    ]);
    const payouts = answers.flatMap((answer) => ('data' in answer && answer.data?.reimburseEvents) || []);
    expect(payouts.length).toBeGreaterThan(1);

    const paid = payouts.flatMap((payout) => idsOf(payout.events.nodes));
    expect(new Set(paid).size).toBe(paid.length);
    const sums = payouts.flatMap((payout) => payout.totals.map((total: { amount: number }) => total.amount));
    const { paid: reported } = await readTally(api, { caregiverIds: [anna, bo], ...month });
    expect(reported).toEqual({ amount: 5_000 * paid.length, events: paid.length });
    expect(sums.reduce((sum, amount) => sum + amount, 0)).toBe(reported.amount);
    expect(await findDrift(api)).toEqual([]);
  });
});

describe('a payout', () => {
  test('has one total for each currency', async () => {
    const abroad = await createEventType(api, { amount: 1_250, currency: 'EUR' });
    const events = await add({}, { eventTypeId: abroad }, { eventTypeId: abroad, caregiverId: bo });
    const { totals } = await pay(api, { eventIds: idsOf(events) });
    expect(totals).toEqual([
      { currency: 'EUR', amount: 2_500, events: 2 },
      { currency: 'SEK', amount: 5_000, events: 1 },
    ]);
  });

  test('answers its own events page by page, in the order of caregiver, time and id', async () => {
    const events = await add(
      ...Array.from({ length: 23 }, (_, index) => ({
        caregiverId: index % 3 === 0 ? bo : anna,
        occurredAt: index % 4 === 0 ? noon : atNoon(-index * 40 * 86_400_000),
      })),
    );
    const [otherEvent, ...paidEvents] = events as [AnsweredEvent, ...AnsweredEvent[]];
    await pay(api, { eventIds: [otherEvent.id] });
    await add({}, { caregiverId: bo });
    const { id } = await pay(api, { eventIds: idsOf(paidEvents) });

    const expected = inOrder(
      paidEvents.map((event) => ({
        id: event.id,
        caregiverId: event.caregiver.id,
        occurredAtMs: Date.parse(event.occurredAt),
      })),
    );
    for (const first of [1, 4, 22, 50]) {
      const walked = await walk<AnsweredEvent>(first, async (first, after) => {
        const { payout } = await api.data(
          `query ($id: ID!, $first: Int, $after: String) {
            payout(id: $id) { events(first: $first, after: $after) { ${pageOf(eventFields)} } }
          }`,
          { id, first, after },
        );
        return payout.events;
      });
      expect(idsOf(walked)).toEqual(idsOf(expected));
      expect(walked.every((event) => event.reimbursed && event.payout?.id === id)).toBe(true);
    }
  });

  test('is found by its id and in the list, the newest first', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.unshift((await pay(api, { eventIds: [(await addOne()).id] })).id);
    }
    const walked = await walk(2, async (first, after) => {
      const { payouts } = await api.data(
        `query ($first: Int, $after: String) { payouts(first: $first, after: $after) { ${pageOf('id')} } }`,
        { first, after },
      );
      return payouts;
    });
    expect(idsOf(walked).slice(0, 5)).toEqual(made);

    const byId = 'query ($id: ID!) { payout(id: $id) { id totals { events } } }';
    expect((await api.data(byId, { id: made[0] })).payout).toEqual({ id: made[0], totals: [{ events: 1 }] });
    expect((await api.data(byId, { id: '999999999' })).payout).toBeNull();
    expect(await api.failure(byId, { id: 'x' })).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });

  test('whose total no JSON number could carry exactly is not made', async () => {
    const huge = await createEventType(api, { amount: Number.MAX_SAFE_INTEGER });
    const eventIds = idsOf(await add({ eventTypeId: huge }, { eventTypeId: huge, caregiverId: bo }));
    const neighbour = await addOne({ caregiverId: await createCaregiver(api) });
    const answers = await Promise.all(
      [eventIds, [neighbour.id]].map((ids) => api.ask(reimburseEvents, { input: { eventIds: ids } })),
    );
    expect(answers.map((answer) => answer.errors?.[0]?.extensions?.code)).toEqual([
      'AMOUNT_TOO_LARGE',
      undefined,
    ]);
    expect((await findEvent(api, eventIds[0] as string))?.reimbursed).toBe(false);

    const { totals } = await pay(api, { eventIds: eventIds.slice(0, 1) });
    expect(totals).toEqual([{ currency: 'SEK', amount: Number.MAX_SAFE_INTEGER, events: 1 }]);
  });
});

describe('what to pay must be said in one way', () => {
  const month = { fromMonth: '2026-03', toMonth: '2026-03' };
  const cases: [string, () => object, string][] = [
    ['nothing at all', () => ({}), 'caregiverIds'],
    ['a range of nobody', () => month, 'caregiverIds'],
    ['an empty list of caregivers', () => ({ caregiverIds: [], ...month }), 'caregiverIds'],
    ['an empty list of events', () => ({ eventIds: [] }), 'eventIds'],
    ['caregivers without a range', () => ({ caregiverIds: [anna] }), 'toMonth'],
    ['events and caregivers', () => ({ eventIds: [noEvent], caregiverIds: [anna], ...month }), 'eventIds'],
    ['events and a range', () => ({ eventIds: [noEvent], ...month }), 'eventIds'],
    ['months and instants', () => ({ caregiverIds: [anna], ...month, from: noon }), 'from'],
    ['months and an end', () => ({ caregiverIds: [anna], fromMonth: '2026-03', to: noon }), 'to'],
    [
      'months from the later to the earlier',
      () => ({ caregiverIds: [anna], fromMonth: '2026-03', toMonth: '2026-02' }),
      'toMonth',
    ],
    [
      'instants from the later to the earlier',
      () => ({ caregiverIds: [anna], from: atNoon(1), to: noon }),
      'to',
    ],
    ['a time without offset', () => ({ caregiverIds: [anna], from: '2026-03-10T12:00:00' }), 'from'],
    ['a time before 1900', () => ({ caregiverIds: [anna], from: '1899-12-31T23:00:00Z' }), 'from'],
    ['an event id that is none', () => ({ eventIds: [noEvent, 'x'] }), 'eventIds[1]'],
    ['a caregiver id that is none', () => ({ caregiverIds: [anna, 'x'], ...month }), 'caregiverIds[1]'],
    [
      'more than 10,000 caregivers',
      () => ({ caregiverIds: Array.from({ length: 10_001 }, () => anna), ...month }),
      'caregiverIds',
    ],
  ];
  test.each(cases)('%s is refused', async (_what, input, field) => {
    await addOne();
    expect(await refused(input())).toMatchObject(refusal('BAD_USER_INPUT', field));
    expect((await tally(anna)).owed.events).toBe(1);
  });
});

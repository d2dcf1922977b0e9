import { databaseForTests } from '../support/databases';
import {
  createCaregiver,
  createEventType,
  noon,
  noonMs,
  pay,
  register,
  registerBatch,
  registerPast,
  remove,
  unique,
  updateEventType,
} from '../support/fixtures';
import { connect, type LiveClient } from '../support/live';
import { serviceForTests, startTestService } from '../support/testService';
import {
  eventsChanged,
  owedAndPaid,
  reportChanged,
  shownIds,
  staysSilent,
  updateCaregiver,
} from './subscriptions';

const database = databaseForTests();
const api = serviceForTests({ database });
let client: LiveClient;
let caregiverId: string;
let eventTypeId: string;
beforeEach(async () => {
  api.setNow(noonMs);
  caregiverId = await createCaregiver(api);
  eventTypeId = await createEventType(api);
  client = await connect(await api.as({ role: 'ANALYST' }));
});

const newEvent = () => ({ caregiverId, eventTypeId, occurredAt: noon });
const filter = () => ({ caregiverIds: [caregiverId] });

describe('a live client', () => {
  test('sees what another one registers, deletes and pays', async () => {
    const report = client.subscribe(reportChanged, { filter: filter() });
    const events = client.subscribe(eventsChanged, { filter: filter() });
    expect(owedAndPaid(await report.next())).toEqual({ owed: 0, paid: 0 });
    expect(shownIds(await events.next())).toEqual([]);

    const { event: kept } = await register(api, newEvent());
    await report.until((seen) => owedAndPaid(seen).owed === 1);
    await events.until((seen) => shownIds(seen).includes(kept.id));

    const { event: gone } = await register(api, newEvent());
    await report.until((seen) => owedAndPaid(seen).owed === 2);
    await events.until((seen) => shownIds(seen).includes(gone.id));
    await remove(api, gone.id);
    await report.until((seen) => owedAndPaid(seen).owed === 1);
    await events.until((seen) => !shownIds(seen).includes(gone.id));

    await pay(api, { ...filter(), fromMonth: '2026-03', toMonth: '2026-03' });
    await report.until((seen) => owedAndPaid(seen).paid === 1);
    const paid = await events.until((seen) => seen.data.eventsChanged.nodes[0].reimbursed);
    expect(shownIds(paid)).toEqual([kept.id]);
  });

  test('is shown at once what is there already', async () => {
    const { event } = await register(api, newEvent());
    expect(shownIds(await client.subscribe(eventsChanged, { filter: filter() }).next())).toEqual([event.id]);
    const report = await client.subscribe(reportChanged, { filter: filter() }).next();
    expect(owedAndPaid(report)).toEqual({ owed: 1, paid: 0 });
    const { data } = await client.subscribe('subscription { reportChanged { generatedAt } }').next();
    expect(data).toEqual({ reportChanged: { generatedAt: noon } });
  });

  test('has missed nothing when it comes back after its connection was lost', async () => {
    const events = client.subscribe(eventsChanged, { filter: filter() });
    await events.next();
    for (let round = 1; round <= 5; round += 1) {
      client.cut();
      const { event } = await register(api, newEvent());
      const seen = await events.until((shown) => shownIds(shown).includes(event.id));
      expect(shownIds(seen)).toHaveLength(round);
    }
    expect(client.timesOpened()).toBeGreaterThan(1);
  });

  test('sees a page further behind, as the query shows it', async () => {
    const outcomes = await registerBatch(api, Array.from({ length: 5 }, newEvent));
    const ids = outcomes.map(({ event }) => event?.id as string).sort();
    const { data } = await client.subscribe(eventsChanged, { filter: filter(), first: 2 }).next();
    const { endCursor, hasNextPage } = data.eventsChanged.pageInfo;
    expect(hasNextPage).toBe(true);
    const second = client.subscribe(eventsChanged, { filter: filter(), first: 2, after: endCursor });
    expect(shownIds(await second.next())).toEqual(ids.slice(2, 4));
    await remove(api, ids[2] as string);
    const after = await second.until((seen) => !shownIds(seen).includes(ids[2] as string));
    expect(shownIds(after)).toEqual(ids.slice(3, 5));
  });

  test('sees the names of now', async () => {
    await register(api, newEvent());
    const report = client.subscribe(reportChanged, { filter: filter() });
    const events = client.subscribe(
      'subscription ($filter: EventFilter) { eventsChanged(filter: $filter) { nodes { id eventType { name } } } }',
      { filter: filter() },
    );
    await Promise.all([report.next(), events.next()]);
    const [caregiver, eventType] = [unique('Renamed'), unique('Renamed')];
    await updateCaregiver(api, caregiverId, { name: caregiver });
    await report.until((seen) => seen.data.reportChanged.rows.nodes[0].caregiver.name === caregiver);
    await updateEventType(api, eventTypeId, { name: eventType });
    await events.until((seen) => seen.data.eventsChanged.nodes[0].eventType.name === eventType);
  });

  test('sees the last of many changes, and far fewer answers than there were changes', async () => {
    const events = client.subscribe(eventsChanged, { filter: filter(), first: 1000 });
    await events.next();
    for (let count = 0; count < 200; count += 1) await register(api, newEvent());
    let answers = 0;
    await events.until((seen) => {
      answers += 1;
      return shownIds(seen).length === 200;
    });
    expect(answers).toBeLessThan(100);
  });

  test('is left in peace by what its filter leaves out', async () => {
    const other = await createCaregiver(api);
    const february = { fromMonth: '2026-02', toMonth: '2026-02' };
    const watching = [
      client.subscribe(reportChanged, { filter: { caregiverIds: [other] } }),
      client.subscribe(eventsChanged, { filter: { caregiverIds: [other] } }),
      client.subscribe(reportChanged, { filter: { ...filter(), ...february } }),
      client.subscribe(eventsChanged, { filter: { ...filter(), ...february } }),
      client.subscribe(eventsChanged, { filter: { ...filter(), from: '2026-03-10T12:00:00.001Z' } }),
    ];
    for (const subscription of watching) await subscription.next();
    await staysSilent(api, watching, () => register(api, newEvent()));

    const [early] = await registerPast(api, [{ ...newEvent(), occurredAt: '2026-02-28T22:59:59.999Z' }]);
    const [, , februaryReport, februaryEvents] = watching;
    await februaryReport?.until((seen) => owedAndPaid(seen).owed === 1);
    await februaryEvents?.until((seen) => shownIds(seen).includes(early?.id as string));
  });

  test('is told by a subscription that it has completed no more', async () => {
    const events = client.subscribe(eventsChanged, { filter: filter() });
    const other = client.subscribe(eventsChanged, { filter: filter() });
    await Promise.all([events.next(), other.next()]);
    events.stop();
    expect(await events.ended).toBeUndefined();
    const { event } = await register(api, newEvent());
    await other.until((seen) => shownIds(seen).includes(event.id));
    expect(events.waiting()).toBe(0);
  });
});

test('what another instance commits is seen, too', async () => {
  const there = await startTestService({ database });
  there.setNow(noonMs);
  const report = client.subscribe(reportChanged, { filter: filter() });
  const events = client.subscribe(eventsChanged, { filter: filter() });
  await Promise.all([report.next(), events.next()]);
  for (let round = 1; round <= 3; round += 1) {
    const { event } = await register(there, newEvent());
    await events.until((seen) => shownIds(seen).includes(event.id));
    await report.until((seen) => owedAndPaid(seen).owed === 1);
    await remove(there, event.id);
    await events.until((seen) => !shownIds(seen).includes(event.id));
    await report.until((seen) => owedAndPaid(seen).owed === 0);
  }
  await there.close();
});

test('fifty who may see the same and ask the same cost one reading', async () => {
  const clients = await Promise.all(
    Array.from({ length: 5 }, async () => connect(await api.as({ role: 'ANALYST' }))),
  );
  const watching = clients.flatMap((one) =>
    Array.from({ length: 10 }, () => one.subscribe(eventsChanged, { filter: filter() })),
  );
  for (const subscription of watching) await subscription.next();
  api.statementsSinceLastCall();
  const { event } = await register(api, newEvent());
  for (const subscription of watching) await subscription.until((seen) => shownIds(seen).includes(event.id));
  // Those of registering, and a few of reading; not fifty times a few.
  expect(api.statementsSinceLastCall()).toBeLessThan(40);
});

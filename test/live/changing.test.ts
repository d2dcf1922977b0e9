import { createCaregiver, createEventType, noon, noonMs, pay, register, remove } from '../support/fixtures';
import { connect } from '../support/live';
import { serviceForTests } from '../support/testService';
import { eventsChanged, owedAndPaid, reportChanged, shownIds } from './subscriptions';

const api = serviceForTests();
let caregiverId: string;
let eventTypeId: string;
beforeEach(async () => {
  api.setNow(noonMs);
  caregiverId = await createCaregiver(api);
  eventTypeId = await createEventType(api);
});

const newEvent = () => ({ caregiverId, eventTypeId, occurredAt: noon });
const filter = () => ({ caregiverIds: [caregiverId] });

test('what one client registers, deletes and pays, another one sees', async () => {
  const other = await connect(await api.as({ role: 'ANALYST' }));
  const report = other.subscribe(reportChanged, { filter: filter() });
  const events = other.subscribe(eventsChanged, { filter: filter() });
  expect(owedAndPaid(await report.next())).toEqual({ owed: 0, paid: 0 });
  expect(shownIds(await events.next())).toEqual([]);

  const { event: kept } = await register(api, newEvent());
  await report.until((seen) => owedAndPaid(seen).owed === 1);
  await events.until((seen) => shownIds(seen).includes(kept.id));

  const { event: gone } = await register(api, newEvent());
  await events.until((seen) => shownIds(seen).length === 2);
  await remove(api, gone.id);
  await events.until((seen) => !shownIds(seen).includes(gone.id));

  await pay(api, { eventIds: [kept.id] });
  await report.until((seen) => owedAndPaid(seen).paid === 1);
  const paid = await events.until((seen) => seen.data.eventsChanged.nodes[0].reimbursed);
  expect(shownIds(paid)).toEqual([kept.id]);
});

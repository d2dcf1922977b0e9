import {
  atNoon,
  createCaregiver,
  createEventType,
  deleteEvent,
  findEvent,
  monthlyRollupRows,
  noon,
  noonMs,
  pay,
  readTally,
  refusal,
  register,
  registerRefused,
  remove,
} from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
let caregiverId: string;
let eventTypeId: string;

const add = async (changes: object = {}) =>
  (await register(api, { caregiverId, eventTypeId, occurredAt: noon, ...changes })).event;
const owed = async () => (await readTally(api, { caregiverIds: [caregiverId] })).owed;

beforeEach(async () => {
  api.setNow(noonMs);
  caregiverId = await createCaregiver(api);
  eventTypeId = await createEventType(api, { amount: 700 });
});

describe('deleting an event', () => {
  test('keeps it on record with who deleted it, when and why', async () => {
    const event = await add();
    api.setNow(noonMs + 1_234);
    const tombstone = await remove(api, event.id.toUpperCase(), ' entered twice ');
    expect(tombstone).toEqual({
      ...event,
      deletedAt: atNoon(1_234),
      deletedBy: 'the administrator',
      deleteReason: 'entered twice',
    });
    expect(await findEvent(api, event.id)).toEqual(tombstone);
  });

  test('takes it out of the report', async () => {
    const event = await add();
    await add();
    expect(await owed()).toEqual({ amount: 1_400, events: 2 });
    await remove(api, event.id);
    expect(await owed()).toEqual({ amount: 700, events: 1 });
  });

  test('leaves no empty row behind', async () => {
    const event = await add();
    expect(await monthlyRollupRows(api, caregiverId)).toHaveLength(1);
    await remove(api, event.id);
    expect(await monthlyRollupRows(api, caregiverId)).toEqual([]);
  });

  test('leaves the row of a month in which events worth nothing remain', async () => {
    eventTypeId = await createEventType(api, { amount: 0 });
    const [first, second] = [await add(), await add()];
    await remove(api, first.id);
    expect(await owed()).toEqual({ amount: 0, events: 1 });
    await remove(api, second.id);
    expect(await monthlyRollupRows(api, caregiverId)).toEqual([]);
  });

  test('again answers the first tombstone and takes nothing more away', async () => {
    const event = await add();
    await add();
    const tombstone = await remove(api, event.id, 'entered twice');
    api.setNow(noonMs + 60_000);
    expect(await remove(api, event.id, 'another reason')).toEqual(tombstone);
    expect(await owed()).toEqual({ amount: 700, events: 1 });
  });

  test('twenty times at once takes it away once', async () => {
    const event = await add();
    await add();
    await Promise.all(Array.from({ length: 20 }, () => remove(api, event.id)));
    expect(await owed()).toEqual({ amount: 700, events: 1 });
  });

  test('leaves its id taken for ever', async () => {
    const event = await add();
    await remove(api, event.id);
    const other = { id: event.id, caregiverId, eventTypeId, occurredAt: atNoon(-1) };
    expect(await registerRefused(api, other)).toMatchObject(refusal('EVENT_ID_CONFLICT', 'occurredAt'));
  });
});

describe('an event that cannot be deleted', () => {
  test('is one that was paid', async () => {
    const event = await add();
    await pay(api, { eventIds: [event.id] });
    expect(await api.failure(deleteEvent, { id: event.id })).toMatchObject(refusal('EVENT_REIMBURSED', 'id'));
    expect((await findEvent(api, event.id))?.deletedAt).toBeNull();
    const { paid } = await readTally(api, { caregiverIds: [caregiverId] });
    expect(paid).toEqual({ amount: 700, events: 1 });
  });

  test('is one that does not exist', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    expect(await api.failure(deleteEvent, { id })).toMatchObject(refusal('UNKNOWN_EVENT', 'id'));
    expect(await api.failure(deleteEvent, { id: '17' })).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });

  test('is one with a reason that is empty, of several lines or longer than 500 characters', async () => {
    const event = await add();
    for (const reason of ['', '  ', 'two\nlines', 'x'.repeat(501)]) {
      expect(await api.failure(deleteEvent, { id: event.id, reason })).toMatchObject(
        refusal('BAD_USER_INPUT', 'reason'),
      );
    }
    expect((await findEvent(api, event.id))?.deletedAt).toBeNull();
    expect((await remove(api, event.id, 'x'.repeat(500))).deleteReason).toHaveLength(500);
  });
});

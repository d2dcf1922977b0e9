import { randomUUID } from 'node:crypto';
import {
  atNoon,
  createCaregiver,
  createEventType,
  findEvent,
  noon,
  noonMs,
  readTally,
  refusal,
  register,
  registerBatch,
  registerPast,
  registerRefused,
  remove,
  updateEventType,
} from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
let caregiverId: string;
let eventTypeId: string;

/** An event of this test's caregiver, at noon, which is now. */
const event = (changes: object = {}) => ({ caregiverId, eventTypeId, occurredAt: noon, ...changes });
const tally = () => readTally(api, { caregiverIds: [caregiverId] });

beforeEach(async () => {
  api.setNow(noonMs);
  caregiverId = await createCaregiver(api);
  eventTypeId = await createEventType(api, { amount: 12_500 });
});

const hourMs = 3_600_000;

describe('registering an event', () => {
  test('stores it with the amount of its type and counts it at once', async () => {
    const registered = await register(api, event({ occurredAt: '2026-03-10T12:59:58.123+01:00' }));

    expect(registered.replayed).toBe(false);
    expect(registered.event).toEqual({
      id: registered.event.id,
      caregiver: { id: caregiverId },
      eventType: { id: eventTypeId },
      occurredAt: '2026-03-10T11:59:58.123Z',
      month: '2026-03',
      amount: 12_500,
      currency: 'SEK',
      reimbursed: false,
      registeredAt: noon,
      lateReason: null,
      deletedAt: null,
      deletedBy: null,
      deleteReason: null,
      payout: null,
    });
    expect(await findEvent(api, registered.event.id)).toEqual(registered.event);
    expect(await tally()).toEqual({
      paid: { amount: 0, events: 0 },
      owed: { amount: 12_500, events: 1 },
    });
  });

  test('gives it a UUID of version 7, which sorts by time', async () => {
    const first = await register(api, event());
    const second = await register(api, event());
    for (const { event } of [first, second]) {
      expect(event.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(second.event.id > first.event.id).toBe(true);
  });

  test("takes the client's id, and answers it in small letters", async () => {
    const { event: stored } = await register(api, event({ id: '0190163D-8694-739B-AEA5-966C26F8AD91' }));
    expect(stored.id).toBe('0190163d-8694-739b-aea5-966c26f8ad91');
  });

  test('adds up events that two hundred clients register at the same time', async () => {
    await Promise.all(Array.from({ length: 200 }, () => register(api, event())));
    expect((await tally()).owed).toEqual({ amount: 200 * 12_500, events: 200 });
  });

  test('refuses fields that are not for the client to decide', async () => {
    for (const decided of ['reimbursed', 'amount', 'currency', 'registeredAt', 'payoutId']) {
      const error = await registerRefused(api, event({ [decided]: 1 }));
      expect(error.extensions?.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain(`Field "${decided}" is not defined by type "RegisterEventInput"`);
    }
    expect((await tally()).owed.events).toBe(0);
  });
});

describe('the same id again', () => {
  test('with the same content answers the stored event and changes nothing', async () => {
    const id = randomUUID();
    const first = await register(api, event({ id, lateReason: 'the tablet was offline' }));
    api.setNow(noonMs + hourMs);
    const again = await register(
      api,
      event({ id, occurredAt: '2026-03-10T13:00:00+01:00', lateReason: ' the tablet was offline ' }),
    );
    expect(again).toEqual({ replayed: true, event: first.event });
    expect((await tally()).owed).toEqual({ amount: 12_500, events: 1 });
  });

  test('is the same id in any mixture of small and capital letters', async () => {
    await register(api, event({ id: 'abcdef00-8694-739b-aea5-966c26f8ad91' }));
    const again = await register(api, event({ id: 'ABCdef00-8694-739B-aEA5-966C26f8Ad91' }));
    expect(again.replayed).toBe(true);
    expect((await tally()).owed.events).toBe(1);
  });

  test('fifty times at once leaves one event and one increment', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => register(api, event({ id }))));
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.event.id))).toEqual(new Set([id]));
    expect((await tally()).owed).toEqual({ amount: 12_500, events: 1 });
  });

  test('still answers the stored event when it would by now be late', async () => {
    const id = randomUUID();
    const first = await register(api, event({ id }));
    api.setNow(noonMs + 400 * 24 * hourMs);
    expect(await register(api, event({ id }))).toEqual({ replayed: true, event: first.event });
  });

  test('still answers the stored event when its type is archived and worth something else', async () => {
    const id = randomUUID();
    const first = await register(api, event({ id }));
    await updateEventType(api, eventTypeId, { amount: 1, archived: true });
    expect(await register(api, event({ id }))).toEqual({ replayed: true, event: first.event });
  });

  test('answers the tombstone after the event was deleted, and counts nothing', async () => {
    const id = randomUUID();
    await register(api, event({ id }));
    const tombstone = await remove(api, id, 'entered twice');
    expect(await register(api, event({ id }))).toEqual({ replayed: true, event: tombstone });
    expect((await tally()).owed.events).toBe(0);
  });

  test('with other content is a conflict that names the field', async () => {
    const id = randomUUID();
    const first = await register(api, event({ id, lateReason: 'the tablet was offline' }));
    const others = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: atNoon(-1),
      lateReason: 'forgotten',
    };
    for (const [field, other] of Object.entries(others)) {
      const input = event({ id, lateReason: 'the tablet was offline', [field]: other });
      expect(await registerRefused(api, input)).toMatchObject(refusal('EVENT_ID_CONFLICT', field));
    }
    const withoutReason = await registerRefused(api, event({ id }));
    expect(withoutReason).toMatchObject(refusal('EVENT_ID_CONFLICT', 'lateReason'));
    expect(await findEvent(api, id)).toEqual(first.event);
    expect((await tally()).owed.events).toBe(1);
  });

  test('in one batch: the first is stored, the same is replayed, another is a conflict', async () => {
    const id = randomUUID();
    const outcomes = await registerBatch(api, [
      event({ id }),
      event({ id: id.toUpperCase() }),
      event({ id, occurredAt: atNoon(-1) }),
    ]);
    expect(outcomes.map(({ replayed, error }) => [replayed, error?.code, error?.field])).toEqual([
      [false, undefined, undefined],
      [true, undefined, undefined],
      [false, 'EVENT_ID_CONFLICT', 'occurredAt'],
    ]);
    expect(outcomes[1]?.event).toEqual(outcomes[0]?.event);
    expect((await tally()).owed.events).toBe(1);
  });
});

describe('an event that cannot be registered', () => {
  test('names the caregiver or event type that does not exist', async () => {
    expect(await registerRefused(api, event({ caregiverId: '999999999' }))).toMatchObject(
      refusal('UNKNOWN_CAREGIVER', 'caregiverId'),
    );
    expect(await registerRefused(api, event({ eventTypeId: '999999999' }))).toMatchObject(
      refusal('UNKNOWN_EVENT_TYPE', 'eventTypeId'),
    );
  });

  test('names the event type that is archived, until it is taken back', async () => {
    await updateEventType(api, eventTypeId, { archived: true });
    expect(await registerRefused(api, event())).toMatchObject(refusal('EVENT_TYPE_ARCHIVED', 'eventTypeId'));
    await updateEventType(api, eventTypeId, { archived: false });
    expect((await register(api, event())).replayed).toBe(false);
  });

  const noIntegerIds = ['', ' ', 'abc', '0', '-1', '01', '1.5', '1e3', ' 1', '１', '9007199254740992'];
  test.each(['caregiverId', 'eventTypeId'])('names the %s that is no id', async (field) => {
    for (const id of noIntegerIds) {
      expect(await registerRefused(api, event({ [field]: id }))).toMatchObject(
        refusal('BAD_USER_INPUT', field),
      );
    }
  });

  test.each([
    '',
    'event 1',
    '0190163d8694739baea5966c26f8ad91',
    '{0190163d-8694-739b-aea5-966c26f8ad91}',
    '0190163d-8694-739b-aea5-966c26f8ad9',
    '0190163d-8694-739b-aea5-966c26f8ad911',
    '0190163d-8694-739b-aea5-966c26f8ad9g',
    '0190163d-8694-739b-aea5-966c26f8ad91\n',
  ])('names the id %j, which is no UUID', async (id) => {
    expect(await registerRefused(api, event({ id }))).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });

  test('says that an offset from UTC is missing', async () => {
    for (const occurredAt of ['2026-03-10T12:00:00', '2026-03-10T12:00:00.000']) {
      const error = await registerRefused(api, event({ occurredAt }));
      expect(error).toMatchObject(refusal('BAD_USER_INPUT', 'occurredAt'));
      expect(error.message).toContain('occurredAt must say its offset from UTC');
    }
  });

  test.each([
    '2026-02-29T12:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-13-01T12:00:00Z',
    '2026-00-10T12:00:00Z',
    '2026-03-00T12:00:00Z',
    '2026-03-10T24:00:00Z',
    '2026-03-10T12:60:00Z',
    '2026-03-10T12:00:60Z',
    '2026-03-10T12:00:00+24:00',
    '2026-03-10T12:00:00-99:00',
    '2026-03-10T12:00:00+01:60',
    '2026-03-10',
    '2026-03-10 12:00:00Z',
    'yesterday',
    '',
    1_773_144_000_000,
  ])('names occurredAt when it is %j', async (occurredAt) => {
    expect(await registerRefused(api, event({ occurredAt }))).toMatchObject(
      refusal('BAD_USER_INPUT', 'occurredAt'),
    );
  });

  test.each([
    ['2026-03-11T11:59:00+23:59', noon],
    ['2026-03-09T12:01:00-23:59', noon],
    ['2026-03-11T02:00:00+14:00', noon],
    ['2026-03-10t12:00:00.0009999z', noon],
  ])('an offset may be as far as %s', async (occurredAt, utc) => {
    expect((await register(api, event({ occurredAt }))).event.occurredAt).toBe(utc);
  });

  test('lies between the years 1900 and 2200', async () => {
    const lateReason = 'from the archive';
    const [first] = await registerPast(api, [event({ occurredAt: '1900-01-01T00:00:00Z' })]);
    expect(first?.month).toBe('1900-01');
    for (const occurredAt of ['1899-12-31T23:59:59.999Z', '0202-03-10T12:00:00Z', '2200-12-31T00:00:00Z']) {
      expect(await registerRefused(api, event({ occurredAt, lateReason }))).toMatchObject(
        refusal('BAD_USER_INPUT', 'occurredAt'),
      );
    }
  });

  test('keeps nothing behind', async () => {
    const id = randomUUID();
    await registerRefused(api, event({ id, caregiverId: '999999999' }));
    expect(await findEvent(api, id)).toBeNull();
    expect((await register(api, event({ id }))).replayed).toBe(false);
  });
});

describe('the time of an event', () => {
  test('may be five minutes ahead of the service and no millisecond more', async () => {
    await register(api, event({ occurredAt: atNoon(5 * 60_000) }));
    const error = await registerRefused(api, event({ occurredAt: atNoon(5 * 60_000 + 1) }));
    expect(error).toMatchObject(refusal('EVENT_IN_FUTURE', 'occurredAt'));
    expect(error.extensions).toMatchObject({ serviceTime: noon });
    const withReason = event({ occurredAt: atNoon(5 * 60_000 + 1), lateReason: 'planned' });
    expect(await registerRefused(api, withReason)).toMatchObject(refusal('EVENT_IN_FUTURE', 'occurredAt'));
  });

  test('may be twelve hours ago, and a millisecond more with a reason', async () => {
    await register(api, event({ occurredAt: atNoon(-12 * hourMs) }));
    const late = event({ occurredAt: atNoon(-12 * hourMs - 1) });
    const error = await registerRefused(api, late);
    expect(error).toMatchObject(refusal('LATE_ENTRY', 'occurredAt'));
    expect(error.message).toContain('12 hours');
    expect(error.extensions).toMatchObject({ limitHours: 12, mayBeLate: true });

    const { event: stored } = await register(api, { ...late, lateReason: 'the tablet was offline' });
    expect(stored.lateReason).toBe('the tablet was offline');
    expect((await findEvent(api, stored.id))?.lateReason).toBe('the tablet was offline');
    expect((await tally()).owed.events).toBe(2);
  });

  test('a reason is kept also where none was needed', async () => {
    const { event: stored } = await register(api, event({ lateReason: 'to be sure' }));
    expect(stored.lateReason).toBe('to be sure');
  });

  test('a reason is one line of at most 500 characters', async () => {
    await register(api, event({ lateReason: 'x'.repeat(500) }));
    for (const lateReason of ['x'.repeat(501), '', '   ', 'two\nlines', 'a\u0000b']) {
      expect(await registerRefused(api, event({ lateReason }))).toMatchObject(
        refusal('BAD_USER_INPUT', 'lateReason'),
      );
    }
  });
});

describe('the amount of an event', () => {
  test('is copied from its type: later changes are for later events', async () => {
    const past = await register(api, event());
    await updateEventType(api, eventTypeId, { amount: 99_900 });

    expect((await findEvent(api, past.event.id))?.amount).toBe(12_500);
    expect((await tally()).owed).toEqual({ amount: 12_500, events: 1 });

    const later = await register(api, event());
    expect(later.event.amount).toBe(99_900);
    expect((await tally()).owed).toEqual({ amount: 12_500 + 99_900, events: 2 });
  });

  test('may be nothing: the event still counts as one', async () => {
    await updateEventType(api, eventTypeId, { amount: 0 });
    await register(api, event());
    expect((await tally()).owed).toEqual({ amount: 0, events: 1 });
  });
});

describe('registering a batch', () => {
  test('answers one outcome for each input, in order; bad ones do not hinder their neighbours', async () => {
    const archived = await createEventType(api);
    await updateEventType(api, archived, { archived: true });
    const huge = await createEventType(api, { amount: Number.MAX_SAFE_INTEGER });
    const [taken, own] = [randomUUID(), randomUUID()];
    await register(api, event({ id: taken }));

    const wishes: [object, string | null, string | null][] = [
      [event(), null, null],
      [event({ occurredAt: '2026-03-10T12:00:00' }), 'BAD_USER_INPUT', 'occurredAt'],
      [event({ id: own }), null, null],
      [event({ caregiverId: '999999999' }), 'UNKNOWN_CAREGIVER', 'caregiverId'],
      [event({ eventTypeId: 'x' }), 'BAD_USER_INPUT', 'eventTypeId'],
      [event({ eventTypeId: archived }), 'EVENT_TYPE_ARCHIVED', 'eventTypeId'],
      [event({ eventTypeId: huge }), 'AMOUNT_TOO_LARGE', 'eventTypeId'],
      [event({ id: taken }), null, null],
      [event({ id: taken, occurredAt: atNoon(-5) }), 'EVENT_ID_CONFLICT', 'occurredAt'],
      [event({ occurredAt: atNoon(-13 * hourMs) }), 'LATE_ENTRY', 'occurredAt'],
      [event({ occurredAt: atNoon(hourMs) }), 'EVENT_IN_FUTURE', 'occurredAt'],
      [event({ id: own }), null, null],
      [event({ id: 'x' }), 'BAD_USER_INPUT', 'id'],
      [event({ lateReason: '' }), 'BAD_USER_INPUT', 'lateReason'],
      [event(), null, null],
    ];
    const outcomes = await registerBatch(
      api,
      wishes.map(([input]) => input),
    );

    expect(outcomes.map(({ index, error }) => [index, error?.code ?? null, error?.field ?? null])).toEqual(
      wishes.map(([, code, field], index) => [index, code, field]),
    );
    for (const { event, error } of outcomes) expect(event === null).toBe(error !== null);
    expect(outcomes.flatMap(({ index, replayed }) => (replayed ? [index] : []))).toEqual([7, 11]);
    expect((await tally()).owed).toEqual({ amount: 4 * 12_500, events: 4 });
  });

  test('a refused input says why, also when a later one of the same id is accepted', async () => {
    const id = randomUUID();
    const late = event({ id, occurredAt: atNoon(-13 * hourMs) });
    const outcomes = await registerBatch(api, [
      event({ id, caregiverId: '999999999' }),
      late,
      { ...late, lateReason: 'the tablet was offline' },
      late,
    ]);
    expect(outcomes.map(({ error }) => [error?.code, error?.field])).toEqual([
      ['UNKNOWN_CAREGIVER', 'caregiverId'],
      ['LATE_ENTRY', 'occurredAt'],
      [undefined, undefined],
      ['EVENT_ID_CONFLICT', 'lateReason'],
    ]);
    expect((await tally()).owed.events).toBe(1);
  });

  test('takes 10,000 events', async () => {
    const outcomes = await registerBatch(
      api,
      Array.from({ length: 10_000 }, (_, index) => event({ occurredAt: atNoon(-index) })),
    );
    expect(outcomes).toHaveLength(10_000);
    expect(outcomes.every((outcome, index) => outcome.index === index && outcome.error === null)).toBe(true);
    expect(outcomes[9_999]?.event?.occurredAt).toBe(atNoon(-9_999));
    expect((await tally()).owed).toEqual({ amount: 10_000 * 12_500, events: 10_000 });
  });

  test('refuses 10,001 events and stores none of them', async () => {
    const inputs = Array.from({ length: 10_001 }, () => event());
    const error = await api.failure(
      'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { index } }',
      { inputs },
    );
    expect(error).toMatchObject(refusal('BAD_USER_INPUT', 'inputs'));
    expect((await tally()).owed.events).toBe(0);
  });

  test('of nothing answers nothing', async () => {
    expect(await registerBatch(api, [])).toEqual([]);
  });
});

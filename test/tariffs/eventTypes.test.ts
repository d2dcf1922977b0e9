import {
  createCaregiver,
  createEventType,
  deleteEvent,
  noon,
  noonMs,
  pageOf,
  refusal,
  register,
  registerEvent,
  registerRefused,
  remove,
  unique,
  updateEventType,
  walk,
} from '../support/fixtures';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
const fields = 'id externalId name amount currency archived';
const find = async (id: string) =>
  (await api.data(`query ($id: ID!) { eventType(id: $id) { ${fields} } }`, { id })).eventType;
const createMutation = `mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { ${fields} } }`;
const createRefused = (input: object) =>
  api.failure(createMutation, { input: { name: unique('Event type'), amount: 1, ...input } });
const deleteEventType = `mutation ($id: ID!) { deleteEventType(id: $id) { ${fields} } }`;

beforeEach(() => api.setNow(noonMs));

describe('creating an event type', () => {
  test('answers it with the id that the service gave it', async () => {
    const input = { name: unique('Home visit'), externalId: unique('kva'), amount: 42_000, currency: 'EUR' };
    const { createEventType: created } = await api.data(createMutation, { input });
    expect(created).toEqual({ id: created.id, ...input, archived: false });
    expect(await find(created.id)).toEqual(created);
  });

  test("takes the service's currency where none is said", async () => {
    expect((await find(await createEventType(api))).currency).toBe('SEK');
    expect((await find(await createEventType(api, { currency: null }))).currency).toBe('SEK');
  });

  test.each([0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER])('may be worth %d', async (amount) => {
    expect((await find(await createEventType(api, { amount }))).amount).toBe(amount);
  });

  test('may not be worth less than nothing', async () => {
    expect(await createRefused({ amount: -1 })).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
    const literal = 'mutation { createEventType(input: { name: "less than nothing", amount: -1 }) { id } }';
    expect(await api.failure(literal)).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
  });

  test.each([0.5, 12.000001, 2 ** 53, 1e300, -(2 ** 53), '100', true, null])(
    'may not be worth %j, which is no exact number of minor units',
    async (amount) => {
      const error = await createRefused({ amount });
      expect(error).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
      expect(error.message).toMatch(/must be a whole number of minor units|not to be null/);
    },
  );

  test.each(['0.5', '9007199254740992', '9007199254740993', '1e3', '"100"'])(
    'may not be worth %s, written into the query',
    async (literal) => {
      const error = await api.failure(
        `mutation { createEventType(input: { name: "never", amount: ${literal} }) { id } }`,
      );
      expect(error.message).toContain('an amount must be a whole number of minor units');
    },
  );

  test.each(['sek', 'XYZ', 'kronor', '', 'SE', ' SEK'])('has no currency %j', async (currency) => {
    expect(await createRefused({ currency })).toMatchObject(refusal('BAD_USER_INPUT', 'currency'));
  });

  test('shares neither its name nor its external id', async () => {
    const [name, externalId] = [unique('Home visit'), unique('kva')];
    await createEventType(api, { name, externalId });
    expect(await createRefused({ name: ` ${name} ` })).toMatchObject(refusal('ALREADY_EXISTS', 'name'));
    expect(await createRefused({ externalId })).toMatchObject(refusal('ALREADY_EXISTS', 'externalId'));
    expect(await createRefused({ name: 'x'.repeat(201) })).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
  });
});

describe('the name of an event type', () => {
  test.each([
    ['a letter in two pieces', 'Ro\u0308ntgen'],
    ['a soft hyphen', 'Rönt\u00adgen'],
    ['a combining grapheme joiner', 'Röntgen\u034f'],
    ['a variation selector', 'Rönt\ufe0fgen'],
    ['a non-joiner', 'Rönt\u200cgen'],
    ['a Hangul filler', 'Röntgen\u3164'],
    ['a blank of Braille', '\u2800Röntgen'],
  ])('is taken already where it differs by %s', async (_, hidden) => {
    const name = unique('Röntgen');
    const id = await createEventType(api, { name });
    const error = await createRefused({ name: name.replace('Röntgen', hidden) });
    expect(error).toMatchObject(refusal('ALREADY_EXISTS', 'name'));
    expect(error.message).toContain(`id ${id}`);
  });

  test('may be another in capital letters, and is kept with what cannot be seen', async () => {
    const name = unique('rönt\u00adgen 👩\u200d⚕\ufe0f');
    expect((await find(await createEventType(api, { name }))).name).toBe(name);
    await createEventType(api, { name: name.toUpperCase() });
    expect(await createRefused({ name: '\u2800' })).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
  });
});

describe('changing an event type', () => {
  const updateMutation = `mutation ($id: ID!, $input: UpdateEventTypeInput!) {
    updateEventType(id: $id, input: $input) { ${fields} }
  }`;
  const updateRefused = (id: string, input: object) => api.failure(updateMutation, { id, input });

  test('changes what is given and leaves the rest', async () => {
    const [name, externalId] = [unique('Home visit'), unique('kva')];
    const id = await createEventType(api, { name, externalId, amount: 5 });
    const before = await find(id);
    await updateEventType(api, id, {});
    await updateEventType(api, id, { name: null, amount: null, archived: null });
    expect(await find(id)).toEqual(before);

    const renamed = unique('Visit at home');
    const { updateEventType: changed } = await api.data(updateMutation, {
      id,
      input: { name: renamed, externalId: null, amount: 0, archived: true },
    });
    expect(changed).toEqual({ ...before, name: renamed, externalId: null, amount: 0, archived: true });
    expect(await find(id)).toEqual(changed);
  });

  test('keeps names and external ids unique', async () => {
    const taken = { name: unique('Home visit'), externalId: unique('kva') };
    await createEventType(api, taken);
    const own = { name: unique('Clinic visit'), externalId: unique('kva') };
    const id = await createEventType(api, own);
    await updateEventType(api, id, own);
    expect(await updateRefused(id, { name: taken.name })).toMatchObject(refusal('ALREADY_EXISTS', 'name'));
    expect(await updateRefused(id, { externalId: taken.externalId })).toMatchObject(
      refusal('ALREADY_EXISTS', 'externalId'),
    );
  });

  test('refuses what cannot be', async () => {
    const id = await createEventType(api);
    expect(await updateRefused('999999999', { amount: 1 })).toMatchObject(
      refusal('UNKNOWN_EVENT_TYPE', 'id'),
    );
    expect(await updateRefused('x', { amount: 1 })).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
    expect(await updateRefused(id, { amount: -1 })).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
    expect(await updateRefused(id, { name: '' })).toMatchObject(refusal('BAD_USER_INPUT', 'name'));
    const error = await updateRefused(id, { currency: 'EUR' });
    expect(error.message).toContain('Field "currency" is not defined');
  });
});

describe('deleting an event type', () => {
  const isDeleted = async (id: string) => (await find(id)) === null;
  const event = async (eventTypeId: string) => ({
    caregiverId: await createCaregiver(api),
    eventTypeId,
    occurredAt: noon,
  });

  test('that was never used removes it and frees its name', async () => {
    const name = unique('Home visit');
    const id = await createEventType(api, { name });
    const before = await find(id);
    expect((await api.data(deleteEventType, { id })).deleteEventType).toEqual(before);
    expect(await isDeleted(id)).toBe(true);
    expect(await api.failure(deleteEventType, { id })).toMatchObject(refusal('UNKNOWN_EVENT_TYPE', 'id'));
    expect(await createEventType(api, { name })).not.toBe(id);
  });

  test('that events refer to is refused, also when its only event is deleted', async () => {
    const id = await createEventType(api);
    const { event: stored } = await register(api, await event(id));
    expect(await api.failure(deleteEventType, { id })).toMatchObject(refusal('EVENT_TYPE_IN_USE', 'id'));
    await remove(api, stored.id);
    expect(await api.failure(deleteEventType, { id })).toMatchObject(refusal('EVENT_TYPE_IN_USE', 'id'));
    expect((await api.data(deleteEvent, { id: stored.id })).deleteEvent.eventType.id).toBe(id);
  });

  test('is possible when no event of it was ever accepted', async () => {
    const id = await createEventType(api, { amount: Number.MAX_SAFE_INTEGER });
    const other = await event(await createEventType(api));
    await register(api, other);
    await registerRefused(api, { ...other, eventTypeId: id, occurredAt: 'never' });
    expect(await registerRefused(api, { ...other, eventTypeId: id })).toMatchObject(
      refusal('AMOUNT_TOO_LARGE'),
    );
    await api.data(deleteEventType, { id });
    expect(await isDeleted(id)).toBe(true);
  });

  test('while its first event is registered: one of the two wins', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await createEventType(api);
      const input = await event(id);
      const requests = [() => api.ask(registerEvent, { input }), () => api.ask(deleteEventType, { id })];
      if (round % 2 === 1) requests.reverse();
      const answers = await Promise.all(requests.map((request) => request()));
      const codes = answers.flatMap((answer) => answer.errors?.map((error) => error.extensions?.code) ?? []);
      expect(codes).toEqual([(await isDeleted(id)) ? 'UNKNOWN_EVENT_TYPE' : 'EVENT_TYPE_IN_USE']);
    }
  });
});

describe('listing event types', () => {
  const listEventTypes = `query ($filter: EventTypeFilter, $first: Int = 1000, $after: String) {
    eventTypes(filter: $filter, first: $first, after: $after) { ${pageOf('id name archived')} }
  }`;
  interface Listed {
    id: string;
    name: string;
    archived: boolean;
  }
  const list = async (filter: object): Promise<Listed[]> =>
    (await api.data(listEventTypes, { filter })).eventTypes.nodes;

  test('all, those that take new events, archived ones, or chosen ones', async () => {
    const [open, archived] = [await createEventType(api), await createEventType(api)];
    await updateEventType(api, archived, { archived: true });
    const found = async (filter: object) =>
      (await list({ ids: [open, archived], ...filter })).map((eventType) => eventType.id).sort();
    expect(await found({})).toEqual([open, archived].sort());
    expect(await found({ archived: null })).toEqual([open, archived].sort());
    expect(await found({ archived: true })).toEqual([archived]);
    expect(await found({ archived: false })).toEqual([open]);
    expect(await found({ ids: [] })).toEqual([]);
    const all = await list({ archived: false });
    expect(all.every((eventType) => !eventType.archived)).toBe(true);
    expect(all.length).toBeGreaterThan(1);
  });

  test('page by page in the order of their names', async () => {
    const whole = await list({});
    expect(whole.map(({ name }) => name)).toEqual(whole.map(({ name }) => name).sort());
    expect(whole.length).toBeGreaterThan(5);
    for (const first of [2, 7, whole.length]) {
      const walked = await walk(
        first,
        async (first, after) => (await api.data(listEventTypes, { first, after })).eventTypes,
      );
      expect(walked).toEqual(whole);
    }
    expect(await api.failure(listEventTypes, { first: 0 })).toMatchObject(refusal('BAD_USER_INPUT', 'first'));
    expect(await api.failure(listEventTypes, { after: 'x' })).toMatchObject(
      refusal('BAD_USER_INPUT', 'after'),
    );
    expect(await api.failure('{ eventType(id: "x") { id } }')).toMatchObject(refusal('BAD_USER_INPUT', 'id'));
  });
});

describe('another currency', () => {
  const abroad = serviceForTests({ currency: 'NOK' });

  test('may be that of the service', async () => {
    const id = await createEventType(abroad);
    const { eventType, service } = await abroad.data(
      'query ($id: ID!) { eventType(id: $id) { currency } service { currency } }',
      { id },
    );
    expect([eventType.currency, service.currency]).toEqual(['NOK', 'NOK']);
  });
});

import { once } from 'node:events';
import { WebSocket } from 'ws';
import { createCaregiver, createEventType, refusal } from '../support/fixtures';
import { addressOf } from '../support/live';
import { startTestService, type TestService } from '../support/testService';

let api: TestService;
beforeAll(async () => {
  api = await startTestService();
  await createCaregiver(api);
  await createEventType(api, { name: 'first' });
});
afterAll(() => api.close());

const headers = () => ({ 'content-type': 'application/json', authorization: api.authorization as string });

/** Sends variables as they are written here: what JavaScript writes is exact already. */
async function ask(query: string, variables: string) {
  const payload = `{"query": ${JSON.stringify(query)}, "variables": ${variables}}`;
  const response = await api.server.inject({ method: 'POST', url: '/graphql', headers: headers(), payload });
  return response.json();
}

const createQuery =
  'mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { id amount } }';
const findQuery = 'query ($id: ID!) { caregiver(id: $id) { id } }';

describe('a number in a variable is what it is written as, or refused', () => {
  test.each([
    '4503599627370497.3',
    '9007199254740993',
    '-9007199254740993',
    '1.00000000000000000001',
    '1e-400',
    '100.00000000000000001',
    '1e400',
  ])('as an amount: %s', async (amount) => {
    const { errors, data } = await ask(createQuery, `{"input": {"name": "never", "amount": ${amount}}}`);
    expect(errors[0]).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
    expect(errors[0].message).toContain(`inexactNumber: "${amount}"`);
    expect(errors[0].message).toContain('an amount must be a whole number of minor units');
    expect(data).toBeFalsy();
  });

  test.each([
    ['9007199254740991', 9007199254740991],
    ['1e3', 1000],
    ['100.0', 100],
    ['-0', 0],
  ])('as an amount, exact: %s', async (source, amount) => {
    const { data } = await ask(createQuery, `{"input": {"name": "exact ${source}", "amount": ${source}}}`);
    expect(Object.is(data.createEventType.amount, amount)).toBe(true);
  });

  test.each(['9007199254740993', '1.0000000000000000001', '0.99999999999999999999'])(
    'as an id: %s',
    async (id) => {
      const { errors } = await ask(findQuery, `{"id": ${id}}`);
      expect(errors[0]).toMatchObject(refusal('BAD_USER_INPUT'));
      expect(errors[0].message).toContain('ID cannot represent');
      // The same digits as a text are another matter.
      expect((await ask(findQuery, `{"id": "${id}"}`)).errors[0].message).toContain(
        'must be an id as the service gave it',
      );
    },
  );

  test('as an id, exact', async () => {
    expect((await ask(findQuery, '{"id": 1}')).data.caregiver).toEqual({ id: '1' });
  });

  test('as a time, a month, a whole number and a text', async () => {
    const query = `query ($from: DateTime, $month: YearMonth, $first: Int, $after: String) {
      a: report(filter: { from: $from }) { totals { currency } }
      b: report(filter: { fromMonth: $month }) { totals { currency } }
      events(first: $first, after: $after) { nodes { id } }
    }`;
    for (const name of ['from', 'month', 'first', 'after']) {
      const { errors } = await ask(query, `{"${name}": 1.00000000000000000001}`);
      expect(errors.length).toBeGreaterThan(0);
      expect(errors[0].extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  test('where it stands in a text, it is text', async () => {
    const name = 'number 9007199254740993, 1e-400 \\" 4503599627370497.3';
    const { data } = await ask(createQuery, `{"input": {"name": "${name}", "amount": 1}}`);
    const { eventType } = await api.data('query ($id: ID!) { eventType(id: $id) { name } }', {
      id: data.createEventType.id,
    });
    expect(eventType.name).toBe(name.replaceAll('\\', ''));
  });

  test('also where it comes in an address', async () => {
    const search = (id: string) =>
      `/graphql?query=${encodeURIComponent(findQuery)}&variables=${encodeURIComponent(`{"id": ${id}}`)}`;
    const get = (id: string) =>
      api.server.inject({ url: search(id), headers: { ...headers(), 'apollo-require-preflight': 'yes' } });
    expect((await get('1')).json().data.caregiver).toEqual({ id: '1' });
    expect((await get('9007199254740993')).json().errors[0]).toMatchObject(
      refusal('BAD_USER_INPUT', 'variables'),
    );
  });

  test('also where it comes over a socket', async () => {
    const socket = new WebSocket(`ws://${await addressOf(api)}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const messages: string[] = [];
    socket.on('message', (message) => messages.push(String(message)));
    const answered = async (isIt: (message: { type: string; id?: string }) => boolean) => {
      for (;;) {
        const found = messages.map((message) => JSON.parse(message)).find(isIt);
        if (found) return found;
        await once(socket, 'message');
      }
    };
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: api.authorization } }));
    await answered(({ type }) => type === 'connection_ack');
    const query = 'subscription ($ids: [ID!]) { reportChanged(filter: { caregiverIds: $ids }) { timeZone } }';
    socket.send(
      `{"id": "1", "type": "subscribe", "payload": {"query": ${JSON.stringify(query)}, "variables": {"ids": [1.00000000000000000001]}}}`,
    );
    const { payload } = await answered(({ id }) => id === '1');
    // Not taken for the caregiver 1.
    expect(payload.data).toBeUndefined();
    expect(payload.errors ?? payload).toMatchObject([refusal('BAD_USER_INPUT', 'ids[0]')]);
    socket.close();
    await once(socket, 'close');
  });
});

test('a number in a document is what it is written as, or refused', async () => {
  for (const amount of ['4503599627370497.3', '9007199254740993', '1.0', '1e2']) {
    const error = await api.failure(
      `mutation { createEventType(input: { name: "never", amount: ${amount} }) { id } }`,
    );
    expect(error.message).toContain('an amount must be a whole number of minor units');
  }
  for (const id of ['9007199254740993', '9007199254740992']) {
    expect(await api.failure(`{ caregiver(id: ${id}) { id } }`)).toMatchObject(
      refusal('BAD_USER_INPUT', 'id'),
    );
  }
  expect((await api.failure('{ caregiver(id: 1.0) { id } }')).message).toContain('ID cannot represent');
});

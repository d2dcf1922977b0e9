import { Writable } from 'node:stream';
import { errorCodes } from '../../src/platform/errors';
import { createSchema } from '../../src/platform/server/schema';
import { subsystems } from '../../src/subsystems';
import { createWorld, type World } from '../access/world';
import { refusal } from '../support/fixtures';
import { dialSignedIn, type RawSocket } from '../support/live';
import { oneOf, testSeed, withRandom } from '../support/random';
import { startTestService, type TestService } from '../support/testService';
import { createRandomRequests, type RandomRequest } from './randomDocuments';

/** What the log has of failures. */
const failures: string[] = [];
const logStream = new Writable({
  write(chunk, _encoding, done) {
    failures.push(...String(chunk).trim().split('\n'));
    done();
  },
});

let world: World;
beforeAll(async () => {
  const api = await startTestService({
    logStream,
    logLevel: 'error',
    liveLimits: { messagesInTenSeconds: 1e9, subscriptionsOfOneSocket: 1e9 },
  });
  world = await createWorld(api);
});
afterEach(() => expect(failures.splice(0)).toEqual([]));
afterAll(() => world.api.close());

const codes: readonly unknown[] = [
  ...Object.keys(errorCodes).filter((code) => code !== 'INTERNAL' && code !== 'UNAVAILABLE'),
  // GraphQL's own.
  'GRAPHQL_PARSE_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
];

interface Reply {
  data?: unknown;
  errors?: { message: string; extensions: { code: string; field?: string } }[];
}

/** Every error says what is wrong, in short. */
function expectKnown({ errors = [] }: Reply, sent: unknown): void {
  for (const { message, extensions } of errors) {
    const isKnown = codes.includes(extensions?.code);
    const isShort = message.length > 0 && message.length < 600 && (extensions.field?.length ?? 0) < 300;
    expect([isKnown, isShort, extensions?.code, message, sent]).toEqual([
      true,
      true,
      extensions?.code,
      message,
      sent,
    ]);
  }
  expect(errors.length).toBeLessThan(100);
}

type Way = 'POST' | 'GET';

async function send(
  asker: TestService,
  way: Way,
  request: RandomRequest,
): Promise<Reply & { status: number }> {
  const { query, operationName, variables } = request;
  const search = new URLSearchParams({
    query,
    ...(operationName && { operationName }),
    ...(variables && { variables: JSON.stringify(variables) }),
  });
  const headers = {
    'apollo-require-preflight': '1',
    ...(asker.authorization !== undefined && { authorization: asker.authorization }),
  };
  const response = await asker.server.inject(
    way === 'GET'
      ? { method: 'GET', url: `/graphql?${search}`, headers }
      : { method: 'POST', url: '/graphql', headers, payload: { ...request } },
  );
  return { status: response.statusCode, ...response.json() };
}

const requestCount = 400;

let lastId = 0;

/** What a connection answers to one operation first, which it then gives up. */
async function subscribe({ socket, send }: RawSocket, payload: object | string): Promise<Reply> {
  lastId += 1;
  const id = String(lastId);
  const answer = new Promise<Reply>((resolve, reject) => {
    const onMessage = (text: unknown) => {
      const message = JSON.parse(String(text));
      if (message.id !== id) return;
      socket.off('message', onMessage);
      resolve(message.type === 'error' ? { errors: message.payload } : (message.payload ?? {}));
    };
    socket.on('message', onMessage);
    socket.once('close', (code) => reject(new Error(`closed with ${code} by operation ${id}`)));
  });
  socket.setMaxListeners(0);
  send(
    typeof payload === 'string'
      ? `{"id":"${id}","type":"subscribe","payload":${payload}}`
      : { id, type: 'subscribe', payload },
  );
  const reply = await answer;
  send({ id, type: 'complete' });
  return reply;
}

const ids = () => [
  ...Object.values(world.caregivers),
  ...Object.values(world.units),
  ...Object.values(world.eventTypes),
  ...Object.values(world.paid),
  ...Object.values(world.owed),
  world.payoutId,
];

describe('documents out of the grammar, and nearly', () => {
  test.each<Way>(['POST', 'GET'])(
    'are answered or refused by %s, and never a failure',
    async (way) => {
      process.stdout.write(`random documents by ${way}, TEST_SEED=${testSeed}\n`);
      const statuses: Record<number, number> = {};
      await withRandom(async (random) => {
        const requests = createRandomRequests(createSchema(subsystems), random, ids());
        for (let count = 0; count < requestCount; count += 1) {
          const request = requests.request(0.1);
          const reply = await send(oneOf(random, Object.values(world.people)), way, request);
          statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
          // GET takes queries alone; what is too long for an address is no request.
          const allowed = way === 'GET' ? [200, 400, 401, 403, 405] : [200, 400, 401, 403];
          expect([allowed.includes(reply.status), reply.status, request]).toEqual([
            true,
            reply.status,
            request,
          ]);
          expectKnown(reply, request);
          expect(failures).toEqual([]);
        }
      });
      // Neither all right nor all wrong, or nothing would have been tried.
      expect(statuses[200]).toBeGreaterThan(requestCount / 20);
      expect(statuses[400]).toBeGreaterThan(requestCount / 20);
    },
    600_000,
  );

  test('are answered or refused over WebSocket, and the connection stays open', async () => {
    process.stdout.write(`random documents over WebSocket, TEST_SEED=${testSeed}\n`);
    let shown = 0;
    await withRandom(async (random) => {
      const people = Object.values(world.people).filter(({ authorization }) => authorization !== undefined);
      const sockets = await Promise.all(people.map(dialSignedIn));
      const requests = createRandomRequests(createSchema(subsystems), random, ids());
      for (let count = 0; count < requestCount; count += 1) {
        const request = requests.request(0.85);
        const reply = await subscribe(oneOf(random, sockets), request);
        if (reply.data) shown += 1;
        expectKnown(reply, request);
        expect(failures).toEqual([]);
      }
      for (const { socket } of sockets) expect(socket.readyState).toBe(socket.OPEN);
    });
    expect(shown).toBeGreaterThan(requestCount / 20);
  }, 600_000);
});

describe('a value that GraphQL itself refuses', () => {
  const many = Array.from({ length: 40 }, () => ({ no: 'x'.repeat(1_000) }));
  const refused: [string, RandomRequest][] = [
    [
      'in more places than are named',
      {
        query: 'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { index } }',
        variables: { inputs: many },
      },
    ],
    [
      'in more places than are named, of a query',
      {
        query: 'query ($ids: [ID!]) { caregivers(filter: { ids: $ids }) { nodes { id } } }',
        variables: { ids: many },
      },
    ],
    [
      'that is null in the place of a default',
      { query: 'query ($id: ID! = "1") { caregiver(id: $id) { id } }', variables: { id: null } },
    ],
    [
      'that is null where an argument must not be',
      { query: 'query ($id: ID = "1") { caregiver(id: $id) { id } }', variables: { id: null } },
    ],
    [
      'that is null in a list',
      {
        query: 'query ($id: ID = "1") { report(filter: { caregiverIds: [$id] }) { timeZone } }',
        variables: { id: null },
      },
    ],
    [
      'that is null in a condition',
      { query: 'query ($if: Boolean = true) { ping @include(if: $if) }', variables: { if: null } },
    ],
    [
      'that is null in a condition further down',
      {
        query: 'query ($if: Boolean = true) { report { timeZone @skip(if: $if) } }',
        variables: { if: null },
      },
    ],
    [
      'that is none of an enum',
      {
        query: 'query ($action: AuditAction) { auditLog(filter: { action: $action }) { nodes { at } } }',
        variables: { action: 'x'.repeat(100_000) },
      },
    ],
    ['that is missing', { query: 'query ($id: ID!) { caregiver(id: $id) { id } }' }],
  ];

  test.each(refused)('%s is 400 and BAD_USER_INPUT', async (_what, request) => {
    const isMutation = request.query.startsWith('mutation');
    const isShort = JSON.stringify(request).length < 10_000;
    for (const way of isMutation || !isShort ? (['POST'] as const) : (['POST', 'GET'] as const)) {
      const { status, errors } = await send(world.api, way, request);
      expect([way, status, errors?.[0]]).toMatchObject([way, 400, refusal('BAD_USER_INPUT')]);
      expectKnown({ errors: errors as Reply['errors'] & object }, request);
      expect(errors?.every(({ extensions }) => extensions.code === 'BAD_USER_INPUT')).toBe(true);
    }
  });

  test.each([
    [
      'in more places than are named',
      'subscription ($ids: [ID!]) { reportChanged(filter: { caregiverIds: $ids }) { timeZone } }',
      { ids: many },
    ],
    [
      'that is null where an argument must not be',
      'subscription ($id: ID = "1") { reportChanged(filter: { caregiverIds: [$id] }) { timeZone } }',
      { id: null },
    ],
    [
      'that is null in a condition further down',
      'subscription ($if: Boolean = true) { reportChanged { timeZone @include(if: $if) } }',
      { if: null },
    ],
    [
      'that a field further down refuses',
      'subscription ($if: Boolean = false) { eventsChanged { nodes { payout { id @skip(if: $if) } } } }',
      { if: null },
    ],
    [
      'that is missing',
      'subscription ($filter: ReportFilter!) { reportChanged(filter: $filter) { timeZone } }',
      {},
    ],
  ])('%s is BAD_USER_INPUT over WebSocket, too', async (_what, query, variables) => {
    const raw = await dialSignedIn(world.api);
    const reply = await subscribe(raw, { query, variables });
    expect(reply.errors?.[0]).toMatchObject(refusal('BAD_USER_INPUT'));
    expectKnown(reply, query);
    expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  });
});

describe('the condition of a subscription', () => {
  const documents: [string, string][] = [
    ['of a variable', 'subscription S($if: Boolean!) { reportChanged @include(if: $if) { timeZone } }'],
    ['that leaves nothing', 'subscription S { reportChanged @skip(if: true) { timeZone } }'],
    ['that leaves all', 'subscription S { reportChanged @include(if: true) { timeZone } }'],
    [
      'of a fragment',
      'subscription S($if: Boolean!) { ...F @skip(if: $if) } fragment F on Subscription { reportChanged { timeZone } }',
    ],
    [
      'inside a fragment',
      'subscription S($if: Boolean!) { ...F } fragment F on Subscription { ...G } fragment G on Subscription { reportChanged @skip(if: $if) { timeZone } }',
    ],
    [
      'of a fragment in its place',
      'subscription S($if: Boolean!) { ... on Subscription @include(if: $if) { reportChanged { timeZone } } }',
    ],
    ['that is of none', 'subscription S { ... @include(if: $nowhere) { reportChanged { timeZone } } }'],
  ];
  const variables = { if: false };

  test.each(documents)(
    '%s is refused, also where another operation is asked for',
    async (_what, subscription) => {
      const query = `query Q { ping } ${subscription}`;
      const expected = refusal('GRAPHQL_VALIDATION_FAILED');
      for (const operationName of ['Q', 'S', 'Z']) {
        for (const way of ['POST', 'GET'] as const) {
          const { status, errors } = await send(world.api, way, { query, operationName, variables });
          expect([operationName, way, status, errors?.[0]]).toMatchObject([
            operationName,
            way,
            400,
            expected,
          ]);
        }
      }
      const raw = await dialSignedIn(world.api);
      for (const payload of [
        { query: subscription, variables },
        { query, operationName: 'S', variables },
        { query, operationName: 'Q', variables },
        { query, operationName: 'S' },
      ]) {
        expect((await subscribe(raw, payload)).errors?.[0]).toMatchObject(expected);
      }
      const well = 'subscription { reportChanged { timeZone } }';
      expect((await subscribe(raw, { query: well })).data).toEqual({
        reportChanged: { timeZone: 'Europe/Stockholm' },
      });
    },
  );

  test('further down is followed', async () => {
    const raw = await dialSignedIn(world.api);
    const query = 'subscription ($if: Boolean!) { reportChanged { timeZone from @include(if: $if) } }';
    expect((await subscribe(raw, { query, variables })).data).toEqual({
      reportChanged: { timeZone: 'Europe/Stockholm' },
    });
  });
});

test('a connection stays open, whatever an operation is named and however deep its values are', async () => {
  const raw = await dialSignedIn(world.api);
  const query = 'subscription A($filter: ReportFilter) { reportChanged(filter: $filter) { timeZone } }';
  // What JSON.stringify fails to write.
  const deep = `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}`;
  const withDeep = (name: string) => `{"query":${JSON.stringify(query)},"variables":{"${name}":${deep}}}`;
  for (const [payload, code] of [
    [{ query, operationName: 'x'.repeat(50_000) }, 'OPERATION_RESOLUTION_FAILURE'],
    [{ query, operationName: '' }, 'OPERATION_RESOLUTION_FAILURE'],
    [{ query: `${query} { ping }`, operationName: 'A' }, 'GRAPHQL_VALIDATION_FAILED'],
    [withDeep('filter'), 'QUERY_TOO_DEEP'],
    [withDeep('unused'), 'QUERY_TOO_DEEP'],
  ] as const) {
    const reply = await subscribe(raw, payload);
    expect(reply.errors?.[0]).toMatchObject(refusal(code));
    expectKnown(reply, code);
  }
  expect(raw.socket.readyState).toBe(raw.socket.OPEN);
});

test('fragments that use each other twice are looked at once, also of those who have not signed in', async () => {
  const levels = 24;
  const fragments = Array.from(
    { length: levels },
    (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`,
  );
  const query = `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { ping }`;
  // Its cost counts each use, 2^24 fields, though the answer has one; this is about all that comes after.
  const api = await startTestService({ limits: { queryCost: 10_000_000 } });
  const { ask } = await api.as();
  const startedMs = performance.now();
  expect((await ask(query)).data).toEqual({ ping: 'pong' });
  // Looked at each time, it would be 16 million times.
  expect(performance.now() - startedMs).toBeLessThan(1_000);
  await api.close();
});

import { request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { liveLimitsOf } from '../../src/platform/live/limits';
import { newDatabase } from '../support/databases';
import { createCaregiver, createEventType, noon, noonMs, register } from '../support/fixtures';
import { addressOf, connect, dial, dialSignedIn } from '../support/live';
import { serviceForTests, startTestService } from '../support/testService';
import { eventsChanged, reportChanged, shownIds } from './subscriptions';

const api = serviceForTests();

const subscribe = (id: string, query = eventsChanged) => ({
  id,
  type: 'subscribe',
  payload: { query, variables: { filter: { caregiverIds: [] } } },
});

describe('a live connection', () => {
  test.each([
    ['a query', '{ ping }'],
    ['a mutation', 'mutation { revokeToken(id: "x") { id } }'],
  ])('is for subscriptions, not for %s', async (_what, query) => {
    const raw = await dialSignedIn(api);
    raw.send(subscribe('1', query));
    expect(await raw.message('error')).toEqual({
      id: '1',
      type: 'error',
      payload: [
        {
          message: 'Here are subscriptions alone; send queries and mutations by POST /graphql.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    });
  });

  test.each([
    ['nonsense', 'GRAPHQL_PARSE_FAILED'],
    [`subscription { ${'a '.repeat(2_000)} }`, 'QUERY_TOO_LONG'],
    [`subscription ${'{ a '.repeat(50)}${'}'.repeat(50)}`, 'QUERY_TOO_DEEP'],
    [`subscription { reportChanged { ${'timeZone '.repeat(60)} } }`, 'TOO_MANY_ALIASES'],
    ['subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'subscription { reportChanged { timeZone } eventsChanged { nodes { id } } }',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['subscription { __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'subscription A { reportChanged { timeZone } } subscription B { reportChanged { timeZone } }',
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'subscription ($filter: ReportFilter!, $other: Int!) { reportChanged(filter: $filter) { timeZone rows(first: $other) { nodes { month } } } }',
      'BAD_USER_INPUT',
    ],
  ])('answers %s with what is wrong', async (query, code) => {
    const raw = await dialSignedIn(api);
    raw.send(subscribe('1', query));
    const { payload } = await Promise.race([raw.message('error'), raw.message('next')]);
    const errors = (Array.isArray(payload) ? payload : (payload as { errors: unknown }).errors) as object[];
    expect(errors[0]).toMatchObject({ message: expect.any(String), extensions: { code } });
    expect(raw.socket.readyState).toBe(raw.socket.OPEN);
  });

  test('is refused without the subprotocol', async () => {
    const raw = await dial(api, '');
    expect(await raw.closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' });
    await expect(dial(api, 'graphql-ws')).rejects.toThrow();
  });

  test.each([
    ['no JSON', '{'],
    ['JSON of another kind', '[]'],
    ['an unknown message', '{"type":"start"}'],
    ['a subscription without an id', '{"type":"subscribe","payload":{"query":"{ ping }"}}'],
  ])('is closed by %s', async (_what, message) => {
    const raw = await dialSignedIn(api);
    raw.send(message);
    expect((await raw.closed).code).toBe(4400);
  });

  test('is closed by a message that is too long, and takes one that is not', async () => {
    const raw = await dialSignedIn(api);
    const padded = (bytes: number) => {
      const message = { ...subscribe('1'), padding: '' };
      return { ...message, padding: 'x'.repeat(bytes - JSON.stringify(message).length) };
    };
    raw.send(padded(100_000));
    await raw.message('next');
    raw.send(padded(100_001));
    expect((await raw.closed).code).toBe(1009);
  });

  test('is closed by too many messages', async () => {
    const raw = await dialSignedIn(api);
    for (let count = 0; count < 300; count += 1) raw.send({ type: 'ping' });
    expect(await raw.closed).toMatchObject({
      code: 4429,
      reason: expect.stringMatching(/^Too many messages/),
    });
  });

  test('may have twenty subscriptions, and others when these have completed', async () => {
    const raw = await dialSignedIn(api);
    for (let id = 1; id <= 21; id += 1) raw.send(subscribe(String(id)));
    expect(await raw.message('error')).toMatchObject({
      id: '21',
      payload: [{ message: 'One connection may have 20 subscriptions: complete another one.' }],
    });
    raw.send({ id: '1', type: 'complete' });
    raw.send(subscribe('22'));
    while (!raw.messages.some(({ id, type }) => id === '22' && type === 'next')) await soon();
  });

  test('answers a ping', async () => {
    const raw = await dial(api);
    raw.send({ type: 'ping', payload: { quiet: true } });
    expect(await raw.message('pong')).toEqual({ type: 'pong', payload: { quiet: true } });
  });
});

describe('a page', () => {
  const origins: [string, (host: string) => string, boolean][] = [
    ['of the service itself', (host) => `http://${host}`, true],
    ['of the service behind TLS', (host) => `https://${host}`, true],
    ['that is listed', () => 'https://care.example.com', true],
    ['of somebody else', () => 'https://evil.example.com', false],
    ['on another port', () => 'http://127.0.0.1:1', false],
    ['without an origin of its own', () => 'null', false],
  ];
  const listing = serviceForTests({ corsOrigins: ['https://care.example.com'] });

  test.each(origins)('%s', async (_whose, originOf, mayConnect) => {
    const origin = originOf(await addressOf(listing));
    const dialled = dial(listing, 'graphql-transport-ws', { origin });
    if (mayConnect) expect((await dialled).socket.protocol).toBe('graphql-transport-ws');
    else await expect(dialled).rejects.toThrow('Unexpected server response: 403');
  });
});

describe('with small limits', () => {
  test('whoever does not sign in is closed out', async () => {
    const small = await startTestService({ liveLimits: { signInMs: 100 } });
    expect((await (await dial(small)).closed).code).toBe(4408);
    await small.close();
  });

  test('one token may have so many connections, and others as many', async () => {
    const small = await startTestService({ liveLimits: { socketsOfOneToken: 2 } });
    const [first] = [await dialSignedIn(small), await dialSignedIn(small)];
    const third = await dial(small);
    third.send({ type: 'connection_init', payload: { authorization: small.authorization } });
    expect(await third.closed).toEqual({
      code: 4429,
      reason: 'One token may have 2 connections open: close another one.',
    });
    await dialSignedIn(await small.as({ role: 'ANALYST' }));
    first.socket.close();
    await first.closed;
    await dialSignedIn(small);
    await small.close();
  });

  test('one address may have so many connections, and another as many', async () => {
    const small = await startTestService({
      liveLimits: { socketsOfOneAddress: 1 },
      trustedProxies: ['127.0.0.1'],
    });
    const from = (client: string) => dial(small, 'graphql-transport-ws', { 'x-forwarded-for': client });
    const first = await from('198.51.100.1');
    await expect(from('198.51.100.1')).rejects.toThrow('Unexpected server response: 429');
    await from('198.51.100.2');
    first.socket.close();
    await first.closed;
    await from('198.51.100.1');
    await small.close();
  });

  test('all together have half of the connections that the service takes, and an address half of these', () => {
    const { sockets, socketsOfOneAddress } = liveLimitsOf({ connections: 10 });
    expect([sockets, socketsOfOneAddress]).toEqual([5, 2]);
  });

  test('sockets and subscriptions are counted as requests are, for the address and for who has signed in', async () => {
    const small = await startTestService({ limits: { requestsOfPrincipal: 3, requestsOfAddress: 8 } });
    const raw = await dialSignedIn(small);
    expect((await small.ask('{ ping }')).status).toBe(200);
    raw.send(subscribe('1'));
    await raw.message('next');
    raw.send(subscribe('2'));
    while (!raw.messages.some(({ id, type }) => id === '2' && type === 'next')) await soon();
    raw.send(subscribe('3'));
    expect(await raw.message('error')).toMatchObject({
      id: '3',
      payload: [
        { message: expect.stringMatching(/^Everybody may send 3 /), extensions: { code: 'RATE_LIMITED' } },
      ],
    });
    // Those over WebSocket and over HTTP are of one number.
    expect((await small.ask('{ ping }')).status).toBe(429);
    const other = await dialSignedIn(await small.as({ role: 'ANALYST' }));
    other.send(subscribe('1'));
    await other.message('next');
    other.send(subscribe('2'));
    expect(await other.message('error')).toMatchObject({
      payload: [{ message: expect.stringMatching(/^An address may send 8 /) }],
    });
    await expect(dial(small)).rejects.toThrow('Unexpected server response: 429');
    await small.close();
  });

  test('all together may have so many connections', async () => {
    const small = await startTestService({ liveLimits: { sockets: 1 } });
    const first = await dialSignedIn(small);
    await expect(dial(small)).rejects.toThrow('Unexpected server response: 503');
    first.socket.close();
    await first.closed;
    await dialSignedIn(small);
    await small.close();
  });

  test('a client that does not answer is cut off, and one that does is not', async () => {
    const small = await startTestService({ liveLimits: { pingEveryMs: 200 } });
    const [deaf, well] = [await dialSignedIn(small), await dialSignedIn(small)];
    deaf.socket.pause();
    while (small.server.server.listening && (await connections(small)) > 1) await soon();
    deaf.socket.resume();
    expect((await deaf.closed).code).toBe(1006);
    expect(well.socket.readyState).toBe(well.socket.OPEN);
    await small.close();
  });

  test('a client that sends and does not read is cut off', async () => {
    const small = await startTestService({
      liveLimits: { waitingBytes: 100_000, messagesInTenSeconds: 1e9 },
    });
    const raw = await dialSignedIn(small);
    raw.socket.pause();
    const padding = 'x'.repeat(90_000);
    const flooding = setInterval(() => raw.send({ type: 'ping', payload: { padding } }), 1);
    while ((await connections(small)) > 0) await soon();
    clearInterval(flooding);
    await small.close();
  });

  function connections({ server }: { server: typeof api.server }): Promise<number> {
    return new Promise((resolve, reject) =>
      server.server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }
});

describe('over HTTP', () => {
  test.each([
    ['POST', reportChanged],
    ['POST', eventsChanged],
  ])('%s of a subscription is told where to go', async (_method, query) => {
    const answer = await api.ask(query);
    expect(answer).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    expect(answer.errors?.[0]?.message).toMatch(/^Subscriptions are answered over WebSocket: /);
    expect(answer.data).toBeUndefined();
  });

  test('another address takes no WebSocket', async () => {
    const socket = connectTcp(Number((await addressOf(api)).split(':')[1]), '127.0.0.1');
    socket.write(
      'GET /elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n' +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('a request that offers HTTP/2 beside, as clients of Java do, is answered as any other', async () => {
    const body = JSON.stringify({ query: '{ ping }', padding: 'x'.repeat(200_000) });
    const [host, port] = (await addressOf(api)).split(':');
    for (const chunked of [false, true]) {
      const answer = await new Promise<string>((resolve, reject) => {
        const sending = request(
          {
            host,
            port,
            method: 'POST',
            path: '/graphql',
            headers: {
              connection: 'Upgrade, HTTP2-Settings, close',
              upgrade: 'h2c',
              'http2-settings': 'AAEAAEAAAAIAAAAA',
              'content-type': 'application/json',
              ...(chunked
                ? { 'transfer-encoding': 'chunked' }
                : { 'content-length': Buffer.byteLength(body) }),
            },
          },
          (response) => text(response).then(resolve, reject),
        );
        sending.on('error', reject);
        sending.write(body.slice(0, 1_000));
        setTimeout(() => sending.end(body.slice(1_000)), 20);
      });
      expect(JSON.parse(answer)).toEqual({ data: { ping: 'pong' } });
    }
  });
});

describe('when the service stops', () => {
  test('clients are told to come back, and nobody is waited for', async () => {
    const stopping = await startTestService();
    const [client, deaf] = [await dialSignedIn(stopping), await dialSignedIn(stopping)];
    client.send(subscribe('1'));
    await client.message('next');
    deaf.socket.pause();
    await stopping.close();
    expect(await client.closed).toEqual({ code: 1012, reason: 'The service stops here. Connect again.' });
    deaf.socket.resume();
    await deaf.closed;
  });

  test('a page comes back by itself to the next one on its address, and has missed nothing', async () => {
    const database = newDatabase();
    await database.create();
    const first = await startTestService({ database });
    first.setNow(noonMs);
    const [caregiverId, eventTypeId] = [await createCaregiver(first), await createEventType(first)];
    const port = Number((await addressOf(first)).split(':')[1]);
    const client = await connect(first);
    const events = client.subscribe(eventsChanged);
    expect(shownIds(await events.next())).toEqual([]);
    await first.close();

    const second = await startTestService({ database });
    second.setNow(noonMs);
    const { event } = await register(second, { caregiverId, eventTypeId, occurredAt: noon });
    await second.server.listen({ host: '127.0.0.1', port });
    expect(shownIds(await events.next())).toEqual([event.id]);
    expect(client.timesOpened()).toBe(2);
    await client.close();
    await second.close();
    await database.drop();
  });
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 10));

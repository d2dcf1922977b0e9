import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { getIntrospectionQuery } from 'graphql';
import { Arg, Int, Query, Resolver } from 'type-graphql';
import { limitSettings } from '../../src/platform/limits';
import { examples } from '../../src/web/playground/examples';
import { dayMs, letPass, restoreClocks, setClockBy } from '../support/clocks';
import { noon } from '../support/fixtures';
import { serviceForTests, startTestService, type TestService } from '../support/testService';

@Resolver()
class SlowResolver {
  @Query(() => Int)
  async waited(@Arg('ms', () => Int) ms: number): Promise<number> {
    await sleep(ms);
    return ms;
  }
}

const api = serviceForTests();

/** The code that a request is refused with; undefined for an answer, or a refusal by GraphQL or the domain. */
async function limitOf(
  query: string,
  variables?: Record<string, unknown>,
  asker: TestService = api,
): Promise<string | undefined> {
  const { errors, status } = await asker.ask(query, variables);
  const code = errors?.[0]?.extensions?.code as string | undefined;
  if (code === undefined || /^(GRAPHQL_|BAD_USER_INPUT|UNKNOWN_)/.test(code)) return undefined;
  expect([code, status >= 400 && status < 500]).toEqual([code, true]);
  return code;
}

async function post(payload: unknown, { asker = api, headers = {} } = {}) {
  const response = await asker.server.inject({
    method: 'POST',
    url: '/graphql',
    headers: {
      'content-type': 'application/json',
      ...(asker.authorization !== undefined && { authorization: asker.authorization }),
      ...headers,
    },
    payload: payload as string,
  });
  return { status: response.statusCode, headers: response.headers, ...response.json() };
}

const register = 'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { index } }';

describe('a document', () => {
  const most = (name: keyof typeof limitSettings) => limitSettings[name].byDefault;

  test('has a limited number of tokens, and the refusal names limit and setting', async () => {
    const fields = (count: number) => `{ ${Array.from({ length: count }, (_, at) => `f${at}`).join(' ')} }`;
    expect(await limitOf(fields(most('queryTokens') - 2))).toBeUndefined();
    expect(await limitOf(fields(most('queryTokens') - 1))).toBe('QUERY_TOO_LONG');
    const { message } = await api.failure(fields(40_000));
    expect(message).toBe(
      "The document must have at most 1000 tokens (the service's setting MAX_QUERY_TOKENS); send values as variables.",
    );
  });

  test('is limited in depth, by fields, fragments and values', async () => {
    const loop = 'events(first: 1) { nodes { payout { ';
    const deep = (leaf: string) =>
      `{ payouts(first: 1) { nodes { ${loop.repeat(4)} ${leaf} ${'} } }'.repeat(4)} } } }`;
    expect(await limitOf(deep('id'))).toBeUndefined();
    expect(await limitOf(deep('events { nodes { id } }'))).toBe('QUERY_TOO_DEEP');
    expect(await limitOf(`${deep('...more')} fragment more on Payout { events { nodes { id } } }`)).toBe(
      'QUERY_TOO_DEEP',
    );
    const list = (depth: number) => `{ caregiver(id: ${'['.repeat(depth)}1${']'.repeat(depth)}) { id } }`;
    expect(await limitOf(list(15))).toBeUndefined();
    expect(await limitOf(list(16))).toBe('QUERY_TOO_DEEP');
    expect(await limitOf(list(400))).toBe('QUERY_TOO_DEEP');
    expect(await limitOf(`{ a${'{ a'.repeat(330)} ${'}'.repeat(331)}`)).toBe('QUERY_TOO_DEEP');
  });

  test('is limited in aliases', async () => {
    const aliases = (count: number) =>
      `{ ${Array.from({ length: count }, (_, at) => `a${at}: ping`).join(' ')} }`;
    expect(await limitOf(aliases(50))).toBeUndefined();
    expect(await limitOf(aliases(51))).toBe('TOO_MANY_ALIASES');
  });

  test('is limited in fields that it asks for again', async () => {
    expect(await limitOf(`{ ${'ping '.repeat(51)} }`)).toBeUndefined();
    expect(await limitOf(`{ ${'ping '.repeat(52)} }`)).toBe('TOO_MANY_ALIASES');
    expect(await limitOf(`{ ping ${'... { ping } '.repeat(51)} }`)).toBe('TOO_MANY_ALIASES');
    expect(await limitOf(`{ ${'viewer { caregiver { name } } '.repeat(51)} }`)).toBeUndefined();
  });

  test('is limited in fragments', async () => {
    const used = (count: number) => `{ ${'...all '.repeat(count)} } fragment all on Query { ping }`;
    expect(await limitOf(used(50))).toBeUndefined();
    expect(await limitOf(used(51))).toBe('TOO_MANY_FRAGMENTS');
  });

  test('of the playground and of its tools is within all limits', async () => {
    expect(
      await limitOf(
        getIntrospectionQuery({
          descriptions: true,
          specifiedByUrl: true,
          directiveIsRepeatable: true,
          schemaDescription: true,
          inputValueDeprecation: true,
        }),
      ),
    ).toBeUndefined();
    // Subscriptions go another way; what they may ask for is limited before that.
    for (const { query, variables } of examples(new Date()))
      expect(await limitOf(query, variables)).toBe(
        query.includes('subscription') ? 'BAD_REQUEST' : undefined,
      );
  });

  test('that is no GraphQL, or contains itself, is for GraphQL to refuse', async () => {
    for (const query of [
      '{',
      '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }',
      '{ ...missing }',
      'fragment a on Query { ping }',
      '{ ping } query other { ping }',
      'subscription { ping }',
    ]) {
      expect((await api.ask(query)).status).toBe(400);
    }
  });
});

describe('the cost of an answer', () => {
  const nested = (payouts: string, events: string) =>
    `{ payouts(first: ${payouts}) { nodes { events(first: ${events}) { nodes { caregiver { name } } } } } }`;

  test('grows with its pages, multiplied where they lie inside each other', async () => {
    expect(await limitOf(nested('20', '1000'))).toBeUndefined();
    expect(await limitOf(nested('100', '1000'))).toBe('QUERY_TOO_COSTLY');
    const { message } = await api.failure(nested('200', '1000'));
    expect(message).toContain("at most 200000 objects (the service's setting MAX_QUERY_COST)");
  });

  test('counts pages that variables ask for, or their defaults, or those of the schema', async () => {
    const asked = `query ($p: Int, $e: Int) ${nested('$p', '$e')}`;
    expect(await limitOf(asked, { p: 20, e: 1_000 })).toBeUndefined();
    expect(await limitOf(asked, { p: 1_000, e: 1_000 })).toBe('QUERY_TOO_COSTLY');
    expect(await limitOf(asked, {})).toBeUndefined();
    const byDefault = `query ($p: Int = 1000, $e: Int = 1000) ${nested('$p', '$e')}`;
    expect(await limitOf(byDefault)).toBe('QUERY_TOO_COSTLY');
    expect(await limitOf(byDefault, { p: 1 })).toBeUndefined();
  });

  test('lets through what the pages promise: 1,000 rows with all that is in them, and 10,000 ids', async () => {
    const tallies = ['reimbursed', 'unreimbursed', 'total']
      .map((name) => `${name} { amount events }`)
      .join(' ');
    const report = `query ($filter: ReportFilter) { report(filter: $filter) {
      rows(first: 1000) { nodes { month currency caregiver { name unit { name } } ${tallies} } } } }`;
    const caregiverIds = Array.from({ length: 10_000 }, (_, at) => String(at + 1));
    expect(await limitOf(report, { filter: { caregiverIds } })).toBeUndefined();
  });

  test('counts an outcome for each input of a batch', async () => {
    const inputs = Array.from({ length: 10_000 }, () => ({
      caregiverId: 1,
      eventTypeId: 1,
      occurredAt: noon,
    }));
    const outcome = (fields: string) =>
      `mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { ${fields} } }`;
    // Every field, so that no client is refused a batch of the size that is promised.
    const event = `event { id occurredAt month amount currency reimbursed registeredAt lateReason deletedAt deletedBy deleteReason
      caregiver { id externalId name unit { id externalId name } }
      eventType { id externalId name amount currency archived }
      payout { id createdAt createdBy } }`;
    const all = `index replayed ${event} error { code field message }`;
    expect(await limitOf(outcome(all), { inputs })).toBeUndefined();
    expect(await limitOf(outcome(`${all} again: ${event}`), { inputs })).toBe('QUERY_TOO_COSTLY');
  });

  test('of fragments that double themselves is known without counting to it', async () => {
    const fragments = Array.from(
      { length: 24 },
      (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`,
    );
    const query = `{ ...f0 } ${fragments.join(' ')} fragment f24 on Query { units { nodes { id } } }`;
    expect(await limitOf(query)).toBe('QUERY_TOO_COSTLY');
  });

  test('of asking for the schema allows that a few times at once', async () => {
    const asked = (times: number) =>
      `{ ${Array.from({ length: times }, (_, at) => `s${at}: __schema { types { name } }`).join(' ')} }`;
    expect(await limitOf(asked(10))).toBeUndefined();
    expect(await limitOf(asked(11))).toBe('QUERY_TOO_COSTLY');
  });
});

describe('a body', () => {
  const long = (bytes: number, query = '{ ping }') => {
    const body = JSON.stringify({ query, padding: '' });
    return body.replace('"padding":""', `"padding":"${'x'.repeat(bytes - body.length)}"`);
  };
  const mebibyte = 1_048_576;

  test('may have 1 MiB', async () => {
    expect(await post(long(mebibyte))).toMatchObject({ status: 200, data: { ping: 'pong' } });
    expect(await post(long(mebibyte + 1))).toMatchObject({
      status: 413,
      errors: [{ extensions: { code: 'BODY_TOO_LARGE' } }],
    });
  });

  test('may have 16 MiB when it registers a batch, whatever else it calls itself', async () => {
    const batch = 'mutation registerEvent { registerEvents(inputs: []) { index } }';
    expect((await post(long(16 * mebibyte, batch))).data).toEqual({ registerEvents: [] });
    expect((await post(long(16 * mebibyte + 1, batch))).status).toBe(413);
    expect((await post(long(mebibyte + 1, 'query registerEvents { ping }'))).status).toBe(413);
    expect((await post(long(mebibyte + 1, '{'))).status).toBe(413);
  });

  test('is not even read beyond 1 MiB from those who may register nothing', async () => {
    for (const asker of [await api.as({ role: 'ANALYST' }), await api.as()]) {
      const payload = long(mebibyte + 1, 'mutation { registerEvents(inputs: []) { index } }');
      expect((await post(payload, { asker })).status).toBe(413);
      const inParts = Readable.from([payload.slice(0, 100), payload.slice(100)]);
      expect((await post(inParts, { asker, headers: { 'transfer-encoding': 'chunked' } })).status).toBe(413);
    }
  });

  test('is one operation', async () => {
    for (const body of [[{ query: '{ ping }' }], Array(100).fill({ query: '{ ping }' }), []]) {
      const { status, errors } = await post(JSON.stringify(body));
      expect([status, errors[0].extensions.code]).toEqual([400, 'BATCHING_REFUSED']);
    }
  });

  test.each([
    ['a text', '"{ ping }"', 'BAD_REQUEST'],
    ['null', 'null', 'BAD_REQUEST'],
    ['nothing', '', 'BAD_REQUEST'],
    ['a number as its query', '{"query":5}', 'BAD_REQUEST'],
    ['a document that is read already', '{"query":{"kind":"Document"}}', 'BAD_REQUEST'],
    ['a key of all objects', '{"query":"{ ping }","__proto__":{"admin":true}}', 'BAD_REQUEST'],
    ['no JSON', '{"query":', 'BAD_REQUEST'],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'BAD_REQUEST'],
  ])('that is %s is refused', async (_what, body, code) => {
    const { status, errors } = await post(body);
    expect([status, errors[0].extensions.code]).toEqual([400, code]);
    expect(JSON.stringify(errors)).not.toMatch(/graphql-js|apollo|fastify|FST_/i);
  });
});

describe('the values of a request', () => {
  test('lie at most 15 deep inside each other', async () => {
    const nested = (depth: number) =>
      `{"query":"{ ping }","variables":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
    expect((await post(nested(13))).status).toBe(200);
    for (const depth of [14, 10_000, 500_000]) {
      expect((await post(nested(depth))).errors[0].extensions.code).toBe('QUERY_TOO_DEEP');
    }
    const search = new URLSearchParams({ query: '{ ping }', variables: `{"a":${'['.repeat(3_000)}` });
    const byGet = await api.server.inject({
      method: 'GET',
      url: `/graphql?${search}`,
      headers: { authorization: api.authorization as string, 'apollo-require-preflight': '1' },
    });
    expect(byGet.json().errors[0].extensions.code).toBe('QUERY_TOO_DEEP');
  });

  test('are limited in number, and so are the keys of an object', async () => {
    const ids = (count: number) => ({ ids: Array(count).fill('1') });
    expect(await limitOf('{ ping }', ids(99_000))).toBeUndefined();
    expect(await limitOf('{ ping }', ids(100_001))).toBe('TOO_MANY_VALUES');
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at]));
    expect(await limitOf('{ ping }', keys(200))).toBeUndefined();
    expect(await limitOf('{ ping }', keys(201))).toBe('TOO_MANY_VALUES');
    expect(await limitOf(register, { inputs: [keys(50_000)] })).toBe('TOO_MANY_VALUES');
  });

  test('are told from texts that look like them', async () => {
    const text = `${'[{'.repeat(1_000)}\\"\\\\"`;
    const variables = { a: text, b: `${text}\\`, c: '"', [text]: '\\' };
    expect(await limitOf('{ ping }', variables)).toBeUndefined();
    expect(await limitOf('{ ping }', { ...variables, d: Array(100_001).fill(0) })).toBe('TOO_MANY_VALUES');
  });

  test('are shown in part where they are refused, and names are not guessed', async () => {
    const { errors } = await api.ask(register, {
      inputs: Array(30).fill({ caregiverid: 'x'.repeat(5_000) }),
    });
    expect(errors?.length).toBeLessThanOrEqual(11);
    expect(JSON.stringify(errors).length).toBeLessThan(10_000);
    expect(JSON.stringify(errors)).not.toContain('Did you mean');
    expect((await api.failure('{ pong }')).message).toBe('Cannot query field "pong" on type "Query".');
  });
});

describe('how often somebody may ask', () => {
  const perMinute = serviceForTests({ limits: { requestsOfPrincipal: 3, requestsOfAddress: 10 } });

  test('is counted for each principal, and Retry-After says when to ask again', async () => {
    const anna = await perMinute.as({ role: 'CAREGIVER', caregiverId: 1 });
    for (let time = 0; time < 3; time += 1) expect((await anna.ask('{ ping }')).status).toBe(200);
    // Another token of hers is hers.
    const refused = await (await perMinute.as({ role: 'CAREGIVER', caregiverId: 1 })).ask('{ ping }');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(refused.errors?.[0]).toMatchObject({ extensions: { code: 'RATE_LIMITED' } });
    expect(refused.errors?.[0]?.message).toMatch(
      /^Everybody may send 3 requests a minute \(the service's setting MAX_REQUESTS_PER_MINUTE\)\. Try again in \d+ seconds?\.$/,
    );
    const bo = await perMinute.as({ role: 'CAREGIVER', caregiverId: 2 });
    expect((await bo.ask('{ ping }')).status).toBe(200);
    const download = await perMinute.server.inject({
      url: '/report.csv',
      headers: { authorization: anna.authorization as string },
    });
    expect([download.statusCode, download.json().error.code]).toEqual([429, 'RATE_LIMITED']);
  });

  test('is counted for each address, also of those who guess tokens, but not of who asks whether the service is well', async () => {
    const ask = (remoteAddress: string, authorization = 'Bearer a.b.c') =>
      perMinute.server.inject({ url: '/report.csv', remoteAddress, headers: { authorization } });
    for (let time = 0; time < 10; time += 1) expect((await ask('192.0.2.1')).statusCode).toBe(401);
    expect((await ask('192.0.2.1')).statusCode).toBe(429);
    expect((await ask('192.0.2.1', perMinute.authorization)).statusCode).toBe(429);
    expect((await ask('192.0.2.2')).statusCode).toBe(401);
    const missing = await perMinute.server.inject({ url: '/nothing', remoteAddress: '192.0.2.1' });
    expect(missing.statusCode).toBe(429);
    const probe = await perMinute.server.inject({ url: '/health/ready', remoteAddress: '192.0.2.1' });
    expect(probe.statusCode).toBe(200);
  });

  test('goes by the time that passes, whatever the clock is set to', async () => {
    const setting = await startTestService({ limits: { requestsOfPrincipal: 1, requestsOfAddress: 4 } });
    const refusedFor = async () => Number((await setting.ask('{ ping }')).headers['retry-after'] ?? 0);
    expect(await refusedFor()).toBe(0);
    for (const changeMs of [dayMs, -dayMs, 0]) {
      setClockBy(changeMs);
      const waitSeconds = await refusedFor();
      expect(waitSeconds).toBeGreaterThan(0);
      expect(waitSeconds).toBeLessThanOrEqual(60);
    }
    // Now the address has asked too often as well.
    expect(await refusedFor()).toBeGreaterThan(0);
    setClockBy(-dayMs);
    letPass(60_000);
    expect(await refusedFor()).toBe(0);
    restoreClocks();
    await setting.close();
  });

  test('is counted together for a network of IPv6, where one client has any number of addresses', async () => {
    const perAddress = await startTestService({ limits: { requestsOfAddress: 2 } });
    const ask = async (remoteAddress: string) =>
      (await perAddress.server.inject({ url: '/nothing', remoteAddress })).statusCode;
    expect(await ask('2001:db8:0:7::1')).toBe(404);
    expect(await ask('2001:DB8::7:ffff:2:3:4')).toBe(404);
    expect(await ask('2001:db8:0:7:1:2:3:4')).toBe(429);
    expect(await ask('2001:db8:0:8::1')).toBe(404);
    for (const status of [404, 404, 429]) expect(await ask('::ffff:192.0.2.9')).toBe(status);
    expect(await ask('192.0.2.9')).toBe(429);
    expect(await ask('::ffff:192.0.2.8')).toBe(404);
    await perAddress.close();
  });

  test('goes by the address that a trusted proxy tells, and by no other', async () => {
    const proxied = await startTestService({
      limits: { requestsOfAddress: 1 },
      trustedProxies: ['192.0.2.0/24'],
    });
    const ask = async (remoteAddress: string, client: string) =>
      (
        await proxied.server.inject({
          url: '/nothing',
          remoteAddress,
          headers: { 'x-forwarded-for': client },
        })
      ).statusCode;
    expect(await ask('192.0.2.1', '198.51.100.1')).toBe(404);
    expect(await ask('192.0.2.1', '198.51.100.2')).toBe(404);
    expect(await ask('192.0.2.1', '198.51.100.2')).toBe(429);
    expect(await ask('203.0.113.1', '198.51.100.3')).toBe(404);
    expect(await ask('203.0.113.1', '198.51.100.4')).toBe(429);
    // What stands before the client's address anybody may have written; what is none says nothing.
    expect(await ask('192.0.2.1', '198.51.100.9, 198.51.100.1')).toBe(429);
    expect(await ask('192.0.2.1', '198.51.100.1:5000, 192.0.2.7')).toBe(429);
    expect(await ask('192.0.2.1', '[2001:db8::1]:80')).toBe(404);
    expect(await ask('192.0.2.1', '2001:db8::2')).toBe(429);
    for (const status of [404, 429]) expect(await ask('192.0.2.1', `unknown${status}`)).toBe(status);
    await proxied.close();
  });
});

describe('time', () => {
  const hasty = serviceForTests({
    limits: { requestSeconds: 1 },
    moreResolvers: [SlowResolver],
  });
  const port = () => (hasty.server.server.address() as AddressInfo).port;
  beforeAll(() => hasty.server.listen({ host: '127.0.0.1', port: 0 }));

  test('to answer is limited, and says that what was to change may have been', async () => {
    expect((await hasty.ask('{ waited(ms: 20) }')).data).toEqual({ waited: 20 });
    const refused = await hasty.ask('{ waited(ms: 1500) }');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.errors?.[0]).toMatchObject({
      message: expect.stringContaining('took longer than 1 second '),
      extensions: { code: 'TIMEOUT' },
    });
    await sleep(700);
    expect((await hasty.ask('{ ping }')).status).toBe(200);
  });

  test('to send a request is limited', async () => {
    for (const begun of [
      'POST /graphql HTTP/1.1\r\nhost: a\r\n',
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    ]) {
      const socket = connect(port(), '127.0.0.1');
      socket.write(begun);
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 408 /);
      expect(answer).toContain('"code":"REQUEST_TOO_SLOW"');
    }
  });
});

describe('browsers', () => {
  const open = serviceForTests({ corsOrigins: ['https://care.example.com'] });

  test('are told what pages may do, with every answer', async () => {
    for (const url of ['/playground', '/graphql', '/nothing', '/health/live', '/report.csv']) {
      const { headers } = await api.server.inject({ url });
      expect([url, headers['content-security-policy']]).toEqual([
        url,
        expect.stringMatching(
          url === '/graphql'
            ? /^default-src 'none'; frame-ancestors 'none'$/
            : /^default-src 'none';.*script-src 'self';.*frame-ancestors 'none'$/,
        ),
      ]);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    }
  });

  test('let pages of listed origins ask, and no others', async () => {
    const preflight = async (asked: TestService, origin: string) =>
      (
        await asked.server.inject({
          method: 'OPTIONS',
          url: '/graphql',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization,content-type,read-from',
          },
        })
      ).headers;
    expect(await preflight(open, 'https://care.example.com')).toMatchObject({
      'access-control-allow-origin': 'https://care.example.com',
      'access-control-allow-headers': expect.stringMatching(/authorization.*content-type.*read-from/),
      'access-control-allow-methods': 'GET, POST',
    });
    for (const [asked, origin] of [
      [open, 'https://evil.example.com'],
      [open, 'null'],
      [api, 'https://care.example.com'],
    ] as const) {
      expect(await preflight(asked, origin)).not.toHaveProperty('access-control-allow-origin');
    }
    const { headers } = await open.ask('{ ping }', {}, { origin: 'https://care.example.com' });
    expect(headers['access-control-expose-headers']).toContain('retry-after');
  });
});

describe('what can be switched off', () => {
  const closed = serviceForTests({ introspection: false, playground: false });

  test('is telling the schema', async () => {
    const { status, errors } = await closed.ask('{ __schema { types { name } } }');
    expect([status, errors?.[0]?.extensions?.code]).toEqual([403, 'FORBIDDEN']);
    expect(errors?.[0]?.message).toContain('INTROSPECTION');
    expect(await closed.data('{ __typename ping }')).toEqual({ __typename: 'Query', ping: 'pong' });
  });

  test('is the playground, and no other page', async () => {
    expect((await closed.server.inject({ url: '/playground' })).statusCode).toBe(404);
    expect((await closed.server.inject({ url: '/report' })).statusCode).toBe(200);
  });
});

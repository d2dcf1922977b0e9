import sql from 'sql-template-tag';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { AppError } from '../../src/platform/errors';
import type { Context } from '../../src/platform/graphql/context';
import {
  createCaregiver,
  createEventType,
  findEvent,
  noon,
  noonMs,
  refusal,
  register,
} from '../support/fixtures';
import { serviceForTests, startTestService } from '../support/testService';

/** Resolvers that fail as bugs do, each with something in its error that no client may see. */
@Resolver()
class BrokenResolver {
  @Query(() => String)
  bug(): string {
    return (undefined as unknown as { secret: string }).secret;
  }

  @Query(() => String)
  failingStatement(@Ctx() { service }: Context): Promise<string> {
    return service.database.read(async (snapshot) => {
      await snapshot.all(sql`select secret_column from event where currency = ${'hunter2'}`);
      return 'never';
    });
  }

  @Query(() => String)
  somethingThrown(@Arg('what', () => String) what: string): string {
    if (what === 'text') throw 'a secret text';
    if (what === 'null') throw null;
    if (what === 'object') throw { secret: 'hunter2', extensions: { code: 'SECRET' } };
    throw Object.assign(new Error('a secret error'), {
      extensions: { code: 'SECRET', secret: 'hunter2', stacktrace: ['at secret'] },
    });
  }

  @Query(() => Number)
  wrongType(): number {
    return 'a secret that is no number' as unknown as number;
  }

  @Query(() => String, { nullable: true })
  sometimes(): string {
    throw new Error('a secret error');
  }

  @Query(() => String)
  expected(): string {
    throw new AppError('UNKNOWN_UNIT', 'There is no such unit.', 'unitId');
  }
}

const api = serviceForTests({ moreResolvers: [BrokenResolver] });

describe('an unexpected failure', () => {
  test.each([
    '{ bug }',
    '{ failingStatement }',
    '{ somethingThrown(what: "text") }',
    '{ somethingThrown(what: "null") }',
    '{ somethingThrown(what: "object") }',
    '{ somethingThrown(what: "error") }',
    '{ wrongType }',
  ])('of %s reaches the client as INTERNAL with a request id, and nothing else', async (query) => {
    const { errors, data } = await api.ask(query);
    expect(data).toBeNull();
    const [error] = errors ?? [];
    const requestId = error?.extensions?.requestId as string;
    expect(requestId).toMatch(/^\S{8,}$/);
    expect(errors).toEqual([
      {
        message: `Something went wrong inside the service. Quote the request id ${requestId} when you report it.`,
        locations: error?.locations,
        path: error?.path,
        extensions: { code: 'INTERNAL', requestId },
      },
    ]);
    expect(JSON.stringify(errors)).not.toMatch(
      /secret|hunter2|select|sqlite|postgres|typeorm|graphql|node_modules|\.[jt]s\b|\bat /i,
    );
  });

  test('has an id of its own each time', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await api.failure('{ bug }')).extensions?.requestId),
    );
    expect(new Set(ids).size).toBe(20);
  });

  test('that leaves no data has status 500, as the table of errors says', async () => {
    expect((await api.ask('{ bug }')).status).toBe(500);
  });

  test('of one field leaves the others answered', async () => {
    const answer = await api.ask('{ ping sometimes }');
    expect(answer).toMatchObject({ status: 200, data: { ping: 'pong', sometimes: null } });
    expect(answer.errors).toMatchObject([{ path: ['sometimes'], extensions: { code: 'INTERNAL' } }]);
  });
});

describe('an expected failure', () => {
  test('says its code, its field and what would be right', async () => {
    const answer = await api.ask('{ expected }');
    expect(answer.status).toBe(200);
    expect(answer.errors).toEqual([
      {
        message: 'There is no such unit.',
        locations: [{ line: 1, column: 3 }],
        path: ['expected'],
        extensions: { code: 'UNKNOWN_UNIT', field: 'unitId' },
      },
    ]);
  });
});

describe('a request that GraphQL itself refuses', () => {
  test.each([
    ['{ ping', 'Syntax Error: Expected Name, found <EOF>.', 'GRAPHQL_PARSE_FAILED'],
    ['', 'must contain a non-empty `query`', 'BAD_REQUEST'],
    ['{ report { totals { currenzy } } }', 'Cannot query field "currenzy"', 'GRAPHQL_VALIDATION_FAILED'],
    [
      '{ report(filter: { units: [] }) { timeZone } }',
      'Field "units" is not defined',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['{ caregiver { id } }', 'argument "id" of type "ID!" is required', 'GRAPHQL_VALIDATION_FAILED'],
    [
      '{ caregivers(first: "ten") { nodes { id } } }',
      'non-integer value: "ten"',
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'query ($id: ID!) { caregiver(id: $id) { id } }',
      'Variable "$id" of required type "ID!" was not provided',
      'BAD_USER_INPUT',
    ],
  ])('%j says where', async (query, message, code) => {
    const answer = await api.ask(query);
    expect(answer.status).toBe(400);
    expect(answer.errors?.[0]?.message).toContain(message);
    expect(answer.errors?.[0]?.extensions).toEqual({ code });
  });

  const create = (name: string) =>
    `mutation ($${name}: CreateEventTypeInput!) { createEventType(input: $${name}) { id } }`;

  test('names the field of a variable, whatever the variable is called', async () => {
    for (const name of ['input', 'filter', 'wish']) {
      const variables = { [name]: { name: 'never', amount: 0.5 } };
      expect(await api.failure(create(name), variables)).toMatchObject(refusal('BAD_USER_INPUT', 'amount'));
    }
    const list = await api.failure(
      'mutation ($inputs: [RegisterEventInput!]!) { registerEvents(inputs: $inputs) { index } }',
      { inputs: [{ caregiverId: 1, eventTypeId: 1, occurredAt: noon, lateReason: 5 }] },
    );
    expect(list).toMatchObject(refusal('BAD_USER_INPUT', 'inputs[0].lateReason'));
  });

  test('names the field that is missing or not known', async () => {
    const missing = await api.failure(create('input'), { input: { name: 'never' } });
    expect(missing.message).toContain('Field "amount" of required type "MinorUnits!" was not provided');
    const unknown = await api.failure(create('input'), {
      input: { name: 'never', amount: 1, colour: 'red' },
    });
    expect(unknown.message).toContain('Field "colour" is not defined by type "CreateEventTypeInput"');
  });
});

describe('over HTTP', () => {
  const get = (url: string, headers = {}) => api.server.inject({ method: 'GET', url, headers });

  test('a query may come by GET, a mutation may not', async () => {
    api.setNow(noonMs);
    const header = { 'apollo-require-preflight': '1' };
    const query = await get(`/graphql?query=${encodeURIComponent('{ ping }')}`, header);
    expect([query.statusCode, query.json()]).toEqual([200, { data: { ping: 'pong' } }]);

    const input = {
      caregiverId: await createCaregiver(api),
      eventTypeId: await createEventType(api),
      occurredAt: noon,
    };
    const { event } = await register(api, input);
    const mutation = `mutation { deleteEvent(id: "${event.id}") { id } }`;
    const refused = await get(`/graphql?query=${encodeURIComponent(mutation)}`, header);
    expect(refused.statusCode).toBe(405);
    expect(refused.headers.allow).toBe('POST');
    expect(await findEvent(api, event.id)).toEqual(event);
  });

  test('what a foreign page could make a browser send is refused', async () => {
    const simple = await get(`/graphql?query=${encodeURIComponent('{ ping }')}`);
    expect(simple.statusCode).toBe(400);
    const form = await api.server.inject({
      method: 'POST',
      url: '/graphql',
      headers: { 'content-type': 'text/plain' },
      payload: JSON.stringify({ query: '{ ping }' }),
    });
    expect(form.statusCode).toBe(415);
  });

  test('a body that is no JSON, or too large, is refused without the name of any library', async () => {
    const send = (payload: string) =>
      api.server.inject({
        method: 'POST',
        url: '/graphql',
        headers: { 'content-type': 'application/json' },
        payload,
      });
    const broken = await send('{"query":');
    expect(broken.statusCode).toBe(400);
    expect(broken.body).not.toMatch(/FST_|fastify|apollo|\bat /i);
    const large = await send(
      JSON.stringify({ query: '{ ping }', variables: { x: 'x'.repeat(17 * 1024 * 1024) } }),
    );
    expect(large.statusCode).toBe(413);
    expect(large.body).not.toMatch(/FST_|fastify|apollo|\bat /i);
  });

  test('an address that there is not is 404', async () => {
    expect((await get('/nothing/here')).statusCode).toBe(404);
  });

  test('the service is live and ready', async () => {
    const [live, ready] = [await get('/health/live'), await get('/health/ready')];
    expect([live.statusCode, live.json()]).toEqual([200, { status: 'live' }]);
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  test('without its database it is live and not ready, and says nothing of why', async () => {
    const { server, service, ask, close } = await startTestService();
    await service.close();
    const live = await server.inject({ method: 'GET', url: '/health/live' });
    const ready = await server.inject({ method: 'GET', url: '/health/ready' });
    expect([live.statusCode, ready.statusCode]).toEqual([200, 503]);
    expect(ready.json()).toEqual({
      status: 'unavailable',
      failed: 'database',
      reason: 'The database cannot be written.',
    });
    const { data, errors } = await ask('{ report { totals { currency } months { month } } }');
    expect(data).toBeNull();
    expect(JSON.stringify(errors)).not.toMatch(/sqlite|postgres|typeorm|connection|\.db/i);
    await close();
  });
});

// What `npm run build` has made.
describe('the pages', () => {
  const get = (url: string) => api.server.inject({ method: 'GET', url });

  test.each(['/', '/playground'])('%s brings everything it needs along', async (path) => {
    const page = await get(path);
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['cache-control']).toBe('no-cache');
    const assets = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
    expect(assets.map((address) => address.split('.').pop()).sort()).toEqual(
      expect.arrayContaining(['css', 'js', 'svg']),
    );
    for (const address of assets) {
      expect(address).toMatch(/^\/assets\//);
      const asset = await get(address);
      expect([address, asset.statusCode]).toEqual([address, 200]);
      expect(asset.headers['content-type']).toMatch(
        /^(text\/(css|javascript)|application\/javascript|image\/svg)/,
      );
      expect(asset.headers['cache-control']).toContain('immutable');
    }
  });

  test('serves no other files', async () => {
    for (const path of ['../index.html', '..%2findex.html', '..%2f..%2f..%2fpackage.json', 'nothing.js']) {
      expect((await get(`/assets/${path}`)).statusCode).toBeGreaterThanOrEqual(400);
    }
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Fastify from 'fastify';
import { buildSchema, type GraphQLField } from 'graphql';
import { anonymous } from '../../src/platform/access/principal';
import { type Cell, cellOf, columns, type Row } from '../../src/platform/access/roles';
import { guardRoutes } from '../../src/platform/server/guardRoutes';
import { guardSchema } from '../../src/platform/server/guardSchema';
import { createSchema } from '../../src/platform/server/schema';
import { accessTableOf } from '../../src/platform/subsystem';
import { subsystems } from '../../src/subsystems';
import { get, type Met, probes } from './probes';
import { createWorld, month, seenBy, type World } from './world';

const table = accessTableOf(subsystems);
const operations = [...table.keys()];
const rowOf = (operation: string) => table.get(operation) as Row;

/** What the table promises a role that asks for data of all three caregivers. */
function promised(operation: string, cell: Cell, role: string): Met {
  if (cell === 'none') {
    return {
      refused:
        role === 'ANONYMOUS' ? { status: 401, code: 'UNAUTHENTICATED' } : { status: 403, code: 'FORBIDDEN' },
    };
  }
  if (/^Query\.units?$/.test(operation)) return { whose: cell === 'all' ? ['north', 'south'] : ['north'] };
  const isScoped = rowOf(operation).some((other) => other === 'own' || other === 'unit');
  return { whose: isScoped ? seenBy[cell] : [] };
}

describe('the table of roles, cell by cell', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.api.close());

  const cells = operations.flatMap((operation) =>
    columns.map((role) => [operation, role, cellOf(rowOf(operation), role)] as const),
  );
  test.each(cells)('%s by %s: %s', async (operation, role, cell) => {
    expect(await probes[operation]?.(world, world.people[role])).toEqual(promised(operation, cell, role));
  });

  test('a row for every query, mutation and subscription, and none too many', () => {
    const schema = createSchema(subsystems);
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
      (type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`),
    );
    const rows = operations.filter((name) => /^(Query|Mutation|Subscription)\./.test(name));
    expect(rows.sort()).toEqual(fields.sort());
    for (const name of operations.filter((name) => /^\w+Input\./.test(name))) {
      const [type, field] = name.split('.');
      expect(schema.getType(type as string)?.toConfig()).toMatchObject({
        fields: { [field as string]: expect.anything() },
      });
    }
  });

  test('a row for every HTTP route, and none too many', () => {
    const routes = operations.filter((name) => name.includes(' '));
    expect(routes.length).toBeGreaterThan(5);
    for (const route of routes) {
      const [method, url] = route.split(' ') as ['GET', string];
      expect([route, world.api.server.hasRoute({ method, url })]).toEqual([route, true]);
    }
  });

  test('docs/roles.md shows the same table', () => {
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'roles.md'), 'utf8');
    expect(/\| \| no token \|.*?(?=\n\n)/s.exec(page)?.[0]).toBe(asMarkdown());
  });
});

/** Operations of which nobody has said who may use them. */
describe('an operation without a row', () => {
  test.each(['Query', 'Mutation', 'Subscription'])(
    'among the fields of %s keeps the service from starting',
    (type) => {
      const text =
        type === 'Query'
          ? 'type Query { ping: String unheardOf: String }'
          : `type Query { ping: String } type ${type} { unheardOf: String }`;
      const schema = buildSchema(text);
      expect(() => guardSchema(schema, table, false)).toThrow(
        `${type}.unheardOf has no row in its subsystem's`,
      );
    },
  );

  test('is refused to those whom the table leaves out, in both halves of a subscription', () => {
    const { eventsChanged, reportChanged } =
      createSchema(subsystems).getSubscriptionType()?.getFields() ?? {};
    for (const { name, subscribe, resolve } of [eventsChanged, reportChanged].map(
      (field) => field as GraphQLField<unknown, unknown>,
    )) {
      for (const half of [subscribe, resolve]) {
        expect(() => half?.({}, {}, { principal: anonymous }, { fieldName: name } as never)).toThrow(
          'Sign in for this',
        );
      }
    }
  });

  test.each(['GET', 'POST', 'DELETE'] as const)(
    'among the routes, by %s, keeps the service from starting',
    (method) => {
      const server = Fastify();
      guardRoutes(server, table);
      expect(() => server.route({ method, url: '/unheard-of', handler: async () => 'open' })).toThrow(
        `${method} /unheard-of has no row in its subsystem's`,
      );
    },
  );

  test('that exists for measurements alone is for administrators', async () => {
    const schema = buildSchema('type Query { measure: String }');
    guardSchema(schema, table, true);
    const resolve = schema.getQueryType()?.getFields().measure?.resolve;
    const call = (role: string) =>
      resolve?.({ measure: 'done' }, {}, { principal: { role } }, { fieldName: 'measure' } as never);
    expect(call('ADMIN')).toBe('done');
    for (const role of ['MANAGER', 'ANALYST'])
      expect(() => call(role)).toThrow('This is for the role ADMIN.');
    expect(() => call('ANONYMOUS')).toThrow('Sign in for this');
  });
});

describe('what has no row of its own', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.api.close());

  test.each([
    '{ __schema { types { name } } }',
    '{ __type(name: "Event") { name } }',
    '{ ... { ping ...all } } fragment all on Query { ...more } fragment more on Query { s: __schema { types { name } } }',
  ])('the schema is told to those who have signed in, by %s', async (query) => {
    expect(await world.people.ANONYMOUS.ask(query)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    for (const asker of [world.people.CAREGIVER, world.people.ANALYST]) {
      expect((await asker.ask(query)).errors).toBeUndefined();
    }
  });

  test('the name of a type is told to everybody, and so is whatever stands beside what is refused', async () => {
    expect(await world.people.ANONYMOUS.data('{ __typename }')).toEqual({ __typename: 'Query' });
    const answer = await world.people.ANONYMOUS.ask('{ ping caregiver(id: "1") { name } }');
    expect(answer).toMatchObject({ status: 200, data: { ping: 'pong', caregiver: null } });
    expect(answer.errors).toMatchObject([{ path: ['caregiver'], extensions: { code: 'UNAUTHENTICATED' } }]);
  });

  test('a refused mutation changes nothing, also in the middle of others', async () => {
    const { CAREGIVER } = world.people;
    const answer = await CAREGIVER.ask(`mutation {
      own: deleteEvent(id: "${world.owed.anna}") { id }
      paid: reimburseEvents(input: { eventIds: ["${world.owed.bo}"] }) { id }
    }`);
    expect(answer.errors).toMatchObject([{ path: ['paid'], extensions: { code: 'FORBIDDEN' } }]);
    expect(answer.errors?.[0]?.message).toBe(
      'reimburseEvents is for the roles ACCOUNTANT and ADMIN; you are signed in as CAREGIVER.',
    );
    const { event } = await world.api.data(`{ event(id: "${world.owed.bo}") { reimbursed } }`);
    expect(event.reimbursed).toBe(false);
  });

  test('an address that there is not is 404 for everybody, also with a bad token', async () => {
    for (const asker of [world.people.ANONYMOUS, world.people.ADMIN, world.api.withToken('bad.bad.bad')]) {
      expect((await get(asker, '/nothing')).statusCode).toBe(404);
    }
  });

  test('a page is shown also to those who send something else than a token', async () => {
    const headers = { authorization: 'Basic YW5uYTpodW50ZXIy' };
    for (const url of ['/playground', '/health/live', '/health/ready']) {
      expect((await world.api.server.inject({ method: 'GET', url, headers })).statusCode).toBe(200);
    }
    const download = await world.api.server.inject({
      method: 'GET',
      url: `/report.csv?toMonth=${month}`,
      headers,
    });
    expect(download.statusCode).toBe(401);
    expect(download.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(download.json()).toEqual({
      error: { code: 'UNAUTHENTICATED', message: 'The header Authorization must read "Bearer TOKEN".' },
    });
  });
});

/** The table as it stands in docs/roles.md: operations with the same cells share a line. */
function asMarkdown(): string {
  const lines = new Map<string, string[]>();
  for (const operation of operations) {
    const cells = columns
      .map((role) => cellOf(rowOf(operation), role))
      .map((cell) => (cell === 'none' ? '–' : cell));
    const key = cells.join(' | ');
    lines.set(key, [
      ...(lines.get(key) ?? []),
      `\`${operation.replace(/^(Query|Mutation|Subscription)\./, '')}\``,
    ]);
  }
  const heads = columns.map((role) => (role === 'ANONYMOUS' ? 'no token' : role));
  return [
    `| | ${heads.join(' | ')} |`,
    `| --- |${' --- |'.repeat(heads.length)}`,
    ...[...lines].map(([cells, names]) => `| ${names.join(', ')} | ${cells} |`),
  ].join('\n');
}

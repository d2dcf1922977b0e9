import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { createEventType, noon, registerEvent, registerEvents, unique } from '../support/fixtures';
import { connect, type Seen } from '../support/live';
import type { TestService } from '../support/testService';
import { forEach, month, type Name, names, registerNow, type World, worth } from './world';

/** What a role has met: a refusal, or whose data it saw or changed; `[]` where data belong to nobody. */
export type Met = { refused: { status: number; code: string } } | { whose: readonly string[] };

/** Sends a real request, as somebody, and finds out for whom it did something. */
type Probe = (world: World, asker: TestService) => Promise<Met>;

const nobody: Met = { whose: [] };

/** For each row of the table of roles, a request that shows its cells. */
export const probes: Record<string, Probe> = {
  'Query.ping': succeeds('{ ping }'),
  'Query.service': succeeds('{ service { version } }'),
  'Query.viewer': succeeds('{ viewer { role name tokenId expiresAt caregiver { id } unit { id } } }'),
  'Query.eventType': (world, asker) =>
    ask(asker, `{ eventType(id: "${world.eventTypes.cleo}") { name } }`, (data) => {
      expect(data.eventType).not.toBeNull();
      return [];
    }),
  'Query.eventTypes': (_world, asker) =>
    ask(asker, '{ eventTypes { nodes { id } } }', (data) => {
      expect(data.eventTypes.nodes.length).toBeGreaterThanOrEqual(names.length);
      return [];
    }),

  'Query.caregiver': oneByOne(
    (world, name) => `{ found: caregiver(id: "${world.caregivers[name]}") { id } }`,
  ),
  'Query.caregivers': (world, asker) =>
    ask(asker, '{ caregivers(first: 1000) { nodes { id } } }', (data) =>
      namesOf(world, data.caregivers.nodes),
    ),
  'Query.unit': async (world, asker) => {
    const seen: string[] = [];
    for (const [name, id] of Object.entries(world.units)) {
      const met = await ask(asker, `{ unit(id: "${id}") { id } }`, (data) => (data.unit ? [name] : []));
      if ('refused' in met) return met;
      seen.push(...met.whose);
    }
    return { whose: seen };
  },
  'Query.units': (world, asker) =>
    ask(asker, '{ units(first: 1000) { nodes { id } } }', (data) =>
      Object.entries(world.units)
        .filter(([, id]) => data.units.nodes.some((unit: { id: string }) => unit.id === id))
        .map(([name]) => name),
    ),

  'Query.event': oneByOne(
    (world, name) => `{ found: event(id: "${world.owed[name]}") { id caregiver { id } } }`,
  ),
  'Query.events': (world, asker) =>
    ask(asker, `{ events(filter: { toMonth: "${month}" }) { ${eventNodes} } }`, ({ events }) =>
      whoseEvents(world, events),
    ),
  'Subscription.eventsChanged': (world, asker) =>
    subscribe(
      asker,
      `subscription { eventsChanged(filter: { toMonth: "${month}" }) { ${eventNodes} } }`,
      ({ eventsChanged }) => whoseEvents(world, eventsChanged),
    ),
  'Query.report': (world, asker) =>
    ask(asker, `{ report(filter: { toMonth: "${month}" }) { ${reportFields} } }`, ({ report }) =>
      whoseReport(world, report),
    ),
  'Subscription.reportChanged': (world, asker) =>
    subscribe(
      asker,
      `subscription { reportChanged(filter: { toMonth: "${month}" }) { ${reportFields} } }`,
      ({ reportChanged }) => whoseReport(world, reportChanged),
    ),
  'GET /report.csv': async (world, asker) => {
    const response = await get(asker, `/report.csv?toMonth=${month}`);
    if (response.statusCode !== 200)
      return { refused: { status: response.statusCode, code: response.json().error.code } };
    const rows: Record<string, string>[] = parse(response.body, { columns: true });
    return {
      whose: namesOf(
        world,
        rows.map((row) => ({ id: row.caregiver_id as string })),
      ),
    };
  },

  'Mutation.registerEvent': changes(
    async () => undefined,
    (world, name) => [registerEvent, { input: newEvent(world, name) }],
    'UNKNOWN_CAREGIVER',
  ),
  'RegisterEventInput.lateReason': changes(
    async () => undefined,
    (world, name) => [
      registerEvent,
      { input: { ...newEvent(world, name), occurredAt: '2026-03-01T12:00:00Z', lateReason: 'was away' } },
    ],
    'UNKNOWN_CAREGIVER',
  ),
  'Mutation.registerEvents': async (world, asker) => {
    const inputs = names.map((name) => newEvent(world, name));
    return ask(
      asker,
      registerEvents,
      ({ registerEvents: outcomes }) => {
        const refused = outcomes.filter(({ error }: { error: unknown }) => error);
        for (const { error, index } of refused) {
          expect(error).toEqual({
            code: 'UNKNOWN_CAREGIVER',
            field: 'caregiverId',
            message: `There is no caregiver ${inputs[index]?.caregiverId}.`,
          });
        }
        return names.filter((_name, index) => !outcomes[index].error);
      },
      { inputs },
    );
  },
  'Mutation.deleteEvent': changes(
    (world, name) => registerNow(world, name),
    (_world, _name, id) => ['mutation ($id: ID!) { deleteEvent(id: $id) { id deletedAt } }', { id }],
    'UNKNOWN_EVENT',
  ),

  'Query.payout': (world, asker) =>
    ask(asker, `{ payout(id: "${world.payoutId}") { totals { amount } } }`, (data) => {
      expect(data.payout.totals).toEqual([{ amount: 111 }]);
      return [];
    }),
  'Query.payouts': (world, asker) =>
    ask(asker, '{ payouts(first: 1000) { nodes { id } } }', (data) => {
      expect(data.payouts.nodes).toContainEqual({ id: world.payoutId });
      return [];
    }),
  'Mutation.reimburseEvents': async (world, asker) => {
    const eventIds = Object.values(await forEach((name) => registerNow(world, name)));
    const mutation =
      'mutation ($input: ReimburseEventsInput!) { reimburseEvents(input: $input) { totals { events } } }';
    return ask(asker, mutation, () => [], { input: { eventIds } });
  },

  'Query.auditLog': (world, asker) =>
    ask(asker, '{ auditLog(first: 1000) { nodes { action targetId } } }', (data) => {
      expect(data.auditLog.nodes).toContainEqual({ action: 'reimburseEvents', targetId: world.payoutId });
      return [];
    }),
  'Mutation.createCaregiver': succeeds('mutation { createCaregiver(input: { name: "New" }) { id } }'),
  'Mutation.updateCaregiver': (world, asker) =>
    ask(
      asker,
      `mutation { updateCaregiver(id: "${world.caregivers.anna}", input: { name: "anna" }) { id } }`,
      () => [],
    ),
  'Mutation.createUnit': succeeds('mutation { createUnit(input: { name: "New" }) { id } }'),
  'Mutation.createEventType': (_world, asker) =>
    ask(
      asker,
      'mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { id } }',
      () => [],
      { input: { name: unique('Event type'), amount: 1 } },
    ),
  'Mutation.updateEventType': (world, asker) =>
    ask(asker, `mutation { updateEventType(id: "${world.eventTypes.bo}", input: {}) { id } }`, () => []),
  'Mutation.deleteEventType': async (world, asker) =>
    ask(asker, `mutation { deleteEventType(id: "${await createEventType(world.api)}") { id } }`, () => []),
  'Mutation.createToken': succeeds('mutation { createToken(input: { role: ANALYST }) { id } }'),
  'Query.revokedTokens': revokeAndList,
  'Mutation.revokeToken': (_world, asker) =>
    ask(asker, `mutation { revokeToken(id: "${randomUUID()}") { id } }`, () => []),

  'GET /': opens('/'),
  'GET /report': opens('/report'),
  'GET /register': opens('/register'),
  'GET /payouts': opens('/payouts'),
  'GET /admin': opens('/admin'),
  'GET /api': opens('/api'),
  'GET /playground': opens('/playground'),
  'GET /worker.js': opens('/worker.js'),
  'GET /assets/*': async (world, asker) => {
    const page = await get(world.api, '/playground');
    return open(asker, /"(\/assets\/[^"]+)"/.exec(page.body)?.[1] as string, 200);
  },
  'GET /metrics': opens('/metrics'),
  'GET /health/live': opens('/health/live'),
  'GET /health/ready': opens('/health/ready'),
  'GET /graphql': opens('/graphql?query={ping}'),
  'POST /graphql': succeeds('{ ping }'),
};

async function revokeAndList({ api }: World, asker: TestService): Promise<Met> {
  const id = randomUUID();
  await api.data(`mutation { revokeToken(id: "${id}") { id } }`);
  return ask(asker, '{ revokedTokens(first: 1000) { nodes { id } } }', (data) => {
    expect(data.revokedTokens.nodes).toContainEqual({ id });
    return [];
  });
}

const tallies = 'reimbursed { amount events } unreimbursed { amount events }';
const reportFields = `totals { ${tallies} } months { ${tallies} } rows { nodes { caregiver { id unit { id } } ${tallies} } }`;
const eventNodes = 'nodes { caregiver { id } eventType { id } payout { id } }';

const caregiverOf = ({ caregiver }: { caregiver: { id: string } }) => caregiver;

function namesOf({ caregivers }: World, found: readonly { id: string }[]): Name[] {
  return names.filter((name) => found.some(({ id }) => id === caregivers[name]));
}

// biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
function whoseReport(world: World, report: any): Name[] {
  const found = namesOf(world, report.rows.nodes.map(caregiverOf));
  const sum = found.reduce((total, name) => total + worth[name], 0);
  const expected = {
    reimbursed: { amount: sum, events: found.length },
    unreimbursed: { amount: sum, events: found.length },
  };
  expect(report.totals).toEqual([expected]);
  expect(report.months).toEqual([expected]);
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
function whoseEvents(world: World, { nodes }: any): Name[] {
  const found = namesOf(world, nodes.map(caregiverOf));
  expect(nodes).toHaveLength(2 * found.length);
  return found;
}

function newEvent({ caregivers, eventTypes }: World, name: Name) {
  return { caregiverId: caregivers[name], eventTypeId: eventTypes[name], occurredAt: noon };
}

async function ask(
  asker: TestService,
  query: string,
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  read: (data: any) => readonly string[],
  variables: Record<string, unknown> = {},
): Promise<Met> {
  const { status, data, errors, headers } = await asker.ask(query, variables);
  if (!errors) return { whose: read(data) };
  const code = String(errors[0]?.extensions?.code);
  if (status === 401) expect(headers['www-authenticate']).toBe('Bearer');
  expect(errors[0]?.message).toMatch(
    /^(Sign in for this: .*|\S.* is for the roles? .*; you are signed in as \w+)\.$/,
  );
  return { refused: { status, code } };
}

/** A subscription, by its first answer. Who is refused as a person is closed out, with HTTP's status behind the 44. */
async function subscribe(
  asker: TestService,
  query: string,
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  read: (data: any) => readonly string[],
): Promise<Met> {
  const client = await connect(asker);
  const answer = await Promise.race([client.subscribe(query).next(), client.closed]);
  await client.close();
  if ('code' in answer) {
    expect(answer).toMatchObject({ code: 4401, reason: expect.stringMatching(/^Sign in: /) });
    return { refused: { status: 401, code: 'UNAUTHENTICATED' } };
  }
  const { data, errors } = answer as Seen;
  if (!errors) return { whose: read(data) };
  expect(data ?? null).toBeNull();
  return { refused: { status: 403, code: String(errors[0]?.extensions?.code) } };
}

/** An operation that is allowed as a whole or not at all. */
function succeeds(query: string): Probe {
  return (_world, asker) => ask(asker, query, () => []);
}

/** A query for one thing of each caregiver: what is not theirs looks like what there is not. */
function oneByOne(query: (world: World, name: Name) => string): Probe {
  return async (world, asker) => {
    const seen: string[] = [];
    for (const name of names) {
      const met = await ask(asker, query(world, name), ({ found }) => (found ? [name] : []));
      if ('refused' in met) return met;
      seen.push(...met.whose);
    }
    return { whose: seen };
  };
}

/** A mutation for each caregiver: for one who is not theirs it fails as for one who does not exist. */
function changes<Prepared>(
  prepare: (world: World, name: Name) => Promise<Prepared>,
  request: (world: World, name: Name, prepared: Prepared) => [string, Record<string, unknown>],
  unknown: string,
): Probe {
  return async (world, asker) => {
    const done: string[] = [];
    for (const name of names) {
      const [query, variables] = request(world, name, await prepare(world, name));
      const { status, errors } = await asker.ask(query, variables);
      const error = errors?.[0];
      const code = String(error?.extensions?.code);
      if (!error) done.push(name);
      else if (code === unknown) expect(error.message).toMatch(/^There is no (caregiver|event) \S+\.$/);
      else return { refused: { status, code } };
    }
    return { whose: done };
  };
}

function opens(url: string, status = 200): Probe {
  return (_world, asker) => open(asker, url, status);
}

async function open(asker: TestService, url: string, status: number): Promise<Met> {
  const response = await get(asker, url);
  const { statusCode } = response;
  if (statusCode === 401 || statusCode === 403)
    return { refused: { status: statusCode, code: response.json().error.code } };
  expect([url, statusCode]).toEqual([url, status]);
  return nobody;
}

export function get({ server, authorization }: TestService, url: string) {
  return server.inject({
    method: 'GET',
    url,
    headers: { 'apollo-require-preflight': '1', ...(authorization !== undefined && { authorization }) },
  });
}

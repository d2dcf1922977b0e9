import { randomUUID } from 'node:crypto';
import { Query, Resolver } from 'type-graphql';
import { QueryFailedError } from 'typeorm';
import { createCaregiver, createEventType, noon, noonMs, registerEvent } from '../support/fixtures';
import { serviceForTests } from '../support/testService';

/** What a test sends and the log must not have, each of them once in every place that it fits. */
const secrets = {
  name: 'Anna Hemlig',
  reason: 'her knee hurts again',
  header: 'cookie-hunter2',
  parameter: 'parameter-hunter2',
};

/** A failure as TypeORM makes it, with the values of the statement hanging on it. */
@Resolver()
class BrokenResolver {
  @Query(() => String)
  brokenStatement(): string {
    const driverError = Object.assign(new Error('disk I/O error'), { detail: secrets.parameter });
    throw new QueryFailedError('update caregiver set name = ?', [secrets.parameter], driverError);
  }
}

/** A line of the log, for a request. */
interface Line {
  level: number;
  msg: string;
  requestId: string;
  operation: string;
  operationName?: string;
  role: string;
  subject?: string;
  durationMs: number;
  code: string;
  status: number;
}

const written: string[] = [];
const logStream = { write: (line: string) => void written.push(line) };
const api = serviceForTests({ moreResolvers: [BrokenResolver], logStream, logLevel: 'trace' });

const lines = (): Line[] => written.map((line) => JSON.parse(line));
const requests = () => lines().filter(({ msg }) => msg === 'request');

beforeEach(() => {
  written.length = 0;
});

/** What a request was said to be, without what differs from time to time. */
function said() {
  return requests().map(({ operation, code, status }) => [operation, code, status]);
}

const get = (url: string, headers: Record<string, string> = {}) =>
  api.server.inject({ method: 'GET', url, headers });

test('a request has one line, with its id, what it asked for, who asked, how long it took and what came of it', async () => {
  const caregiver = await api.as({ role: 'CAREGIVER', caregiverId: 7, name: secrets.name });
  const { headers } = await caregiver.ask('query WhoAmI { viewer { role } }');
  expect(requests()).toEqual([
    {
      level: 30,
      time: expect.any(Number),
      pid: process.pid,
      hostname: expect.any(String),
      msg: 'request',
      requestId: headers['x-request-id'],
      operation: 'Query.viewer',
      operationName: 'WhoAmI',
      role: 'CAREGIVER',
      subject: 'caregiver:7',
      durationMs: expect.any(Number),
      code: 'OK',
      status: 200,
    },
  ]);
  expect(requests()[0]?.durationMs).toBeGreaterThan(0);
});

test('whatever a request is, it has a line, and its answer has the id of the line', async () => {
  const mutation = 'mutation { deleteEvent(id: "0190163d-8694-739b-aea5-966c26f8ad91") { id } }';
  const anybody = await api.as();
  const json = { 'content-type': 'application/json' };
  const answers = [
    await api.ask('{ ping }'),
    await api.ask('{ a: ping b: ping }'),
    await api.ask('{ ping viewer { role } }'),
    await api.ask('query { ...Fields } fragment Fields on Query { ... { service { version } } }'),
    await api.ask('{ __schema { queryType { name } } }'),
    await api.ask(mutation),
    await api.ask('{ nothing }'),
    await api.ask('{ ping'),
    await anybody.ask('{ service { version } }'),
    await anybody.withToken('bad.bad.bad').ask('{ ping }'),
    await api.ask('{ brokenStatement }'),
    await api.server.inject({ method: 'POST', url: '/graphql', headers: json, payload: '{"query":' }),
    await get('/graphql?query={ping}'),
    await get('/health/live'),
    await get('/metrics'),
    await get('/report.csv?token=1', { authorization: api.authorization as string }),
    await get('/nothing/here'),
    await get(`/playground/assets/${secrets.name.replace(' ', '')}`),
  ];
  expect(said()).toEqual([
    ['Query.ping', 'OK', 200],
    ['Query.ping', 'OK', 200],
    ['Query.several', 'OK', 200],
    ['Query.service', 'OK', 200],
    ['Query.__schema', 'OK', 200],
    ['Mutation.deleteEvent', 'UNKNOWN_EVENT', 200],
    ['POST /graphql', 'GRAPHQL_VALIDATION_FAILED', 400],
    ['POST /graphql', 'GRAPHQL_PARSE_FAILED', 400],
    ['Query.service', 'UNAUTHENTICATED', 401],
    ['POST /graphql', 'UNAUTHENTICATED', 401],
    ['Query.brokenStatement', 'INTERNAL', 500],
    ['POST /graphql', 'BAD_REQUEST', 400],
    ['GET /graphql', 'BAD_REQUEST', 400],
    ['GET /health/live', 'OK', 200],
    ['GET /metrics', 'UNAUTHENTICATED', 401],
    ['GET /report.csv', 'BAD_USER_INPUT', 400],
    ['unknown', 'NOT_FOUND', 404],
    ['unknown', 'NOT_FOUND', 404],
  ]);
  const ids = requests().map(({ requestId }) => requestId);
  expect(answers.map(({ headers }) => headers['x-request-id'])).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});

test('an unexpected failure is told under the id that its client and its line have', async () => {
  const { errors, headers } = await api.ask('{ brokenStatement }');
  const failures = lines().filter(({ level }) => level >= 50) as unknown as {
    err: object;
    requestId: string;
  }[];
  expect(failures).toMatchObject([
    {
      requestId: headers['x-request-id'],
      err: {
        type: 'QueryFailedError',
        message: 'disk I/O error',
        stack: expect.stringContaining('requestLog.test'),
      },
    },
  ]);
  expect(errors?.[0]?.extensions?.requestId).toBe(headers['x-request-id']);
  expect(requests()).toMatchObject([{ level: 40, code: 'INTERNAL' }]);
});

test('no token, no header, no variable and no text of a query gets into it', async () => {
  api.setNow(noonMs);
  const caregiverId = await createCaregiver(api, { name: secrets.name });
  const eventTypeId = await createEventType(api);
  const id = randomUUID();
  const input = { id, caregiverId, eventTypeId, occurredAt: noon, lateReason: secrets.reason };
  const headers = {
    cookie: secrets.header,
    'x-forwarded-for': secrets.header,
    'x-request-id': secrets.header,
  };
  await api.ask(registerEvent, { input }, headers);
  await api.ask(registerEvent, { input: { ...input, lateReason: { reason: secrets.reason } } }, headers);
  await api.ask(`{ caregivers(filter: { nameContains: "${secrets.name}" }) { nodes { id } } }`);
  await api.ask(`mutation { createCaregiver(input: { name: "${secrets.name}" }) { id } }`);
  await api.ask('{ brokenStatement }', { name: secrets.name }, headers);
  const token = (api.authorization as string).replace('Bearer ', '');
  await api.withToken(`${token}x`).ask('{ ping }');
  await get(`/graphql?query={ping}&variables={"name":"${secrets.name}"}&token=${token}`);
  await get(`/report.csv?caregiverIds=${encodeURIComponent(secrets.name)}`, {
    authorization: api.authorization as string,
  });
  await get(`/${encodeURIComponent(secrets.reason)}/${token}`);
  expect(requests()).toHaveLength(11);

  const log = written.join('');
  const forbidden = [
    ...Object.values(secrets).flatMap((secret) => [secret, encodeURIComponent(secret)]),
    token,
    ...token.split('.').slice(1),
    id,
    'nameContains',
    'update caregiver',
  ];
  expect(forbidden.filter((text) => log.includes(text))).toEqual([]);
});

test('a name that a client makes up is cut, and changes nothing else', async () => {
  await api.ask(`query ${'x'.repeat(5_000)} { ping }`);
  expect(requests()).toMatchObject([{ operation: 'Query.ping', operationName: 'x'.repeat(64) }]);
});

test('who goes away before the answer has a line, too', async () => {
  await api.server.listen({ port: 0 });
  const { port } = api.server.server.address() as { port: number };
  const gone = new AbortController();
  const body = JSON.stringify({ query: '{ ping }' });
  const sent = fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(body.slice(0, 5)));
        setTimeout(() => gone.abort(), 200);
      },
    }),
    signal: gone.signal,
    duplex: 'half',
  } as RequestInit).catch((error: Error) => error.name);
  expect(await sent).toBe('AbortError');
  while (requests().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(said()).toEqual([['POST /graphql', 'ABORTED', 499]]);
});

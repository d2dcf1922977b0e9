import type { FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { type Access, type AccessOptions, openAccess } from '../../src/platform/access/access';
import { loadKeys } from '../../src/platform/access/keys';
import type { TokenWish } from '../../src/platform/access/makeToken';
import { type Config, readConfig } from '../../src/platform/config';
import type { Limits } from '../../src/platform/limits';
import { createServer, type ServerOptions } from '../../src/platform/server/createServer';
import { type OpenOptions, openService, type Service } from '../../src/platform/service';
import type { Subsystem } from '../../src/platform/subsystem';
import { subsystems as productSubsystems } from '../../src/subsystems';
import { newDatabase, type TestDatabase } from './databases';
import { withoutRates } from './rates';
import { adminHeader, testSecret, testToken } from './tokens';

/** What the API answers. `data` is loosely typed on purpose: tests read it like a client would. */
export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  data: any;
  errors?: GraphQLFormattedError[];
}

/** A whole service on a real database of its own, asked through its HTTP interface. */
export interface TestService {
  service: Service;
  access: Access;
  server: FastifyInstance;
  /** The header of whoever is asking: an administrator, unless {@link as} says otherwise. */
  authorization: string | undefined;
  /** The same service, asked by somebody else; without a wish by somebody who has not signed in. */
  as(wish?: Partial<TokenWish>): Promise<TestService>;
  /** The same service, asked with this token. */
  withToken(token: string): TestService;
  /** Sends a GraphQL operation. */
  ask(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>;
  /** Sends an operation that must succeed; answers its data. */
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  data(query: string, variables?: Record<string, unknown>): Promise<any>;
  /** Sends an operation that must fail; answers its first error. */
  failure(query: string, variables?: Record<string, unknown>): Promise<GraphQLFormattedError>;
  /** How many SQL statements ran since the last call. */
  statementsSinceLastCall(): number;
  /** Sets the service's clock, in milliseconds since 1970, or lets it run again. */
  setNow(nowMs: number | undefined): void;
  close(): Promise<void>;
}

export interface TestOptions
  extends Partial<Omit<Config, 'database' | 'limits'>>,
    Pick<OpenOptions, 'writeQueueLimits' | 'allowOutdatedCalendar'>,
    AccessOptions,
    Pick<ServerOptions, 'moreResolvers' | 'logStream' | 'liveLimits'> {
  /** A database to open, which is kept. Left out, the test gets a new one that is dropped at its end. */
  database?: TestDatabase;
  /** Those that are not as by default. Rates have none, unless a test says so. */
  limits?: Partial<Limits>;
  /** Other subsystems than the product's. */
  subsystems?: readonly Subsystem[];
  /** For DATABASE_REPLICA_URLS. */
  replicaUrls?: readonly string[];
}

export async function startTestService(options: TestOptions = {}): Promise<TestService> {
  const {
    database: kept,
    subsystems = productSubsystems,
    replicaUrls = [],
    limits,
    writeQueueLimits,
    allowOutdatedCalendar,
    moreResolvers,
    logStream,
    liveLimits,
    // Statements are counted, and nobody else revokes tokens, unless a test says so.
    readRevokedEveryMs = 86_400_000,
    providerTimes,
    ...changes
  } = options;
  const database = kept ?? newDatabase();
  if (!kept) await database.create();
  const environment = {
    LOG_LEVEL: 'silent',
    DATABASE_URL: database.url,
    DATABASE_REPLICA_URLS: replicaUrls.join(','),
    AUTH_SECRET: testSecret,
    ...withoutRates,
  };
  const byDefault = readConfig(environment);
  const config = { ...byDefault, ...changes, limits: { ...byDefault.limits, ...limits } };
  let nowMs: number | undefined;
  let statements = 0;
  const service = await openService(subsystems, config, {
    now: () => nowMs ?? Date.now(),
    onStatement: () => {
      statements += 1;
    },
    ...(writeQueueLimits && { writeQueueLimits }),
    ...(allowOutdatedCalendar && { allowOutdatedCalendar }),
  });
  const access = await openAccess(service, loadKeys(config.auth), {
    readRevokedEveryMs,
    ...(providerTimes && { providerTimes }),
  });
  const server = await createServer(service, access, {
    ...(moreResolvers && { moreResolvers }),
    ...(logStream && { logStream }),
    ...(liveLimits && { liveLimits }),
  });

  const shared = {
    service,
    access,
    server,
    statementsSinceLastCall() {
      const counted = statements;
      statements = 0;
      return counted;
    },
    setNow(value: number | undefined) {
      nowMs = value;
    },
    async close() {
      if (!running.delete(shared)) return;
      await server.close();
      await service.close();
      if (!kept) await database.drop();
    },
  };
  running.add(shared);
  return askedBy(shared, (await adminHeader()).authorization);
}

/** What is the same for everybody who asks. */
type Shared = Omit<TestService, 'authorization' | 'as' | 'withToken' | 'ask' | 'data' | 'failure'>;

function askedBy(shared: Shared, authorization: string | undefined): TestService {
  const withToken = (token: string) => askedBy(shared, `Bearer ${token}`);
  const ask: TestService['ask'] = async (query, variables = {}, headers = {}) => {
    const response = await shared.server.inject({
      method: 'POST',
      url: '/graphql',
      headers: { ...(authorization !== undefined && { authorization }), ...headers },
      payload: { query, variables },
    });
    return { status: response.statusCode, headers: response.headers, ...response.json() };
  };
  return {
    ...shared,
    authorization,
    withToken,
    async as(wish) {
      return wish ? withToken(await testToken(wish)) : askedBy(shared, undefined);
    },
    ask,
    async data(query, variables) {
      const answer = await ask(query, variables);
      if (answer.errors) throw new Error(`unexpected errors: ${JSON.stringify(answer.errors)}`);
      return answer.data;
    },
    async failure(query, variables) {
      const answer = await ask(query, variables);
      const error = answer.errors?.[0];
      if (!error) throw new Error(`expected an error, got ${JSON.stringify(answer.data)}`);
      return error;
    },
  };
}

/** A test that fails does not come to the point of closing its service, whose threads would keep Jest from ending. */
const running = new Set<Shared>();
afterAll(async () => {
  for (const left of running) await left.close().catch(() => undefined);
});

/** One service for all tests of a file or `describe`, on a database that begins empty. */
export function serviceForTests(options: TestOptions = {}): TestService {
  let api: TestService | undefined;
  beforeAll(async () => {
    api = await startTestService(options);
  });
  afterAll(() => api?.close());
  return new Proxy({} as TestService, { get: (_target, key) => api?.[key as keyof TestService] });
}

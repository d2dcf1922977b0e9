import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { GraphQLFormattedError } from 'graphql';
import { type Config, readConfig } from '../../src/config';
import { createServer, type ServerOptions } from '../../src/server/createServer';
import { type OpenOptions, openService, type Service } from '../../src/service';

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
  server: FastifyInstance;
  /** Sends a GraphQL operation. */
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer>;
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
  extends Partial<Config>,
    Pick<OpenOptions, 'writeQueueLimits' | 'allowOutdatedCalendar'>,
    Pick<ServerOptions, 'moreResolvers'> {
  /** A database file to open again; it is kept. Left out, the test gets a new one that is removed at its end. */
  file?: string;
}

export async function startTestService(options: TestOptions = {}): Promise<TestService> {
  const { file, writeQueueLimits, allowOutdatedCalendar, moreResolvers, ...changes } = options;
  const folder = file === undefined ? temporaryFolder() : undefined;
  const config = {
    ...readConfig({ LOG_LEVEL: 'silent' }),
    database: { engine: 'sqlite' as const, file: file ?? join(folder as string, 'test.db') },
    databaseIsDefault: false,
    ...changes,
  };
  let nowMs: number | undefined;
  let statements = 0;
  const service = await openService(config, {
    now: () => nowMs ?? Date.now(),
    onStatement: () => {
      statements += 1;
    },
    ...(writeQueueLimits && { writeQueueLimits }),
    ...(allowOutdatedCalendar && { allowOutdatedCalendar }),
  });
  const server = await createServer(service, { ...(moreResolvers && { moreResolvers }) });

  const ask: TestService['ask'] = async (query, variables = {}) => {
    const response = await server.inject({ method: 'POST', url: '/graphql', payload: { query, variables } });
    return { status: response.statusCode, headers: response.headers, ...response.json() };
  };
  const api: TestService = {
    service,
    server,
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
    statementsSinceLastCall() {
      const counted = statements;
      statements = 0;
      return counted;
    },
    setNow(value) {
      nowMs = value;
    },
    async close() {
      if (!running.delete(api)) return;
      await server.close();
      await service.close();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  running.add(api);
  return api;
}

/** A test that fails does not come to the point of closing its service, whose threads would keep Jest from ending. */
const running = new Set<TestService>();
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

/** A new folder below the system's folder for temporary files. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'caretally-test-'));
}

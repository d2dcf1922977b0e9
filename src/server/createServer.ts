import { randomBytes } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { DestinationStream } from 'pino';
import type { Access } from '../access/access';
import { type Context, createContext } from '../graphql/context';
import type { Service } from '../service';
import { errorPlugin, formatError } from './formatError';
import { guardRoutes } from './guardRoutes';
import { addHealth } from './health';
import { introspectionPlugin } from './introspection';
import { createLog } from './log';
import { Metrics } from './metrics';
import { addMetrics } from './metricsRoute';
import { outcomePlugin } from './outcome';
import { addPages } from './pages';
import { addPrincipal } from './principal';
import { checkReadFrom, readFromOf } from './readFrom';
import { addReportCsv } from './reportCsv';
import { addRequestLog } from './requestLog';
import { createSchema } from './schema';
import { closeConnectionsWhenStopping } from './stopping';
import { version } from './version';

/** Room for a batch of 10,000 events with long reasons. */
const bodyLimitBytes = 16 * 1024 * 1024;

export interface ServerOptions {
  /** Resolvers beside the service's own, for measurements. */
  moreResolvers?: (new () => object)[];
  /** Where the log goes; standard output when left out. */
  logStream?: DestinationStream;
}

/**
 * Puts HTTP and GraphQL together around a service, behind the door. Closing the server finishes what is in flight, and
 * closes the door.
 */
export async function createServer(
  service: Service,
  access: Access,
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: createLog(service.config.logLevel, options.logStream) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    genReqId: createRequestIds(),
    forceCloseConnections: 'idle',
  });
  const apollo = new ApolloServer<Context>({
    schema: createSchema(options.moreResolvers),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      outcomePlugin(),
      errorPlugin(server.log),
      introspectionPlugin(),
    ],
    formatError,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    logger: apolloLog(server),
  });
  service.database.watchReplicas(({ isUsed, ...change }) => {
    if (isUsed) server.log.info(change, 'reads go to this replica again');
    else server.log.warn(change, 'no reads go to this replica for now');
  });
  server.setErrorHandler(answerRefusal);
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { message: 'There is nothing here.' } }),
  );
  await apollo.start();
  server.addHook('onClose', () => apollo.stop());
  server.addHook('onClose', async () => access.close());
  const metrics = new Metrics({
    version,
    engine: service.config.database.engine,
    queueLength: () => service.database.queueLength,
  });
  service.database.watchWrites(metrics);
  closeConnectionsWhenStopping(server);
  addRequestLog(server, (request) => metrics.requestEnded(request));
  addPrincipal(server, access);
  guardRoutes(server);
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: checkReadFrom,
    handler: fastifyApolloHandler(apollo, {
      context: async (request) =>
        createContext(service, access, request.principal, request.id, readFromOf(request), request.outcome),
    }),
  });
  addHealth(server, service);
  addMetrics(server, service, metrics);
  addReportCsv(server, service);
  await addPages(server);
  return server;
}

/** What comes before GraphQL (a body that is no JSON, or too large) is told without the name of any library. */
function answerRefusal(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode = 500 } = error;
  const [code, message] = beforeGraphql[statusCode] ?? [
    statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL',
    `The request could not be answered. Quote the request id ${request.id} when you report it.`,
  ];
  request.outcome.code = code;
  if (statusCode >= 500)
    request.log.error({ requestId: request.id, err: error }, 'a request failed unexpectedly');
  reply.code(statusCode).send({ errors: [{ message, extensions: { code } }] });
}

const beforeGraphql: Record<number, [code: string, message: string]> = {
  400: ['BAD_REQUEST', 'The body must be JSON, as in {"query": "{ ping }"}.'],
  413: ['BAD_REQUEST', `The body may be no longer than ${bodyLimitBytes} bytes.`],
  415: ['BAD_REQUEST', 'The body must be JSON, with the header content-type: application/json.'],
};

/** Ids that tell a request from all others, also of other runs: random for the process, then counted. */
function createRequestIds(): () => string {
  const process = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${process}-${count.toString(36)}`;
  };
}

/** Apollo's own messages go where all others go; its debug messages are for Apollo's developers. */
function apolloLog(server: FastifyInstance) {
  return {
    debug: () => undefined,
    info: (message?: unknown) => server.log.debug(String(message)),
    warn: (message?: unknown) => server.log.warn(String(message)),
    error: (message?: unknown) => server.log.error(String(message)),
  };
}

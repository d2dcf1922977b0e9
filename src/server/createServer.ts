import { randomBytes } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Access } from '../access/access';
import { type Context, createContext } from '../graphql/context';
import type { Service } from '../service';
import { errorPlugin, formatError } from './formatError';
import { guardRoutes } from './guardRoutes';
import { addHealth } from './health';
import { introspectionPlugin } from './introspection';
import { addLive } from './live/addLive';
import { type LiveLimits, liveLimits } from './live/limits';
import { noSubscriptionsPlugin } from './noSubscriptions';
import { addPages } from './pages';
import { addPrincipal } from './principal';
import { checkReadFrom, readFromOf } from './readFrom';
import { addReportCsv } from './reportCsv';
import { createSchema } from './schema';

/** Room for a batch of 10,000 events with long reasons. */
const bodyLimitBytes = 16 * 1024 * 1024;

export interface ServerOptions {
  /** Resolvers beside the service's own, for measurements. */
  moreResolvers?: (new () => object)[];
  /** Other limits of live connections, for tests. */
  liveLimits?: Partial<LiveLimits>;
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
  const newRequestId = createRequestIds();
  const server = Fastify({
    logger: { level: service.config.logLevel },
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    genReqId: newRequestId,
    forceCloseConnections: 'idle',
  });
  const schema = createSchema(options.moreResolvers);
  const apollo = new ApolloServer<Context>({
    schema,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      errorPlugin(server.log),
      introspectionPlugin(),
      noSubscriptionsPlugin(),
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
  addPrincipal(server, access);
  guardRoutes(server);
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    preHandler: checkReadFrom,
    handler: fastifyApolloHandler(apollo, {
      context: async (request) =>
        createContext(service, access, request.principal, request.id, readFromOf(request)),
    }),
  });
  addLive(server, {
    path: '/graphql',
    schema,
    service,
    access,
    limits: { ...liveLimits, ...options.liveLimits },
    newRequestId,
  });
  addHealth(server, service);
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

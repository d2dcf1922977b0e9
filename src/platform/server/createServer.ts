import { randomBytes } from 'node:crypto';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { DestinationStream } from 'pino';
import type { Access } from '../access/access';
import { AppError } from '../errors';
import { type Context, createContext } from '../graphql/context';
import { addLive } from '../live/addLive';
import { type LiveLimits, liveLimitsOf } from '../live/limits';
import type { Service } from '../service';
import { accessTableOf } from '../subsystem';
import { addBrowserRules, apiHeaders } from './browsers';
import { errorPlugin, formatError, maxErrorCount } from './formatError';
import { graphqlHandler } from './graphql';
import { guardRoutes } from './guardRoutes';
import { addHealth } from './health';
import { introspectionPlugin } from './introspection';
import { Addresses } from './limits/addresses';
import { addBodies, BodyLimits } from './limits/body';
import { answerNoRequest, limitConnections } from './limits/connections';
import { addMemory, Memory } from './limits/memory';
import { addPrincipalRates, addRequestRates, Rates } from './limits/rates';
import { createOperationCheck, createRequestCheck } from './limits/requests';
import { createLog } from './log';
import { standardOutput } from './logOutput';
import { Metrics } from './metrics';
import { addMetrics } from './metricsRoute';
import { outcomePlugin } from './outcome';
import { addPages } from './pages';
import { addPrincipal } from './principal';
import { checkReadFrom, readFromOf } from './readFrom';
import { refuse, refuseAny } from './refuse';
import { addRequestLog } from './requestLog';
import { createSchema } from './schema';
import { closeConnectionsWhenStopping } from './stopping';
import { version } from './version';

export interface ServerOptions {
  /** Resolvers beside the service's own, for measurements. */
  moreResolvers?: (new () => object)[];
  /** Where the log goes; standard output when left out. */
  logStream?: DestinationStream;
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
  const { limits, logLevel, corsOrigins, introspection, playground } = service.config;
  const addresses = new Addresses(service.config.trustedProxies);
  const rates = new Rates(limits);
  const memory = new Memory(limits);
  const requestTimeoutMs = limits.requestSeconds * 1_000;
  const newRequestId = createRequestIds();
  const server = Fastify({
    loggerInstance: createLog(logLevel, options.logStream) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: Math.max(limits.bodyBytes, limits.batchBodyBytes),
    requestTimeout: requestTimeoutMs,
    // Given to Node's server from the start: set later, as Fastify does, it does not hold for bodies.
    http: {
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 5_000),
    },
    genReqId: newRequestId,
    forceCloseConnections: 'idle',
    clientErrorHandler: answerNoRequest,
    frameworkErrors: (error, request, reply) =>
      refuseAny(rates.countAddress(addresses.of(request.raw))?.error ?? error, request, reply),
  });
  limitConnections(server, limits, addresses);
  const { subsystems } = service;
  const schema = createSchema(subsystems, options.moreResolvers);
  const checkOperation = createOperationCheck(schema, limits);
  const apollo = new ApolloServer<Context>({
    schema,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
      outcomePlugin(),
      errorPlugin(server.log),
      introspectionPlugin(introspection),
    ],
    formatError,
    // The limits on documents are checked before Apollo; what may be long by itself is kept short here.
    parseOptions: { maxTokens: limits.queryTokens },
    validationOptions: { maxErrors: maxErrorCount, hideSuggestions: true },
    executionOptions: { maxCoercionErrors: maxErrorCount },
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
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
  server.setErrorHandler(refuseAny);
  server.setNotFoundHandler((request, reply) =>
    refuse(request, reply, new AppError('NOT_FOUND', 'There is nothing here.')),
  );
  await apollo.start();
  server.addHook('onClose', () => apollo.stop());
  server.addHook('onClose', async () => access.close());
  const metrics = new Metrics({
    version,
    engine: service.config.database.engine,
    queueLength: () => service.database.queueLength,
    droppedLogLines: () => standardOutput().droppedLines,
  });
  service.database.watchWrites(metrics);
  closeConnectionsWhenStopping(server);
  addRequestLog(server, (request) => metrics.requestEnded(request));
  await addBrowserRules(server, corsOrigins);
  addRequestRates(server, rates, addresses);
  addPrincipal(server, access);
  addPrincipalRates(server, rates);
  addMemory(server, memory);
  const bodies = new BodyLimits(subsystems, limits);
  addBodies(server, bodies);
  guardRoutes(server, accessTableOf(subsystems));
  server.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    helmet: false,
    onRequest: (_request, reply, next) => {
      reply.headers(apiHeaders);
      next();
    },
    preHandler: checkReadFrom,
    handler: graphqlHandler(
      apollo,
      createRequestCheck(checkOperation, bodies, limits),
      (request) =>
        createContext(service, access, request.principal, request.id, readFromOf(request), request.outcome),
      memory,
      limits,
    ),
  });
  addLive(server, {
    path: '/graphql',
    schema,
    service,
    access,
    checkOperation,
    rates,
    memory,
    addresses,
    limits: { ...liveLimitsOf(limits), ...options.liveLimits },
    newRequestId,
  });
  addHealth(server, service);
  addMetrics(server, service, metrics);
  for (const subsystem of subsystems) subsystem.loadServerParts?.().addRoutes?.(server, service, memory);
  await addPages(server, playground);
  return server;
}

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

import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteOptions,
} from 'fastify';
import { cellOf, isOperation, type Operation, requireAllowed } from '../access/roles';
import { AppError, errorCodes } from '../errors';

/** Here everybody may knock, and each field of the query goes by its own row; but a token must be a good one. */
const graphqlPath = '/graphql';

/**
 * Puts the table of roles before every route. To be called before routes are added, and behind addPrincipal.
 * @throws Error, when a route is added that has no row in the table
 */
export function guardRoutes(server: FastifyInstance): void {
  server.addHook('onRoute', (route) => {
    for (const operation of operationsOf(route)) {
      if (isForAll(operation)) continue;
      route.onRequest = [guard(operation), ...[route.onRequest ?? []].flat()];
    }
  });
}

/** The rows of a route. HEAD goes by the row of GET; OPTIONS, which answers what browsers ask of their own accord, by none. */
function operationsOf({ method, url }: RouteOptions): Set<Operation> {
  const methods = [method].flat().filter((name) => name !== 'OPTIONS');
  const names = methods.map((name) => `${name === 'HEAD' ? 'GET' : name} ${url}`);
  return new Set(
    names.map((name) => {
      if (isOperation(name)) return name;
      throw new Error(`${name} has no row in access/roles.ts: say there who may use it.`);
    }),
  );
}

function isForAll(operation: Operation): boolean {
  return cellOf(operation, 'ANONYMOUS') === 'all' && !operation.endsWith(` ${graphqlPath}`);
}

function guard(operation: Operation): onRequestHookHandler {
  return (request, reply, next) => {
    try {
      if (request.tokenRefusal) throw request.tokenRefusal;
      requireAllowed(request.principal, operation);
    } catch (error) {
      if (error instanceof AppError) refuse(request, reply, error);
      else next(error as Error);
      return;
    }
    next();
  };
}

/** The answer in the form of its route: GraphQL has one of its own. */
function refuse(request: FastifyRequest, reply: FastifyReply, { code, message }: AppError): void {
  const { status, ...rest } = errorCodes[code];
  request.outcome.code = code;
  if (status === 401) reply.header('www-authenticate', challenge(request));
  if ('retryAfterSeconds' in rest) reply.header('retry-after', String(rest.retryAfterSeconds));
  const isGraphql = request.routeOptions.url === graphqlPath;
  reply
    .code(status)
    .send(isGraphql ? { errors: [{ message, extensions: { code } }] } : { error: { code, message } });
}

/** As in RFC 6750: who has sent a token learns that it is not good. */
function challenge({ headers }: FastifyRequest): string {
  return headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
}

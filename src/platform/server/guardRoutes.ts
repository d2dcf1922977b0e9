import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify';
import { cellOf, isOperation, type Operation, requireAllowed } from '../access/roles';
import { AppError } from '../errors';
import { refuse } from './refuse';

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

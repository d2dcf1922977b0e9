import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify';
import { type AccessTable, cellOf, type Row, requireAllowed } from '../access/roles';
import { AppError } from '../errors';
import { refuse } from './refuse';

/** Here everybody may knock, and each field of the query goes by its own row; but a token must be a good one. */
const graphqlPath = '/graphql';

/**
 * Puts the table of roles before every route. To be called before routes are added, and behind addPrincipal.
 * @throws Error, when a route is added that has no row in the table
 */
export function guardRoutes(server: FastifyInstance, table: AccessTable): void {
  server.addHook('onRoute', (route) => {
    for (const operation of operationsOf(route)) {
      const row = table.get(operation);
      if (!row)
        throw new Error(`${operation} has no row in its subsystem's access.ts: say there who may use it.`);
      if (isForAll(operation, row)) continue;
      route.onRequest = [guard(operation, row), ...[route.onRequest ?? []].flat()];
    }
  });
}

/** What a route is called in the table. HEAD goes by the row of GET; OPTIONS, which answers what browsers ask of their own accord, by none. */
function operationsOf({ method, url }: RouteOptions): Set<string> {
  const methods = [method].flat().filter((name) => name !== 'OPTIONS');
  return new Set(methods.map((name) => `${name === 'HEAD' ? 'GET' : name} ${url}`));
}

function isForAll(operation: string, row: Row): boolean {
  return cellOf(row, 'ANONYMOUS') === 'all' && !operation.endsWith(` ${graphqlPath}`);
}

function guard(operation: string, row: Row): onRequestHookHandler {
  return (request, reply, next) => {
    try {
      if (request.tokenRefusal) throw request.tokenRefusal;
      requireAllowed(request.principal, operation, row);
    } catch (error) {
      if (error instanceof AppError) refuse(request, reply, error);
      else next(error as Error);
      return;
    }
    next();
  };
}

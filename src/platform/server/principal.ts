import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Access } from '../access/access';
import { anonymous, type Principal } from '../access/principal';
import { AppError } from '../errors';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling; those whose token is refused are nobody. */
    principal: Principal;
    /** Why the token is refused, for routes that are not for everybody. */
    tokenRefusal: AppError | undefined;
  }
}

/**
 * Finds out who is calling, before anything else is done with a request; also who asks too often can be told by it. A
 * refused token is no answer yet: pages are shown to whoever sends one, and guardRoutes answers everywhere else.
 */
export function addPrincipal(server: FastifyInstance, access: Access): void {
  server.decorateRequest('principal');
  server.decorateRequest('tokenRefusal');
  server.addHook('onRequest', (request, _reply, next) => {
    request.principal = anonymous;
    if (request.headers.authorization === undefined) return next();
    const refuse = (error: unknown) => {
      request.tokenRefusal = toRefusal(error, request);
      next();
    };
    const letIn = (principal: Principal) => {
      request.principal = principal;
      next();
    };
    try {
      const principal = identify(access, request);
      if (principal instanceof Promise) principal.then(letIn, refuse);
      else letIn(principal);
    } catch (error) {
      refuse(error);
    }
  });
}

/** @throws AppError UNAUTHENTICATED, UNAVAILABLE; also by the promise */
function identify(access: Access, { headers, raw }: FastifyRequest): Principal | Promise<Principal> {
  // Node takes the first of two such headers; a proxy before us may take the other.
  const names = raw.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization',
  );
  if (names.length > 1) {
    throw new AppError('UNAUTHENTICATED', 'The header Authorization must be given once.');
  }
  return access.authenticate(headers.authorization as string);
}

function toRefusal(error: unknown, request: FastifyRequest): AppError {
  const isExpected = error instanceof AppError && error.code !== 'UNAVAILABLE';
  if (!isExpected) request.log.error({ requestId: request.id, err: error }, 'a token could not be checked');
  return error instanceof AppError ? error : new AppError('INTERNAL', 'The token could not be checked.');
}

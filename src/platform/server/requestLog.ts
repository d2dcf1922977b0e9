import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { anonymous } from '../access/principal';
import type { RequestOutcome } from '../graphql/context';
import { codeOfStatus } from './outcome';

declare module 'fastify' {
  interface FastifyRequest {
    /** What was asked for and what became of it, as far as that is known. */
    outcome: RequestOutcome;
    /** Its line is written: a connection is closed behind every answer. */
    hasEnded: boolean;
  }
}

/** A request that was answered, or whose client has gone. */
export interface EndedRequest {
  /** One of a fixed set, whatever clients send. */
  operation: string;
  code: string;
  durationMs: number;
}

/** The client went away before it had its whole answer. */
const aborted = { code: 'ABORTED', status: 499 };

/**
 * One line for each request, with its id, which the answer bears, too; no token, no variable and no text of a query is in
 * it. To be added before everything that may answer.
 * @param onEnd told of each request, for the metrics
 */
export function addRequestLog(server: FastifyInstance, onEnd: (request: EndedRequest) => void): void {
  server.decorateRequest('outcome');
  server.decorateRequest('hasEnded', false);
  server.addHook('onRequest', (request, reply, next) => {
    request.outcome = {};
    reply.header('x-request-id', request.id);
    reply.raw.once('close', () => end(request, reply, aborted));
    next();
  });
  server.addHook('onResponse', (request, reply, next) => {
    end(request, reply, {
      code: request.outcome.code ?? codeOfStatus(reply.statusCode),
      status: reply.statusCode,
    });
    next();
  });

  function end(
    request: FastifyRequest,
    reply: FastifyReply,
    { code, status }: { code: string; status: number },
  ): void {
    if (request.hasEnded) return;
    request.hasEnded = true;
    const { operation = nameRoute(request), operationName } = request.outcome;
    // Whoever was answered before anybody asked for a token is nobody.
    const { role, subject } = request.principal ?? anonymous;
    const durationMs = Math.round(reply.elapsedTime * 10) / 10;
    onEnd({ operation, code, durationMs });
    const line = {
      requestId: request.id,
      operation,
      operationName,
      role,
      subject: subject || undefined,
      durationMs,
      code,
      status,
    };
    server.log[status >= 500 ? 'warn' : 'info'](line, 'request');
  }
}

/** As in the table of roles; an address that there is not says nothing but that. */
function nameRoute({ method, routeOptions: { url } }: FastifyRequest): string {
  if (url === undefined) return 'unknown';
  return `${method === 'HEAD' ? 'GET' : method} ${url}`;
}

import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, errorCodes } from '../errors';

/** Answers an expected failure in the form of its route: downloads have one of their own. */
export function refuse(request: FastifyRequest, reply: FastifyReply, error: AppError): void {
  const { code, message, field, details } = error;
  const { status, ...rest } = errorCodes[code];
  // An address that is none is refused before anything is noted of the request.
  if (request.outcome) request.outcome.code = code;
  if (status === 401) reply.header('www-authenticate', challenge(request));
  if ('retryAfterSeconds' in rest) reply.header('retry-after', String(rest.retryAfterSeconds));
  // The rest of the body is not waited for.
  if (status === 408 || status === 413) reply.header('connection', 'close');
  const { url = '/graphql' } = request.routeOptions;
  const body =
    url === '/graphql'
      ? { errors: [{ message, extensions: { ...details, code, ...(field !== undefined && { field }) } }] }
      : { error: { code, message, field } };
  reply
    .code(status === 200 ? 400 : status)
    .type('application/json; charset=utf-8')
    .send(body);
}

/** As in RFC 6750: who has sent a token learns that it is not good. */
function challenge({ headers }: FastifyRequest): string {
  return headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"';
}

/**
 * Answers whatever keeps a request from being answered: a body that is no JSON, an address that is none, a limit, or a bug.
 * Nothing of it shows the name of a library.
 */
export function refuseAny(
  error: FastifyError | AppError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof AppError) {
    if (error.code === 'UNAVAILABLE') logFailure(request, error);
    refuse(request, reply, error);
    return;
  }
  const refusal = toRefusal(error);
  if (refusal.code === 'INTERNAL') {
    logFailure(request, error);
    refusal.message = `Something went wrong inside the service. Quote the request id ${request.id} when you report it.`;
  }
  refuse(request, reply, refusal);
}

function logFailure(request: FastifyRequest, err: Error): void {
  request.log.error({ requestId: request.id, err }, 'a request failed unexpectedly');
}

/** What Fastify refuses, by the status it would answer. */
function toRefusal({ statusCode = 500, code }: FastifyError): AppError {
  if (statusCode === 413) return new AppError('BODY_TOO_LARGE', 'The body is longer than any may be.');
  if (statusCode === 415) return new AppError('UNSUPPORTED_MEDIA_TYPE', mustBeJson);
  if (statusCode >= 400 && statusCode < 500) {
    return new AppError(
      'BAD_REQUEST',
      code === 'FST_ERR_BAD_URL' ? 'The address must be a URL.' : mustBeJson,
    );
  }
  return new AppError('INTERNAL', '');
}

const mustBeJson =
  'The body must be JSON, as in {"query": "{ ping }"}, with the header content-type: application/json.';

import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { mayUse } from '../../access/roles';
import { AppError } from '../../errors';
import { type LimitName, type Limits, settingOf } from '../../limits';
import { exactJson } from './jsonShape';

/**
 * Reads bodies: JSON in UTF-8 and nothing else, no longer than whoever sends it may send at all. How long a body of this
 * request may be is known once it is read, see {@link requireBodyOf}.
 */
export function addBodies(server: FastifyInstance, limits: Limits): void {
  const parseJson = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    let text: string;
    try {
      requireLength(request, body.length, limits);
      if (!isUtf8(body)) throw new AppError('BAD_REQUEST', 'The body must be JSON in UTF-8.');
      text = exactJson(body, limits);
    } catch (error) {
      done(error as Error);
      return;
    }
    parseJson(request, text, (error, json) => {
      if (error && /forbidden prototype/.test(error.message)) {
        done(new AppError('BAD_REQUEST', 'The body must not have the keys "__proto__" or "constructor".'));
      } else done(error, json);
    });
  });
  // Before it is read, where the client says how long it is.
  server.addHook('preParsing', (request, _reply, _payload, done) => {
    try {
      requireLength(request, Number(request.headers['content-length'] ?? 0), limits);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws AppError BODY_TOO_LARGE when a request is longer than those that register no batch of events may be */
export function requireBodyOf(request: FastifyRequest, isBatch: boolean, limits: Limits): void {
  // A body that is sent in parts without a length has been measured in its parser.
  const bytes = request.bodyBytes;
  const name = isBatch ? 'batchBodyBytes' : 'bodyBytes';
  if (bytes > limits[name]) throw tooLarge(name, limits);
}

/** Only those who may register events are believed to send many. */
function requireLength(request: FastifyRequest, bytes: number, limits: Limits): void {
  request.bodyBytes = bytes;
  const name = mayUse(request.principal, 'Mutation.registerEvents') ? 'batchBodyBytes' : 'bodyBytes';
  if (bytes > limits[name]) throw tooLarge(name, limits);
}

function tooLarge(name: LimitName & `${string}odyBytes`, limits: Limits): AppError {
  const whose = name === 'bodyBytes' ? 'The body' : 'The body of registerEvents';
  return new AppError(
    'BODY_TOO_LARGE',
    `${whose} must have no more than ${limits[name]} bytes ${settingOf(name)}.`,
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** How long its body is. */
    bodyBytes: number;
  }
}

import { type ApolloServer, type BaseContext, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors';
import { type Limits, settingOf } from '../limits';
import { count } from '../values/count';
import {
  bytesOfObject,
  type Held,
  holdAnswer,
  type Memory,
  uncountedBytes,
  urgencyOf,
} from './limits/memory';
import type { CheckedOperation } from './limits/requests';
import { within } from './within';

/**
 * Hands a request on to Apollo and its answer back, after the limits have been checked. The address is taken as it came,
 * without the header Host, in which anybody may write anything.
 * @param check throws what the limits refuse
 * @throws AppError OVERLOADED by the function made, when too much is in progress
 * @throws AppError TIMEOUT by the function made, when the answer takes too long
 */
export function graphqlHandler<Context extends BaseContext>(
  apollo: ApolloServer<Context>,
  check: (request: FastifyRequest) => CheckedOperation | undefined,
  createContext: (request: FastifyRequest) => Context,
  memory: Memory,
  { requestSeconds }: Limits,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    const working = holdWork(memory, request.principal.subject, check(request));
    const answering = apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: toHeaderMap(request.headers),
        search: /\?.*$/s.exec(request.url)?.[0] ?? '',
        body: request.body,
      },
      context: async () => createContext(request),
    });
    // Also what has been given up takes memory until it ends.
    if (working) answering.then(working.release, working.release);
    const answer = await within(answering, requestSeconds * 1_000, undefined);
    if (!answer) throw timeout(requestSeconds);
    const { status, headers, body } = answer;
    if (body.kind !== 'complete') throw new Error('answers in parts are not switched on');
    holdAnswer(memory, request, reply, body.string);
    reply.code(status ?? 200);
    for (const [name, value] of headers) reply.header(name, value);
    return body.string;
  };
}

function toHeaderMap(headers: FastifyRequest['headers']): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}

function timeout(seconds: number): AppError {
  return new AppError(
    'TIMEOUT',
    `This took longer than ${count(seconds, 'second')} ${settingOf('requestSeconds')} and was given up. Whether it has changed ` +
      'anything is not known: events may be sent again with the same ids.',
  );
}

function holdWork(memory: Memory, subject: string, checked: CheckedOperation | undefined): Held | undefined {
  const bytes = checked ? checked.cost * bytesOfObject : 0;
  return checked && bytes > uncountedBytes
    ? memory.hold(subject, bytes, urgencyOf(checked.operation))
    : undefined;
}

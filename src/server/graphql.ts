import { type ApolloServer, type BaseContext, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Hands a request on to Apollo and its answer back, after the limits have been checked. The address is taken as it came,
 * without the header Host, in which anybody may write anything.
 * @param check throws what the limits refuse
 */
export function graphqlHandler<Context extends BaseContext>(
  apollo: ApolloServer<Context>,
  check: (request: FastifyRequest) => void,
  createContext: (request: FastifyRequest) => Context,
) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    check(request);
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: toHeaderMap(request.headers),
        search: /\?.*$/s.exec(request.url)?.[0] ?? '',
        body: request.body,
      },
      context: async () => createContext(request),
    });
    if (body.kind !== 'complete') throw new Error('answers in parts are not switched on');
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

import type { ApolloServerPlugin, GraphQLResponse } from '@apollo/server';
import type { ErrorCode } from '../errors';
import type { Context } from '../graphql/context';
import { nameOperation } from './rootFields';

/** Longer names are cut: they are the client's, and are there for people to read. */
const maxNameCharacters = 64;

/** Notes what a GraphQL request asked for, and the code of its first error. */
export function outcomePlugin(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart({ contextValue: { outcome } }) {
      return {
        async didResolveOperation({ operation, document }) {
          if (!operation) return;
          outcome.operation = nameOperation(operation, document);
          if (operation.name) outcome.operationName = operation.name.value.slice(0, maxNameCharacters);
        },
        async willSendResponse({ response }) {
          const code = firstCode(response.body);
          if (code !== undefined) outcome.code = code;
        },
      };
    },
  };
}

/** Of the errors as the client sees them. */
function firstCode(body: GraphQLResponse['body']): string | undefined {
  const { errors } = body.kind === 'single' ? body.singleResult : body.initialResult;
  const code = errors?.[0]?.extensions?.code;
  return code === undefined ? undefined : String(code);
}

/** What a status stands for where nobody has noted a code. */
export function codeOfStatus(status: number): ErrorCode | 'OK' | 'BAD_REQUEST' | 'NOT_FOUND' {
  if (status < 400) return 'OK';
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status < 500) return 'BAD_REQUEST';
  return status === 503 ? 'UNAVAILABLE' : 'INTERNAL';
}

import type { FastifyBaseLogger } from 'fastify';
import { type FormattedExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import {
  CloseCode,
  type Context,
  type ExecutionResult,
  makeServer,
  type OperationResult,
  type Server,
  type SubscribePayload,
} from 'graphql-ws';
import type { Access } from '../access/access';
import { createContext } from '../graphql/context';
import { checkSubscription, failureOf } from '../server/checkOperation';
import { tellErrors } from '../server/formatError';
import { requireShallow } from '../server/limits/jsonShape';
import type { Memory } from '../server/limits/memory';
import type { Rates } from '../server/limits/rates';
import type { OperationCheck } from '../server/limits/requests';
import type { Service } from '../service';
import type { Client } from './client';
import { Feeds, type Operation } from './feeds';
import type { LiveLimits } from './limits';
import { signIn } from './signIn';

export interface LiveSurroundings {
  schema: GraphQLSchema;
  service: Service;
  access: Access;
  checkOperation: OperationCheck;
  rates: Rates;
  memory: Memory;
  limits: LiveLimits;
  log: FastifyBaseLogger;
  newRequestId(): string;
}

type Connection = Context<Record<string, unknown> | undefined, Client>;

/** Understands the protocol graphql-transport-ws, for subscriptions of those who have signed in. */
export function createLiveServer(
  { schema, service, access, checkOperation, rates, memory, limits, log, newRequestId }: LiveSurroundings,
  clients: ReadonlySet<Client>,
): Server<Client> {
  const feeds = new Feeds({
    memory,
    createContext: (principal) => createContext(service, access, principal, newRequestId()),
    tell: ({ errors, ...result }, { requestId }) => ({
      ...result,
      ...(errors && { errors: tellErrors(errors, requestId, log) }),
    }),
    onFailure: (err) => log.error({ err }, 'a subscription failed unexpectedly'),
  });

  async function onConnect({ extra: client, connectionParams }: Connection): Promise<boolean> {
    if (!(await signIn(client, access, log, connectionParams))) return false;
    if (socketsOf(client) <= limits.socketsOfOneToken) return true;
    client.signedIn = undefined;
    client.socket.close(
      CloseCode.TooManyInitialisationRequests,
      `One token may have ${limits.socketsOfOneToken} connections open: close another one.`,
    );
    return false;
  }

  function socketsOf({ signedIn }: Client): number {
    const tokenId = signedIn?.principal.tokenId;
    return [...clients].filter((client) => client.signedIn?.principal.tokenId === tokenId).length;
  }

  function onSubscribe(
    { extra: { signedIn, address }, subscriptions }: Connection,
    _id: string,
    { query, operationName, variables }: SubscribePayload,
  ): Operation | readonly GraphQLError[] {
    if (!signedIn) throw new Error('somebody subscribes who has not signed in');
    // Each counts as a request does, also one that is refused for something else.
    const tooOften = [rates.countAddress(address), rates.countPrincipal(signedIn.principal)].find(Boolean);
    if (tooOften) return [failureOf(tooOften.error)];
    if (Object.keys(subscriptions).length > limits.subscriptionsOfOneSocket) return [tooManySubscriptions()];
    try {
      requireShallow(variables, service.config.limits);
    } catch (error) {
      return [failureOf(error)];
    }
    const checked = checkSubscription(schema, checkOperation, {
      query,
      operationName: operationName ?? null,
      variables,
    });
    if (!('document' in checked)) return checked;
    return {
      schema,
      document: checked.document,
      cost: checked.cost,
      operationName: operationName ?? null,
      variableValues: variables ?? {},
      query,
      principal: signedIn.principal,
    };
  }

  function tooManySubscriptions(): GraphQLError {
    const message = `One connection may have ${limits.subscriptionsOfOneSocket} subscriptions: complete another one.`;
    return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
  }

  return makeServer<Record<string, unknown> | undefined, Client>({
    connectionInitWaitTimeout: limits.signInMs,
    onConnect,
    onSubscribe,
    subscribe: (operation) => feeds.subscribe(operation as Operation) as OperationResult,
    onNext({ extra: { socket, signedIn } }, _id, _payload, _args, result: ExecutionResult) {
      // Nothing is sent on a socket that is being closed.
      if (!signedIn || !access.isValid(signedIn.principal)) {
        socket.close(CloseCode.Unauthorized, 'The token is no longer valid. Sign in again.');
      }
      return result as FormattedExecutionResult;
    },
    onError: (_connection, _id, _payload, errors) => tellErrors(errors, newRequestId(), log),
  });
}

import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { fetchWith } from '../session/token';
import { openSocket } from './socket';

/** The API as one person uses it. */
export interface Api {
  client: Client;
  close(): void;
}

/** What is read behind a change of one's own must show it, also where the service reads from replicas. */
export const readFromPrimary = { fetchOptions: { headers: { 'read-from': 'primary' } } } as const;

/**
 * Connects to the API of the host that the page comes from. Nothing is cached: what a page shows, it has just asked for.
 * @param onRefused when the service does not accept the token any more, with its reason
 */
export function createApi(token: string, onRefused: (reason: string | undefined) => void): Api {
  const socket = openSocket(token, onRefused);
  const client = new Client({
    url: '/graphql',
    fetch: fetchWith(token),
    preferGetMethod: false,
    exchanges: [
      mapExchange({
        onError({ response, graphQLErrors }) {
          if ((response as Response | undefined)?.status === 401) onRefused(graphQLErrors[0]?.message);
        },
      }),
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe(
              { query, variables: variables as Record<string, unknown> },
              sink as never,
            ),
          }),
        }),
      }),
      fetchExchange,
    ],
  });
  return {
    client,
    close: () => void socket.dispose(),
  };
}

import { type Client, createClient } from 'graphql-ws';

const longestWaitMs = 10_000;
/** Closed with this when the token holds no longer. */
const unauthorized = 4401;

/**
 * Opens a connection when the first subscription needs it, and again whenever it was lost: the first answer then shows
 * what was missed.
 */
export function openSocket(token: string, onRefused: (reason: string) => void): Client {
  const url = new URL('/graphql', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return createClient({
    url: url.href,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempts) => sleep(Math.min(500 * 2 ** attempts, longestWaitMs) * (0.5 + Math.random() / 2)),
    // Left to itself, the client gives up where the service does not listen yet.
    shouldRetry: () => true,
    on: {
      closed(event) {
        const { code, reason } = event as CloseEvent;
        if (code === unauthorized) onRefused(reason);
      },
    },
  });
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

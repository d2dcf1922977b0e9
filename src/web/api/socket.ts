import { type Client, createClient } from 'graphql-ws';

const maxWaitMs = 10_000;
/** How often the service is asked whether it still hears, and how long its answer may take. */
const keepAliveMs = 10_000;
const silenceMaxMs = 20_000;
/** Closed with this when the token holds no longer. */
const unauthorized = 4401;

/**
 * Opens a connection when the first subscription needs it, and again whenever it was lost: the first answer then shows
 * what was missed. Lost is also one that goes silent: a phone that has changed networks is told of nothing.
 */
export function openSocket(token: string, onRefused: (reason: string) => void): Client {
  const url = new URL('/graphql', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  let silence: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: url.href,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempts) => sleep(Math.min(500 * 2 ** attempts, maxWaitMs) * (0.5 + Math.random() / 2)),
    // Left to itself, the client gives up where the service does not listen yet.
    shouldRetry: () => true,
    keepAlive: keepAliveMs,
    on: {
      ping(isReceived) {
        if (!isReceived) silence = setTimeout(() => client.terminate(), silenceMaxMs);
      },
      pong(isReceived) {
        if (isReceived) clearTimeout(silence);
      },
      closed(event) {
        clearTimeout(silence);
        const { code, reason } = event as CloseEvent;
        if (code === unauthorized) onRefused(reason);
      },
    },
  });
  return client;
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeLiteral } from 'pg';
import type { ChangeFeed, Listen } from '../core/changeFeed';
import { Changes } from '../core/changes';

/** Of one database. Where two schemas of it hold a service each, they wake each other up in vain, and no more. */
const channel = 'caretally';

/** A server that is cut off without a word is noticed after both of these at the latest. */
const heartbeatMs = 3_000;
const answerTimeoutMs = 3_000;
const connectTimeoutMs = 5_000;
const minPauseMs = 100;
const maxPauseMs = 5_000;

/**
 * A statement that tells all instances, this one included, what its transaction changes: together with the commit, or
 * not at all. So a commit whose answer was lost is heard of, and a process that is killed behind its commit has told
 * before. Undefined when nothing was changed.
 */
export function notification(changes: Changes): string | undefined {
  if (changes.isEmpty) return undefined;
  const calls = changes.messages().map((message) => `pg_notify('${channel}', ${escapeLiteral(message)})`);
  return `select ${calls.join(', ')}`;
}

/**
 * Listens on a connection of its own, which must be one session from its beginning to its end. When it is lost, it is
 * opened again, after pauses that grow, and the feed told that anything may have changed meanwhile.
 */
export function listenToInstances(url: string): Listen {
  return async (feed: ChangeFeed, signal: AbortSignal) => {
    for (let failures = 0; !signal.aborted; failures += 1) {
      if (await listenUntilLost(url, feed, signal)) failures = 0;
      // Many instances that lost the same server do not all come back in the same moment.
      const pauseMs = Math.min(minPauseMs * 2 ** failures, maxPauseMs) * (0.5 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
}

/** @returns whether it had come to listening before it was lost */
async function listenUntilLost(url: string, feed: ChangeFeed, signal: AbortSignal): Promise<boolean> {
  // Cut off instead of ended: that needs no answer, and whatever waits for one fails at once.
  const socket = new Socket();
  const cut = () => socket.destroy();
  signal.addEventListener('abort', cut, { once: true });
  const client = openClient(url, socket);
  const lost = new AbortController();
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  hear(client, feed);
  let isListening = false;
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
    signal.throwIfAborted();
    isListening = true;
    feed.open();
    for (;;) {
      await sleep(heartbeatMs, undefined, { signal: lost.signal, ref: false });
      await client.query('select 1');
    }
  } catch {
    return isListening;
  } finally {
    cut();
    signal.removeEventListener('abort', cut);
    if (!signal.aborted) feed.interrupt();
  }
}

function openClient(url: string, socket: Socket): Client {
  return new Client({
    connectionString: url,
    application_name: 'caretally listening',
    stream: () => socket,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
  });
}

/** The messages of one transaction, one a table, come at once, and are published as one change; under load, those of several. */
function hear(client: Client, feed: ChangeFeed): void {
  let heard: Changes | undefined;
  client.on('notification', ({ payload = '' }) => {
    heard ??= publishSoon();
    heard.addAll(Changes.ofMessage(payload));
  });

  function publishSoon(): Changes {
    const changes = new Changes();
    setImmediate(() => {
      heard = undefined;
      feed.publish(changes);
    });
    return changes;
  }
}

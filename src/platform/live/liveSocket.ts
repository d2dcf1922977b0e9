import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { exactJson } from '../server/limits/jsonShape';
import { type Memory, uncountedBytes } from '../server/limits/memory';
import type { Client } from './client';
import type { LiveLimits } from './limits';

/** Carries the messages of GraphQL over WebSocket between a client and the server that understands them, within limits. */
export function openLiveSocket(
  client: Client,
  server: Server<Client>,
  limits: LiveLimits,
  memory: Memory,
  onFailure: (error: unknown) => void,
): void {
  const { socket } = client;
  const stopPinging = pingRegularly(socket, limits.pingEveryMs);
  const waiting = memory.add(client.address, 0);
  const isTooMuch = countMessages(limits.messagesInTenSeconds);

  const closed = server.opened(
    {
      protocol: socket.protocol,
      close: (code, reason) => socket.close(code, reason),
      // Resolves when the message has left this process, so that nothing more is sent to who does not read.
      send: (message) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(message, () => {
            countWaiting();
            resolve();
          });
          cutWhereTooMuchWaits();
        }),
      onMessage(handle) {
        socket.on('message', async (message) => {
          if (socket.readyState !== socket.OPEN) return;
          if (isTooMuch()) return socket.close(4429, 'Too many messages. Connect again in some seconds.');
          try {
            await handle(exactJson(Buffer.from(String(message))));
          } catch (error) {
            onFailure(error);
            socket.close(4500, 'Something went wrong inside the service.');
          }
        });
      },
    },
    client,
  );

  // Also answering pings fills the socket of a client that sends and does not read.
  socket.on('ping', cutWhereTooMuchWaits);
  // A message that is too long, or no message at all: ws has closed the socket with the code that says so.
  socket.on('error', () => undefined);
  socket.once('close', (code, reason) => {
    stopPinging();
    waiting.release();
    Promise.resolve(closed(code, String(reason))).catch(onFailure);
  });

  /** All that waits is counted, so that many slow clients together are not too much either. */
  function cutWhereTooMuchWaits(): void {
    const bytes = countWaiting();
    if (bytes > limits.waitingBytes || (bytes > uncountedBytes && memory.isFull)) socket.terminate();
  }

  function countWaiting(): number {
    const { bufferedAmount } = socket;
    if (bufferedAmount !== waiting.bytes && socket.readyState === socket.OPEN) waiting.resize(bufferedAmount);
    return bufferedAmount;
  }
}

/** Cuts a connection that was lost without a word; what asks also keeps proxies from closing a silent one. */
function pingRegularly(socket: WebSocket, everyMs: number): () => void {
  let isThere = true;
  socket.on('pong', () => {
    isThere = true;
  });
  const timer = setInterval(() => {
    if (!isThere) return socket.terminate();
    isThere = false;
    socket.ping();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

const tenSecondsMs = 10_000;

function countMessages(most: number): () => boolean {
  let count = 0;
  let sinceMs = performance.now();
  return () => {
    const nowMs = performance.now();
    if (nowMs - sinceMs > tenSecondsMs) {
      sinceMs = nowMs;
      count = 0;
    }
    count += 1;
    return count > most;
  };
}

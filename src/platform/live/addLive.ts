import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { Addresses } from '../server/limits/addresses';
import { closeSoon } from '../server/limits/connections';
import { findAmbiguity } from '../server/limits/headers';
import type { Client } from './client';
import { isForeign } from './isForeign';
import { createLiveServer, type LiveSurroundings } from './liveServer';
import { openLiveSocket } from './liveSocket';
import { checkAgain } from './signIn';
import { takeAsPlain } from './takeAsPlain';

/** The service restarts: clients come back by themselves. */
const serviceRestart = 1012;
/** Longest wait for clients to close their side when the service stops. */
const closeTimeoutMs = 1_000;

export interface LiveOptions extends Omit<LiveSurroundings, 'log'> {
  path: string;
  addresses: Addresses;
}

/** Subscriptions over WebSocket, on the same port and path as GraphQL over HTTP. */
export function addLive(server: FastifyInstance, { path, ...options }: LiveOptions): void {
  const { access, limits, service, rates, memory, addresses } = options;
  const clients = new Set<Client>();
  const log = server.log;
  const live = createLiveServer({ ...options, log }, clients);
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.messageBytes,
    handleProtocols,
  });
  let isStopping = false;

  server.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') {
      return takeAsPlain(server.server as Server, request, socket, head);
    }
    const address = addresses.of(request);
    const refusal = refusalOf(request, address);
    if (refusal) return refuse(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const client: Client = { socket: webSocket, address, signedIn: undefined };
      clients.add(client);
      webSocket.once('close', () => clients.delete(client));
      openLiveSocket(client, live, limits, memory, (err) =>
        log.error({ err }, 'a WebSocket message failed unexpectedly'),
      );
    });
  });

  const checking = setInterval(() => {
    for (const client of clients) void checkAgain(client, access);
  }, limits.checkTokensEveryMs).unref();

  server.addHook('preClose', async () => {
    isStopping = true;
    clearInterval(checking);
    for (const { socket } of clients) socket.close(serviceRestart, 'The service stops here. Connect again.');
    setTimeout(() => {
      for (const { socket } of clients) socket.terminate();
    }, closeTimeoutMs).unref();
  });

  function refusalOf(request: IncomingMessage, address: string): Refusal | undefined {
    const ambiguity = findAmbiguity(request);
    if (ambiguity) return { status: '400 Bad Request', message: ambiguity.message };
    const tooOften = rates.countAddress(address);
    if (tooOften) {
      const { error, retryAfterSeconds } = tooOften;
      return { status: '429 Too Many Requests', message: error.message, retryAfterSeconds };
    }
    if (request.url?.split('?')[0] !== path)
      return { status: '404 Not Found', message: 'There is nothing here.' };
    if (isForeign(request, service.config.corsOrigins)) {
      return {
        status: '403 Forbidden',
        message:
          'Pages of another origin may not connect. Whoever runs the service can name it in CORS_ORIGINS.',
      };
    }
    if (isStopping || clients.size >= limits.sockets) {
      return {
        status: '503 Service Unavailable',
        message: 'No more connections now. Try again in some seconds.',
        retryAfterSeconds: 5,
      };
    }
    if ([...clients].filter((client) => client.address === address).length >= limits.socketsOfOneAddress) {
      return {
        status: '429 Too Many Requests',
        message: `An address may have ${limits.socketsOfOneAddress} live connections open (half of them all): close another one.`,
        retryAfterSeconds: 5,
      };
    }
    return undefined;
  }
}

interface Refusal {
  status: string;
  message: string;
  retryAfterSeconds?: number;
}

function refuse(socket: Socket, { status, message, retryAfterSeconds }: Refusal): void {
  const body = JSON.stringify({ errors: [{ message }] });
  socket.on('error', () => undefined);
  closeSoon(socket);
  socket.end(
    [
      `HTTP/1.1 ${status}`,
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      ...(retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`]),
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

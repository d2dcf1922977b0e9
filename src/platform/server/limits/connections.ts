import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { AppError, type ErrorCode } from '../../errors';
import { type Limits, settingOf } from '../../limits';
import { type Addresses, networkOf } from './addresses';

/** Beside all others, for those who ask whether the service is well. */
const reservedConnections = 16;
/** So often it is looked for answers that nobody reads. */
const lookEveryMs = 1_000;
/** An answer may be read so slowly, beside the time that every request has. */
const minBytesPerSecond = 65_536;
/** Time to read the sentence that says why a connection is closed. */
const closeSoonMs = 2_000;
/** From then on, an unread answer makes room for others. */
const unreadPatienceMs = 5_000;

/** One connection, and what it is used for. */
interface Connection {
  readonly socket: Socket;
  /** Whose it is: none of a proxy's, which brings many clients. */
  readonly address: string | undefined;
  /** Taken where there was no room: health alone is answered. */
  readonly isReserved: boolean;
  /** The last request on it, and its answer. */
  request?: IncomingMessage;
  response?: ServerResponse;
  /** It has gone over to another protocol. */
  isUpgraded: boolean;
  /** Since when its answer waits to be read, and how long it was then. */
  unread: { sinceMs: number; bytes: number } | undefined;
}

/**
 * Keeps the number of connections within its limit, and gives half of them to one address at most. Where there is no room,
 * those make some that say nothing, the oldest first; then those between two requests; then those whose request does not
 * come to its end, or whose answer nobody reads. Where none of these is left, a few more are taken: on them it is told
 * whether the service is well, and everybody else is told to come back.
 */
export function limitConnections(server: FastifyInstance, limits: Limits, addresses: Addresses): void {
  const { connections: most, requestSeconds } = limits;
  const maxOfAddress = Math.ceil(most / 2);
  const known = new Map<Socket, Connection>();
  const ofAddresses = new Map<string, number>();
  let reserved = 0;
  const http = server.server;

  http.on('connection', (socket: Socket) => {
    const again = known.get(socket);
    // Given back to HTTP by whoever had taken it off.
    if (again) again.isUpgraded = false;
    else take(socket);
  });
  http.prependListener('upgrade', ({ socket }: IncomingMessage) => {
    const connection = known.get(socket);
    if (connection) connection.isUpgraded = true;
    if (connection?.isReserved) socket.destroy();
  });
  http.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = known.get(request.socket);
    if (!connection) return;
    connection.request = request;
    connection.response = response;
    connection.unread = undefined;
  });
  server.addHook('onRequest', ({ raw }, reply, next) => {
    if (known.get(raw.socket)?.isReserved !== true || raw.url?.startsWith('/health/')) return next();
    reply.header('connection', 'close');
    next(
      new AppError(
        'OVERLOADED',
        `There are too many connections ${settingOf('connections')}. Nothing was done; send this again in a second.`,
      ),
    );
  });
  const looking = setInterval(cutUnread, lookEveryMs).unref();
  http.once('close', () => clearInterval(looking));

  function take(socket: Socket): void {
    const from = socket.remoteAddress ?? '';
    const address = addresses.isProxy(from) ? undefined : networkOf(from);
    const isOver = () => address !== undefined && (ofAddresses.get(address) ?? 0) >= maxOfAddress;
    let hasRoom = true;
    if (isOver()) hasRoom = makeRoom((connection) => connection.address === address);
    if (hasRoom && known.size - reserved >= most) hasRoom = makeRoom(() => true);
    if (!hasRoom && reserved >= reservedConnections && !makeRoom(({ isReserved }) => isReserved)) {
      socket.destroy();
      return;
    }
    if (!hasRoom) reserved += 1;
    known.set(socket, { socket, address, isReserved: !hasRoom, isUpgraded: false, unread: undefined });
    if (address !== undefined) ofAddresses.set(address, (ofAddresses.get(address) ?? 0) + 1);
    socket.once('close', () => forget(socket));
  }

  function forget(socket: Socket): void {
    const connection = known.get(socket);
    if (!connection) return;
    known.delete(socket);
    if (connection.isReserved) reserved -= 1;
    const { address } = connection;
    if (address === undefined) return;
    const count = (ofAddresses.get(address) ?? 0) - 1;
    if (count > 0) ofAddresses.set(address, count);
    else ofAddresses.delete(address);
  }

  /** Closes the one of some connections that can be done without best. They are in the order of their age. */
  function makeRoom(isMeant: (connection: Connection) => boolean): boolean {
    let found: Connection | undefined;
    let least: number = ranks.needed;
    for (const connection of known.values()) {
      if (!isMeant(connection)) continue;
      const rank = rankOf(connection);
      if (rank >= least) continue;
      [found, least] = [connection, rank];
      if (rank === ranks.silent) break;
    }
    if (!found) return false;
    found.socket.destroy();
    forget(found.socket);
    return true;
  }

  function cutUnread(): void {
    const nowMs = performance.now();
    for (const connection of known.values()) {
      const { response, socket } = connection;
      if (!response?.writableEnded || response.writableFinished || connection.isUpgraded) continue;
      connection.unread ??= { sinceMs: nowMs, bytes: response.writableLength + socket.writableLength };
      const { sinceMs, bytes } = connection.unread;
      const patienceMs = (requestSeconds + bytes / minBytesPerSecond) * 1_000;
      if (nowMs - sinceMs > patienceMs) socket.destroy();
    }
  }
}

/** What connections are used for, the ones that can be done without first. */
const ranks = { silent: 0, idle: 1, sending: 2, unread: 3, needed: 4 } as const;

function rankOf({ request, response, isUpgraded, unread }: Connection): number {
  if (isUpgraded) return ranks.needed;
  if (!request || !response) return ranks.silent;
  if (!request.complete) return ranks.sending;
  if (response.writableFinished || response.destroyed) return ranks.idle;
  return unread && performance.now() - unread.sinceMs > unreadPatienceMs ? ranks.unread : ranks.needed;
}

/** To whoever sends a byte now and then. */
const tooSlow = `The request took too long to arrive ${settingOf('requestSeconds')}; nothing was done.`;

type Failure = readonly [status: string, code: ErrorCode, message: string];

const failures: Record<string, Failure> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'REQUEST_TOO_SLOW', tooSlow],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'BAD_REQUEST',
    'The headers must have at most 16 KiB.',
  ],
};
const noHttp: Failure = ['400 Bad Request', 'BAD_REQUEST', 'This is no request in HTTP/1.1.'];

/** Answers what never became a request: what is no HTTP, headers without end, and clients that send a byte now and then. */
export function answerNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, code, message] = failures[error.code ?? ''] ?? noHttp;
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  closeSoon(socket);
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** What has been answered is not kept open by clients that do not close their side. */
export function closeSoon(socket: Socket): void {
  setTimeout(() => socket.destroy(), closeSoonMs).unref();
}

import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../../errors';
import { type Limits, settingOf } from '../../limits';

/** More connections than this are closed as soon as they are opened. */
export function limitConnections(server: Server, { connections }: Limits): void {
  server.maxConnections = connections;
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
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Hands a request back to HTTP that offers to go on in another protocol, as clients of Java do with HTTP/2 in every first
 * request. Since the server listens for upgrades, Node gives it those of all kinds, already taken off HTTP: so the
 * request is written anew, without the offer, in front of what follows it.
 */
export function takeAsPlain(server: Server, request: IncomingMessage, socket: Socket, rest: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (!/^(connection|upgrade|http2-settings)$/i.test(name)) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

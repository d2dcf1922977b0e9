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
    const [name, value] = rawHeaders.slice(index, index + 2) as [string, string];
    if (/^connection$/i.test(name)) lines.push(`${name}: ${withoutOffer(value)}`);
    else if (!offered.test(name)) lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), rest]));
  server.emit('connection', socket);
}

const offered = /^(upgrade|http2-settings)$/i;

/** Whether the connection is to be kept stays as it was said. */
function withoutOffer(connection: string): string {
  return connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !offered.test(option))
    .join(', ');
}

import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors';

/** What a request must say once, if at all; two tokens are refused where tokens are read, with 401. */
const once = new Map(
  [
    'Host',
    'Content-Type',
    'Content-Length',
    'Transfer-Encoding',
    'Content-Encoding',
    'Origin',
    'Read-From',
    'Upgrade',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
  ].map((name) => [name.toLowerCase(), name]),
);

/** A name, an address of IPv4, or one of IPv6 in brackets; a port may follow. HTTP/1.1 lets it be empty. */
const host = /^(?:[\w.~!$&'()*+;=%-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * Refuses what could be understood in two ways: of a header that stands twice Node takes the first, and a proxy before us
 * may go by the other. Many requests have some twenty headers, so that this takes a microsecond.
 * @returns undefined when all is well
 */
export function findAmbiguity({ rawHeaders, headers }: IncomingMessage): AppError | undefined {
  let seen: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = once.get((rawHeaders[index] as string).toLowerCase());
    if (name === undefined) continue;
    seen ??= new Set();
    if (seen.has(name)) return new AppError('BAD_REQUEST', `The header ${name} must be given once.`);
    seen.add(name);
  }
  if (headers.host !== undefined && !host.test(headers.host)) {
    return new AppError(
      'BAD_REQUEST',
      'The header Host must be one name or address, as in care.example.com:4000.',
    );
  }
  if (headers['content-length'] !== undefined && headers['transfer-encoding'] !== undefined) {
    return new AppError(
      'BAD_REQUEST',
      'The headers Content-Length and Transfer-Encoding must not be given together.',
    );
  }
  return undefined;
}

import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { serviceForTests } from '../support/testService';

const api = serviceForTests();
beforeAll(() => api.server.listen({ host: '127.0.0.1', port: 0 }));

/** Sends a request as it stands there, and answers its status, code and sentence. */
async function send(lines: readonly string[], body = ''): Promise<[number, string?, string?]> {
  const socket = connect((api.server.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write([...lines, 'connection: close', '', body].join('\r\n'));
  const answer = await text(socket);
  const [head = '', json = ''] = answer.split('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  if (!json.startsWith('{')) return [status];
  const { errors, error = errors?.[0] } = JSON.parse(json);
  return [status, error?.extensions?.code ?? error?.code, error?.message];
}

const body = '{"query":"{ ping }"}';
const host = 'host: care.example.com';
const json = 'content-type: application/json';
const length = `content-length: ${body.length}`;

test.each([
  ['Host', [host, 'Host: other.example.com', json, length]],
  ['Host', [host, host, json, length]],
  ['Content-Type', [host, json, length, 'content-type: text/plain']],
  ['Origin', [host, json, length, 'origin: https://a.example.com', 'origin: https://b.example.com']],
  ['Read-From', [host, json, length, 'read-from: primary', 'read-from: primary']],
])('%s given twice is refused', async (name, headers) => {
  expect(await send(['POST /graphql HTTP/1.1', ...headers], body)).toEqual([
    400,
    'BAD_REQUEST',
    `The header ${name} must be given once.`,
  ]);
});

test.each([
  ['Content-Length given twice', [host, json, length, length]],
  ['two lengths in one header', [host, json, `content-length: ${body.length}, ${body.length}`]],
  ['a length and parts', [host, json, length, 'transfer-encoding: chunked']],
  ['Transfer-Encoding given twice', [host, json, 'transfer-encoding: chunked', 'transfer-encoding: chunked']],
  ['no Host', [json, length]],
  ['two names in Host', ['host: care.example.com, other.example.com', json, length]],
  ['a user in Host', ['host: care.example.com@other.example.com', json, length]],
  ['a path in Host', ['host: care.example.com/path', json, length]],
  ['a port in Host that is none', ['host: care.example.com:8x', json, length]],
])('%s is refused', async (_what, headers) => {
  expect((await send(['POST /graphql HTTP/1.1', ...headers], body))[0]).toBe(400);
});

test.each(['care.example.com', 'care.example.com:8443', '127.0.0.1:4000', '[::1]:4000', 'care_1'])(
  'Host may be %s',
  async (name) => {
    expect(await send(['POST /graphql HTTP/1.1', `host: ${name}`, json, length], body)).toEqual([200]);
  },
);

test.each(['/health/live', '/report.csv', '/graphql?query={ping}', '/'])(
  'the same holds for %s',
  async (path) => {
    expect((await send([`GET ${path} HTTP/1.1`, host, 'host: other.example.com'])).slice(0, 2)).toEqual([
      400,
      'BAD_REQUEST',
    ]);
  },
);

test.each([
  ['host: other.example.com'],
  ['origin: http://a', 'origin: http://b'],
  ['sec-websocket-version: 13'],
])('a WebSocket is refused with %s beside', async (...more) => {
  const asked = [
    'GET /graphql HTTP/1.1',
    host,
    'upgrade: websocket',
    'connection: upgrade',
    'sec-websocket-version: 13',
    'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol: graphql-transport-ws',
  ];
  expect((await send([...asked, ...more]))[0]).toBe(400);
});

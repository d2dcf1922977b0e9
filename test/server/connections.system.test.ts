import { EventEmitter, once } from 'node:events';
import { Agent, get, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Query, Resolver } from 'type-graphql';
import { createUnit } from '../support/fixtures';
import { startTestService, type TestService } from '../support/testService';

const portOf = ({ server }: TestService) => (server.server.address() as AddressInfo).port;

async function start(connections: number, more: { requestSeconds?: number } = {}): Promise<TestService> {
  const api = await startTestService({ limits: { connections, ...more } });
  await api.server.listen({ host: '127.0.0.1', port: 0 });
  return api;
}

const opened = new Set<Socket>();

/** What is open would be waited for. */
async function close(api: TestService): Promise<void> {
  for (const socket of opened) socket.destroy();
  opened.clear();
  await api.close();
}

/** Connects from an address of this machine, and says so much. */
async function dial(api: TestService, localAddress: string, said = ''): Promise<Socket> {
  const socket = connect({ port: portOf(api), host: '127.0.0.1', localAddress });
  opened.add(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (said !== '') socket.write(said);
  return socket;
}

async function dialMany(api: TestService, count: number, localAddress: string, said?: string) {
  const sockets: Socket[] = [];
  for (let at = 0; at < count; at += 1) sockets.push(await dial(api, localAddress, said));
  return sockets;
}

/** Asks on a connection of its own. */
async function ask(api: TestService, path: string, localAddress: string): Promise<number | undefined> {
  const asked = get({ port: portOf(api), host: '127.0.0.1', localAddress, path, agent: false });
  const answered = await once(asked, 'response').catch(() => undefined);
  if (!answered) return undefined;
  answered[0].resume();
  return answered[0].statusCode;
}

const isOpen = (socket: Socket) => !socket.destroyed && !socket.readableEnded;
const begun = 'POST /graphql HTTP/1.1\r\nhost: a\r\n';

test.each([
  ['say nothing', ''],
  ['begin a request', begun],
  ['send a part of a body', `${begun}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`],
])('more than a thousand connections that %s keep nobody out', async (_what, said) => {
  const api = await start(1_000);
  const sockets = await dialMany(api, 1_100, '127.0.0.1', said);
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    expect(await ask(api, '/health/live', address)).toBe(200);
    expect(await ask(api, '/health/ready', address)).toBe(200);
    expect(await ask(api, '/report', address)).toBe(200);
  }
  // One address has half of all; others have made room for the last ones.
  for (const socket of sockets) socket.resume();
  while (sockets.filter(isOpen).length > 500) await sleep(20);
  expect(sockets.filter(isOpen).length).toBeGreaterThan(490);
  await close(api);
});

test('connections of many addresses together make room, too, those first that have said nothing', async () => {
  const api = await start(10);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { port: portOf(api), host: '127.0.0.1', localAddress: '127.0.0.9', agent };
  const used = async () => {
    const sent = get({ ...options, path: '/health/live' });
    const [answer] = await once(sent, 'response');
    await text(answer);
    return sent.reusedSocket;
  };
  expect(await used()).toBe(false);
  for (let at = 10; at < 40; at += 1) await dial(api, `127.0.0.${at}`);
  expect(await used()).toBe(true);
  expect(await ask(api, '/report', '127.0.0.50')).toBe(200);
  agent.destroy();
  await close(api);
});

@Resolver()
class WaitingResolver {
  static readonly end = new EventEmitter();

  @Query(() => Boolean)
  async waited(): Promise<boolean> {
    await once(WaitingResolver.end, 'end');
    return true;
  }
}

test('where all are in use, a few more are told that there are too many, and whether the service is well', async () => {
  const api = await startTestService({ limits: { connections: 10 }, moreResolvers: [WaitingResolver] });
  await api.server.listen({ host: '127.0.0.1', port: 0 });
  const body = '{"query":"{ waited }"}';
  const head = `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nauthorization: ${api.authorization}\r\n`;
  const asked = `${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
  const waiting = [
    ...(await dialMany(api, 5, '127.0.0.2', asked)),
    ...(await dialMany(api, 5, '127.0.0.3', asked)),
  ];
  while (WaitingResolver.end.listenerCount('end') < 10) await sleep(10);
  for (const address of ['127.0.0.2', '127.0.0.4']) {
    expect(await ask(api, '/report', address)).toBe(503);
    expect(await ask(api, '/health/live', address)).toBe(200);
  }
  // Also beside connections that say nothing, more than are kept for this.
  await dialMany(api, 40, '127.0.0.5');
  expect(await ask(api, '/health/ready', '127.0.0.4')).toBe(200);
  WaitingResolver.end.emit('end');
  for (const socket of waiting) expect(await text(socket)).toContain('{"data":{"waited":true}}');
  expect(await ask(api, '/report', '127.0.0.4')).toBe(200);
  await close(api);
});

test('an answer that nobody reads is given up after a time, and its connection closed', async () => {
  const api = await start(10, { requestSeconds: 1 });
  for (let at = 0; at < 50; at += 1) await createUnit(api, { name: `${'x'.repeat(150)} ${at}` });
  const names = Array.from({ length: 20 }, (_, at) => `n${at}: name`).join(' ');
  const body = JSON.stringify({ query: `{ units { nodes { ${names} } } }` });
  const head = [
    'POST /graphql HTTP/1.1',
    'host: a',
    'content-type: application/json',
    `authorization: ${api.authorization}`,
    `content-length: ${body.length}`,
  ];
  const connected = once(api.server.server, 'connection');
  const socket = await dial(api, '127.0.0.1');
  socket.pause();
  const [connection] = await connected;
  // Until the kernel keeps no more for somebody who does not read.
  let answered = 0;
  api.server.server.on('request', (_request, response: ServerResponse) =>
    response.once('prefinish', () => {
      answered += 1;
    }),
  );
  for (let asked = 1; connection.writableLength === 0; asked += 1) {
    socket.write([...head, '', body].join('\r\n'));
    while (answered < asked) await sleep(1);
  }
  const beganAtMs = performance.now();
  await once(connection, 'close');
  expect(performance.now() - beganAtMs).toBeGreaterThan(1_000);
  await close(api);
});

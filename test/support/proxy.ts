import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestDatabase } from './databases';

/** A connection that leads through the proxy. */
interface Passage {
  client: Socket;
  server: Socket;
  /** Nothing passes any more, and neither side is told. */
  isSilent: boolean;
}

/** Stands between a service and its PostgreSQL, and does to the connections what a network does. */
export interface NetworkProxy {
  /** The database, by way of the proxy. */
  database: TestDatabase;
  /** Sees what a client says, before the server does. */
  onSaid: ((passage: Passage, said: string) => void) | undefined;
  /** Whether new connections are broken at once. */
  isRefusing: boolean;
  close(): Promise<void>;
}

export async function startProxy(database: TestDatabase): Promise<NetworkProxy> {
  const target = new URL(database.url);
  const port = Number(target.port || 5432);
  const socketFolder = target.searchParams.get('host');
  const serverAt =
    socketFolder === null
      ? { port, host: target.hostname }
      : { path: join(socketFolder, `.s.PGSQL.${port}`) };
  const passages = new Set<Passage>();
  const server = createServer((client) => {
    if (proxy.isRefusing) {
      client.destroy();
      return;
    }
    const passage = {
      client,
      server: connect(serverAt),
      isSilent: false,
    };
    passages.add(passage);
    passThrough(passage);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(database.url);
  url.searchParams.delete('host');
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy: NetworkProxy = {
    database: { ...database, url: url.href },
    onSaid: undefined,
    isRefusing: false,
    async close() {
      for (const { client, server } of passages) for (const socket of [client, server]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;

  function passThrough(passage: Passage): void {
    const { client, server } = passage;
    client.on('data', (bytes) => {
      proxy.onSaid?.(passage, bytes.toString('latin1'));
      if (!passage.isSilent) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!passage.isSilent && !client.destroyed) client.write(bytes);
    });
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('close', () => server.end());
    server.on('close', () => {
      if (!passage.isSilent) client.destroy();
    });
  }
}

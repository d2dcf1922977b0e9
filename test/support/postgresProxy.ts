import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestDatabase, temporaryFolder } from './databases';

/** What becomes of what a client says; the connection breaks with what is lost. */
export type Fate =
  | 'arrives'
  | 'is lost'
  | 'arrives, and its answer is lost'
  | 'is lost, and the server panics'
  | 'arrives, and the server panics';

/** Stands between a service and a server on a socket, and breaks a connection where the test says. */
export class PostgresProxy {
  /** Told what clients say, as they say it. */
  fateOf: (said: string) => Fate = () => 'arrives';

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
    /** The database, by way of the proxy. */
    readonly database: TestDatabase,
  ) {}

  static async open(database: TestDatabase): Promise<PostgresProxy> {
    const folder = temporaryFolder();
    const url = new URL(database.url);
    const target = join(url.searchParams.get('host') as string, socketName);
    url.searchParams.set('host', folder);
    const server = createServer((client) => {
      const backend = connect(target);
      let isAnswerLost = false;
      const cut = () => {
        client.destroy();
        backend.destroy();
      };
      let panics = false;
      const panic = () => {
        client.end(panicMessage);
        backend.destroy();
      };
      client.on('data', (bytes) => {
        const fate = proxy.fateOf(bytes.toString('latin1'));
        if (fate === 'is lost') return cut();
        panics = fate.endsWith('the server panics');
        if (fate === 'is lost, and the server panics') return panic();
        isAnswerLost = fate !== 'arrives';
        backend.write(bytes);
      });
      backend.on('data', (bytes) => {
        if (panics) panic();
        else if (isAnswerLost) cut();
        else client.write(bytes);
      });
      for (const socket of [client, backend]) socket.on('error', cut).on('close', cut);
    });
    const proxy = new PostgresProxy(server, folder, { ...database, url: url.href });
    server.listen(join(folder, socketName));
    await once(server, 'listening');
    return proxy;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a server says before it goes down because its log cannot be flushed. */
const panicMessage = (() => {
  const fields = [
    'SPANIC',
    'VPANIC',
    'C58030',
    'Mcould not fdatasync file "000000010000000000000001": I/O error',
  ];
  const text = Buffer.from(`${fields.map((field) => `${field}\0`).join('')}\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeUInt32BE(text.length + 4, 1);
  return Buffer.concat([head, text]);
})();

const socketName = '.s.PGSQL.5432';

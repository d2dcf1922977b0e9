import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { loadSample } from '../../seed/loadSample';
import type { Config } from '../config';
import { OperatorError } from '../errors';
import { openService, type Service } from '../service';
import { createServer } from './createServer';
import { version } from './version';

/** Longest wait for requests in flight and the write queue when the service is told to stop. */
const stopTimeoutMs = 10_000;

/** Starts the service, tells where it is, and stops it on SIGTERM or SIGINT. Resolves once it listens. */
export async function serve(config: Readonly<Config>): Promise<void> {
  const service = await openService(config);
  const sample = config.databaseIsDefault ? await loadSample(service) : undefined;
  const server = await createServer(service);
  await listen(server, config, service);
  stopOnSignals(server, service);
  process.stdout.write(welcome(server, config, sample));
}

async function listen(server: FastifyInstance, config: Readonly<Config>, service: Service): Promise<void> {
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    await server.close();
    await service.close();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') {
      throw new OperatorError(
        `Port ${config.port} on ${config.host} is in use already. Stop what uses it, or choose another: PORT=4001`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new OperatorError(
        `Cannot listen on ${config.host}, port ${config.port} (${code}). Check HOST and PORT.`,
      );
    }
    throw error;
  }
}

function stopOnSignals(server: FastifyInstance, service: Service): void {
  const stop = async () => {
    // Work that does not end must not keep the process for ever; a second signal ends it at once.
    setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    await server.close();
    await service.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function welcome(server: FastifyInstance, config: Readonly<Config>, sample: string | undefined): string {
  const { address, port, family } = server.server.address() as AddressInfo;
  const origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  return `
Caretally ${version} is ready. Months are counted in ${config.timeZone}.

  Look   ${origin}/playground
  Ask    curl ${origin}/graphql -H 'content-type: application/json' \\
           -d '{"query":"{ report { totals { currency total { amount events } } } }"}'
  Data   ${config.database.file}${sample === undefined ? '' : ` (${sample})`}
  Stop   Ctrl-C

`;
}

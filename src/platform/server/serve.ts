import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Access, openAccess } from '../access/access';
import { issueToken } from '../access/issueToken';
import { type Keys, loadKeys } from '../access/keys';
import { signInLink } from '../access/link';
import { actOfOperator } from '../audit/act';
import type { Config } from '../config';
import { OperatorError } from '../errors';
import { openService, type Service } from '../service';
import { findWideRights } from '../storage/sqlite/privateFiles';
import { lockForService } from '../storage/sqlite/serviceLock';
import type { Subsystem } from '../subsystem';
import { createServer } from './createServer';
import { standardOutput } from './logOutput';
import { stopOnSignals } from './stopping';
import { version } from './version';

/** How long the link of the first start signs a browser in. */
const firstSignInMs = 8 * 3_600_000;

/**
 * Starts the service, tells where it is, and stops it on SIGTERM or SIGINT. Resolves once it listens.
 * @throws OperatorError when it cannot; another service on the same SQLite file is a reason
 */
export async function serve(subsystems: readonly Subsystem[], config: Readonly<Config>): Promise<void> {
  if (config.database.engine === 'sqlite') await lockForService(config.database.file);
  const keys = loadKeys(config.auth);
  const service = await openService(subsystems, config);
  await service.database.claim();
  const sample = config.databaseIsDefault ? await loadSamples(service) : undefined;
  const server = await createServer(service, await openDoor(service, keys));
  if (config.database.engine === 'sqlite') {
    for (const warning of findWideRights(config.database.file)) server.log.warn(warning);
  }
  for (const risk of await service.database.findRisks()) server.log.warn(risk);
  await listen(server, config, service);
  stopOnSignals(server, service);
  const origin = originOf(server);
  const output = standardOutput();
  output.write(welcome(config, origin, sample, await signInLines(config, keys, origin, service)));
  output.flush();
}

/** @returns what the subsystems say of their made-up data; undefined where there is none */
async function loadSamples(service: Service): Promise<string | undefined> {
  const said: string[] = [];
  for (const subsystem of service.subsystems) {
    const sample = await subsystem.loadSample?.(service);
    if (sample !== undefined) said.push(sample);
  }
  return said.length > 0 ? said.join('; ') : undefined;
}

async function openDoor(service: Service, keys: Keys): Promise<Access> {
  try {
    return await openAccess(service, keys);
  } catch (error) {
    await service.close();
    throw error;
  }
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

function originOf(server: FastifyInstance): string {
  const { address, port, family } = server.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/**
 * Where to look first, and how to sign in there. The very first start makes the secret of all tokens: nobody can
 * have one, so it gives one away, to whoever sees its output. The part behind the # is sent to no server.
 */
async function signInLines(
  { playground }: Readonly<Config>,
  keys: Keys,
  origin: string,
  service: Service,
): Promise<string[]> {
  const page = playground ? '/playground' : '/';
  if (keys.kind === 'provider') return [`${origin}${page}`, 'with a token of your identity provider'];
  const another = `npx caretally token --role ADMIN --link ${origin}${playground ? page : ''}`;
  if (!keys.isNew) return [`${origin}${page}`, `for a link that signs you in: ${another}`];
  const wish = { role: 'ADMIN', name: 'admin', lifetimeMs: firstSignInMs } as const;
  const made = await issueToken(service, keys.bytes, wish, actOfOperator(service));
  return [signInLink(origin, page, made.token), `this signs you in for 8 hours; for another: ${another}`];
}

function welcome(
  config: Readonly<Config>,
  origin: string,
  sample: string | undefined,
  [look, how]: string[],
): string {
  return `
Caretally ${version} is ready. Months are counted in ${config.timeZone}.

  Look   ${look}
         ${how}
  Ask    curl ${origin}/graphql -H "authorization: Bearer $(npx caretally token --role ANALYST)" \\
           -H 'content-type: application/json' -d '{"query":"{ report { totals { currency total { amount events } } } }"}'
  Data   ${config.database.name}${sample === undefined ? '' : ` (${sample})`}
  Stop   Ctrl-C

`;
}

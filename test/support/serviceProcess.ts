import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { withoutRates } from './rates';
import { testSecret } from './tokens';

/**
 * Starts the service as a process of its own, as `npm run build` has made it, on a free port. It takes the tests' tokens;
 * with an empty AUTH_SECRET, it makes a secret as for anybody.
 * @param starter a command that ends by becoming the one behind it
 */
export function spawnService(
  environment: NodeJS.ProcessEnv,
  folder?: string,
  starter: readonly string[] = [],
): ChildProcess {
  const main = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
  const [command = process.execPath, ...given] = [...starter, process.execPath, main];
  return spawn(command, given, {
    ...(folder !== undefined && { cwd: folder }),
    env: { AUTH_SECRET: testSecret, ...withoutRates, ...environment, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The playground's address, as the service prints it for people. */
export async function addressOf(service: ChildProcess): Promise<string> {
  if (!service.stdout) throw new Error('the service has no output');
  for await (const line of createInterface({ input: service.stdout })) {
    const address = /Look\s+(\S+)/.exec(line)?.[1];
    if (address) return address;
  }
  throw new Error('the service ended without telling its address');
}

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type NodeProcess, startNode } from './nodeProcess';

export interface ServerProcess {
  /** Where it listens: http://127.0.0.1:… */
  origin: string;
  /** @returns the most memory that it had resident at any time, in bytes */
  stop(): Promise<number>;
}

/**
 * Starts the server of the benchmarks on a database.
 * @param batchInputs how many inputs share a transaction; the service's own limit when left out
 */
export async function startServer(databaseUrl: string, batchInputs?: number): Promise<ServerProcess> {
  return untilListening(
    startNode('bench/server.js', batchInputs === undefined ? [] : [String(batchInputs)], databaseUrl),
  );
}

/** Starts the service itself, as `npm start` does, and waits until it says that it is ready. */
export async function startService(databaseUrl: string): Promise<ServerProcess> {
  const server = await untilListening(startNode('src/main.js', [], databaseUrl));
  const { status } = await fetch(`${server.origin}/health/ready`);
  if (status !== 200) throw new Error(`/health/ready answered ${status}`);
  return server;
}

async function untilListening({ child, peakBytes }: NodeProcess): Promise<ServerProcess> {
  child.stderr.pipe(process.stderr);
  const origin = await readOrigin(child);
  return {
    origin,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      return peakBytes;
    },
  };
}

/** Both servers print where they are. */
async function readOrigin(child: NodeProcess['child']): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) {
    const origin = /http:\/\/[^/\s]+/.exec(line)?.[0];
    if (origin === undefined) continue;
    child.stdout.resume();
    return origin;
  }
  throw new Error('the server ended before it listened');
}

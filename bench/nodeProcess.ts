import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { benchSecret } from './signedIn';

export interface NodeProcess {
  child: ChildProcess & { stdout: Readable; stderr: Readable };
  /** The most memory that it had resident at any time; known when it has ended. */
  peakBytes: Promise<number>;
}

const running = new Set<ChildProcess>();
// A benchmark that fails, or is stopped, leaves no process behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts one of the programs that are built, by its path below dist/, on a database. */
export function startNode(program: string, commandLine: readonly string[], databaseUrl: string): NodeProcess {
  const child = spawn(
    process.execPath,
    ['--require', join(__dirname, 'tellPeakMemory.js'), join(__dirname, '..', program), ...commandLine],
    {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        AUTH_SECRET: benchSecret,
        PORT: '0',
        LOG_LEVEL: 'error',
        NODE_ENV: 'production',
        // Nobody asks as often as a benchmark.
        MAX_REQUESTS_PER_MINUTE: '0',
        MAX_ADDRESS_REQUESTS_PER_MINUTE: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  );
  running.add(child);
  child.once('exit', () => running.delete(child));
  return {
    child: child as NodeProcess['child'],
    // Nothing is told by a process that was killed.
    peakBytes: text(child.stdio[3] as Readable).then((bytes) => Number(bytes || Number.NaN)),
  };
}

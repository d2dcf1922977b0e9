import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ServerProcess {
  /** Where it listens: http://127.0.0.1:… */
  origin: string;
  stop(): Promise<void>;
}

/** Starts the server of the benchmarks on a database file. */
export async function startServer(file: string, batchInputs?: number): Promise<ServerProcess> {
  const child = spawn(
    process.execPath,
    [join(__dirname, 'server.js'), ...(batchInputs === undefined ? [] : [String(batchInputs)])],
    {
      env: { ...process.env, DATABASE_URL: `sqlite:${file}`, LOG_LEVEL: 'error', NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [origin] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    origin,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

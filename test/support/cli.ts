import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestDatabase } from './databases';

export interface CommandResult {
  exitCode: number;
  output: string;
  errors: string;
}

/** Runs the caretally command, as `npm run build` has made it, on a database. */
export async function runCaretally(
  database: Pick<TestDatabase, 'url'>,
  commandLine: readonly string[],
  environment: Record<string, string> = {},
): Promise<CommandResult> {
  const child = spawn(
    process.execPath,
    [join(__dirname, '..', '..', 'dist', 'src', 'cli.js'), ...commandLine],
    {
      env: { ...process.env, DATABASE_URL: database.url, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode ?? -1, output, errors };
}

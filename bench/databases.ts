import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where databases lie that several benchmarks share; made once in a run. */
export class Databases {
  constructor(readonly folder: string) {}

  /** A database with so many events, by the seed command; answers its file. */
  seeded(events: number, caregivers: number): string {
    const file = join(this.folder, `seeded-${events}-${caregivers}.db`);
    if (!existsSync(file)) {
      process.stderr.write(`seeding ${events.toLocaleString('en')} events of ${caregivers} caregivers\n`);
      runCaretally(file, [
        'seed',
        '--events',
        String(events),
        '--caregivers',
        String(caregivers),
        '--years',
        '5',
      ]);
    }
    return file;
  }

  /** A file name of its own for every call. */
  path(name: string): string {
    return join(this.folder, name);
  }
}

/** Runs the command line as an operator does; answers what it printed. */
export function runCaretally(file: string, commandLine: readonly string[]): string {
  return execFileSync(process.execPath, [join(__dirname, '..', 'src', 'cli.js'), ...commandLine], {
    env: { ...process.env, DATABASE_URL: `sqlite:${file}` },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
}

/** How long something takes, in milliseconds. */
export async function timeMs(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

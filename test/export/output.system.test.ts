import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runCaretally } from '../support/cli';
import { databaseForTests, temporaryFolder } from '../support/databases';
import { startTestService } from '../support/testService';
import { createWideReport, eventually, wideMonths, wideRows } from './wideReport';

const cli = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
const folder = temporaryFolder();
const database = databaseForTests();
const largeDatabase = databaseForTests();
const made = join(folder, 'made');
const run = (...commandLine: string[]) => runCaretally(database, ['export', 'report', ...commandLine]);

/** The command as a process that a test can stop. */
function start(commandLine: readonly string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, [cli, 'export', ...commandLine], {
    env: { ...process.env, DATABASE_URL: database.url, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

beforeAll(async () => {
  const api = await startTestService({ database });
  await createWideReport(api);
  await api.close();
});
beforeEach(() => {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file is written whole, and replaces the one before', async () => {
  const path = join(made, 'report.csv');
  writeFileSync(path, 'what was there before');
  // A run that was killed has left its part.
  writeFileSync(`${path}.partial`, 'x'.repeat(1_000));
  const { exitCode, output, errors } = await run('--output', path);
  expect([exitCode, output, errors]).toEqual([0, `Wrote 20,000 rows to ${path}.\n`, '']);
  expect(readFileSync(path, 'utf8')).toBe((await run()).output);
  expect(readdirSync(made)).toEqual(['report.csv']);

  const summary = await run('--output', path, '--from-month', '2015-01', '--to-month', '2015-01', '--json');
  expect(JSON.parse(summary.output)).toEqual({ rows: wideRows / wideMonths, file: path });
  expect(readdirSync(made)).toEqual(['report.csv']);
});

test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'stopped by %s, it leaves no half file under the final name',
  async (signal) => {
    const path = join(made, 'report.json');
    writeFileSync(path, 'what was there before');
    const child = start(['report', '--format', 'json', '--output', path]);
    await eventually(async () => expect(existsSync(`${path}.partial`)).toBe(true));
    child.kill(signal);
    await once(child, 'close');
    // It may have been done already.
    if (child.exitCode === 0) expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(wideRows);
    else expect(readFileSync(path, 'utf8')).toBe('what was there before');
    if (signal !== 'SIGKILL') expect(readdirSync(made)).toEqual(['report.json']);
    expect(await run('--output', path)).toMatchObject({ exitCode: 0 });
    expect(readdirSync(made)).toEqual(['report.json']);
  },
);

test('a file that cannot be written is refused in a sentence', async () => {
  const missing = join(made, 'missing', 'report.csv');
  expect(await run('--output', missing)).toEqual({
    exitCode: 1,
    output: '',
    errors: `Cannot write ${missing} (ENOENT). Check its folder, the rights to it and the room on the disk, or choose another name.\n`,
  });
  for (const [path, what] of [
    [made, 'a folder'],
    [join(made, 'null'), 'a device'],
  ] as const) {
    if (what === 'a device') symlinkSync('/dev/null', path);
    const { exitCode, errors } = await run('--output', path);
    expect([what, exitCode, errors]).toEqual([
      what,
      1,
      `${path} is there already and is no file; choose another name.\n`,
    ]);
  }
  expect(readdirSync(made)).toEqual(['null']);
  const refused = await run('--output', join(made, 'report.csv'), '--caregiver', 'x');
  expect(refused.exitCode).toBe(1);
  expect(readdirSync(made)).toEqual(['null']);
});

test('a reader that has enough ends it quietly', async () => {
  const child = start(['report']);
  const [errors] = await Promise.all([
    text(child.stderr),
    once(child.stdout, 'data').then(() => child.stdout.destroy()),
    once(child, 'close'),
  ]);
  expect([child.exitCode, errors]).toEqual([0, '']);
});

test('memory does not grow with the number of rows', async () => {
  const seeded = await runCaretally(largeDatabase, ['seed', '--events', '200000', '--caregivers', '200']);
  expect(seeded.exitCode).toBe(0);
  // Prints the most memory that the process has ever had, in kilobytes. What Node tells begins, on Linux, with the
  // memory of the process that started it: this one.
  const preload = join(folder, 'printMemory.cjs');
  writeFileSync(
    preload,
    `if (require('node:worker_threads').isMainThread)
      process.on('exit', () => {
        const told = process.platform === 'linux' && require('node:fs').readFileSync('/proc/self/status', 'utf8');
        const most = told ? /^VmHWM:\\s+(\\d+) kB$/m.exec(told)[1] : process.resourceUsage().maxRSS;
        process.stderr.write(String(most));
      });`,
  );
  const memoryOf = async (...commandLine: string[]) => {
    const child = start(['events', '--format', 'json', ...commandLine], {
      DATABASE_URL: largeDatabase.url,
      // A small heap, or garbage would be left lying as long as there is room.
      NODE_OPTIONS: `--max-old-space-size=40 --require "${preload}"`,
    });
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [kilobytes] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return { outputMb: bytes / 1e6, memoryMb: Number(/\d+$/.exec(kilobytes)?.[0]) / 1e3 };
  };
  const month = seedMonth();
  const few = await memoryOf('--from-month', month, '--to-month', month);
  const all = await memoryOf();
  expect(few.outputMb).toBeLessThan(2);
  expect(all.outputMb).toBeGreaterThan(50);
  expect(few.memoryMb).toBeGreaterThan(30);
  expect(all.memoryMb - few.memoryMb).toBeLessThan(40);
});

/** A month in the middle of the years that are seeded. */
function seedMonth(): string {
  return new Date(Date.now() - 2 * 365 * 86_400_000).toISOString().slice(0, 7);
}

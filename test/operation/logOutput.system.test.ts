import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../support/databases';
import { mayMount, onOwnDisk } from '../support/disk';
import { parseMetrics, sumOf } from '../support/metrics';
import { withoutRates } from '../support/rates';
import { adminHeader, testSecret } from '../support/tokens';

const main = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const dropped = 'caretally_log_lines_dropped_total';
/** What operators are promised. */
const stopsWithinMs = 10_000;

jest.setTimeout(180_000);

let folder: string;
let child: ChildProcess | undefined;
let origin: string;
/** What the test itself holds open. */
let held: number[];
beforeEach(() => {
  folder = temporaryFolder();
  held = [];
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const fd of held) closeSync(fd);
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the service with its standard output in a place that may take nothing, and waits until it answers. */
async function start(stdout: number | 'pipe', starter: readonly string[] = []): Promise<ChildProcess> {
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const [command = process.execPath, ...given] = [...starter, process.execPath, main];
  const started = spawn(command, given, {
    env: {
      ...process.env,
      ...withoutRates,
      AUTH_SECRET: testSecret,
      DATABASE_URL: `sqlite:${join(folder, 'care.db')}`,
      LOG_LEVEL: 'info',
      PORT: String(port),
    },
    stdio: ['ignore', stdout, 'inherit'],
  });
  child = started;
  for (;;) {
    if (started.exitCode !== null || started.signalCode !== null) throw new Error('the service has ended');
    const answer = await fetch(`${origin}/health/live`).catch(() => undefined);
    if (answer?.status === 200) return started;
    await sleep(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const get = async (path: string) => fetch(`${origin}${path}`, { headers: await adminHeader() });

async function droppedLines(): Promise<number> {
  return sumOf(parseMetrics(await (await get('/metrics')).text()), dropped) ?? Number.NaN;
}

/** Asks for what is logged, until something is true. */
async function askUntil(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    await askOften(500);
    if (await isTrue()) return;
    await sleep(20);
  }
}

/** Sends requests on one connection, without waiting for the answers. */
async function askOften(times: number): Promise<void> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const request = 'GET /health/live HTTP/1.1\r\nhost: a\r\n';
  socket.write(`${`${request}\r\n`.repeat(times - 1)}${request}connection: close\r\n\r\n`);
  expect((await text(socket)).match(/HTTP\/1\.1 200 /g)).toHaveLength(times);
}

async function expectToStop(): Promise<void> {
  const stopping = child as ChildProcess;
  expect((await get('/health/live')).status).toBe(200);
  const sentAtMs = performance.now();
  const exited = once(stopping, 'exit');
  stopping.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(performance.now() - sentAtMs).toBeLessThan(stopsWithinMs);
}

/** Without those that are not whole. */
function linesIn(log: string): { msg: string; droppedLines?: number }[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line));
}

test('a log on a disk that is full from the start is dropped and counted, and everything else goes on', async () => {
  const full = openSync('/dev/full', 'w');
  held.push(full);
  await start(full);
  await askUntil(async () => (await droppedLines()) > 100);
  await expectToStop();
});

(mayMount ? test : test.skip)(
  'a log on a disk that becomes full goes on once there is room, and says what is missing',
  async () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const { pid } = await start('pipe', onOwnDisk(disk, join(disk, 'log')));
    const inside = join(`/proc/${pid}/root`, disk);
    const filler = join(inside, 'filler');
    expect(() => {
      for (;;) writeFileSync(filler, Buffer.alloc(4_096), { flag: 'a' });
    }).toThrow(/ENOSPC/);
    await askUntil(async () => (await droppedLines()) > 100);
    rmSync(filler);
    const log = () => readFileSync(join(inside, 'log'), 'utf8');
    const gap = () => linesIn(log()).find(({ droppedLines }) => droppedLines !== undefined);
    await askUntil(() => gap() !== undefined);
    expect(gap()).toMatchObject({
      level: 40,
      msg: 'lines of the log were dropped: standard output took none',
    });
    expect(gap()?.droppedLines).toBeGreaterThan(100);
    await expectToStop();
  },
);

test('a log that nobody reads is dropped beyond a megabyte, and goes on when it is read', async () => {
  const fifo = join(folder, 'log');
  expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
  // Open for reading as well, else nobody could open it for writing.
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, constants.O_WRONLY);
  held.push(reader, writer);
  await start(writer);
  await askUntil(async () => (await droppedLines()) > 0);
  let heard = '';
  const chunk = Buffer.alloc(1_048_576);
  const read = () => {
    try {
      for (let bytes = 1; bytes > 0; ) {
        bytes = readSync(reader, chunk);
        heard += chunk.toString('latin1', 0, bytes);
      }
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN');
    }
  };
  for (let isTold = false; !isTold; await sleep(20)) {
    read();
    isTold = linesIn(heard).some(({ droppedLines = 0 }) => droppedLines > 0);
  }
  const before = await droppedLines();
  // And full again, so that nothing can be written at the end.
  await askUntil(async () => (await droppedLines()) > before);
  await expectToStop();
});

test('a log whose reader has gone is dropped and counted, and everything else goes on', async () => {
  const started = await start('pipe');
  started.stdout?.destroy();
  await askUntil(async () => (await droppedLines()) > 100);
  await expectToStop();
});

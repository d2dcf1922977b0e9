import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import { type TestDatabase, temporaryFolder } from './databases';

/** What a server is started with, beside what every one of them has. */
export type Settings = Record<string, string | number>;

/** How a server is told to stop: it ends what is under way, or drops everything as in a crash. */
export type StopMode = 'fast' | 'immediate';
const stopSignals = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

/** Nothing is lost when a server crashes; the machine itself does not crash in a test. */
const alwaysSet: Settings = {
  listen_addresses: '',
  fsync: 'off',
  wal_retrieve_retry_interval: '100ms',
  max_wal_senders: 10,
};

/**
 * A PostgreSQL server of a test's own, which the test may stop, cut off and spoil: in a temporary folder, on a socket in it
 * and on no port, made from the programs that Debian's package installs.
 */
export class PostgresServer {
  private child: ChildProcess | undefined;
  private readonly standbys: PostgresServer[] = [];

  private constructor(
    private readonly folder: string,
    private readonly settings: Settings,
  ) {}

  /** A new server that runs. */
  static async create(settings: Settings = {}): Promise<PostgresServer> {
    const server = new PostgresServer(ownFolder(), settings);
    running.add(server);
    const options = ['--username', 'tests', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C.UTF-8'];
    await run('initdb', ['--pgdata', server.data, '--no-sync', ...options]);
    await server.start();
    return server;
  }

  /** A streaming replica of this server that runs. */
  async createStandby(settings: Settings = {}): Promise<PostgresServer> {
    const standby = new PostgresServer(ownFolder(), settings);
    running.add(standby);
    this.standbys.push(standby);
    const from = ['--host', this.folder, '--username', 'tests', '--checkpoint', 'fast', '--no-sync'];
    await run('pg_basebackup', [...from, '--write-recovery-conf', '--pgdata', standby.data]);
    await standby.start();
    return standby;
  }

  /** What to write into DATABASE_URL for one of its databases. */
  url(database: string): string {
    return `postgres://tests@localhost/${database}?host=${this.folder}`;
  }

  /** A database on this server. The server goes as a whole, so nobody need drop it. */
  database(name = 'care'): TestDatabase {
    return {
      url: this.url(name),
      create: async () => void (await this.query(`create database ${name}`)),
      drop: async () => undefined,
    };
  }

  /** Starts the server's process, and waits until it takes connections. */
  async start(): Promise<void> {
    const settings = { ...alwaysSet, ...this.settings, unix_socket_directories: this.folder };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const log = openSync(join(this.folder, 'log'), 'a');
    const [program, words] = asOwner('postgres', ['-D', this.data, ...options]);
    this.child = spawn(program, words, { stdio: ['ignore', log, log] });
    await this.untilItAnswers();
  }

  async stop(mode: StopMode): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(stopSignals[mode]);
    await exit;
  }

  async restart(mode: StopMode): Promise<void> {
    await this.stop(mode);
    await this.start();
  }

  /** Stops all of its processes where they are: it takes connections, and says nothing any more. */
  freeze(): void {
    const { pid } = this.child as ChildProcess;
    signal(pid as number, 'SIGSTOP');
    for (const child of childrenOf(pid as number)) signal(child, 'SIGSTOP');
  }

  thaw(): void {
    const { pid } = this.child as ChildProcess;
    for (const child of [...childrenOf(pid as number), pid as number]) signal(child, 'SIGCONT');
  }

  /** Runs a statement as the server's operator, on a connection of its own. */
  async query<Row extends QueryResultRow>(statement: string, database = 'postgres'): Promise<Row[]> {
    const client = new Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Changes a setting while the server runs. */
  async set(name: string, value: string): Promise<void> {
    await this.query(`alter system set ${name} = ${value}`);
    await this.query('select pg_reload_conf()');
  }

  /** Waits until this standby has replayed all that its primary has written. */
  async untilCaughtUp(primary: PostgresServer): Promise<void> {
    const [written] = await primary.query<{ lsn: string }>('select pg_current_wal_lsn() as lsn');
    await until(async () => {
      const [row] = await this.query<{ done: boolean }>(
        `select pg_last_wal_replay_lsn() >= '${written?.lsn}' as done`,
      );
      return row?.done === true;
    });
  }

  readFile(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  /** Stops the server, and removes all that there is of it and its standbys. */
  async remove(): Promise<void> {
    for (const standby of this.standbys) await standby.remove();
    if (this.child?.pid !== undefined && this.child.exitCode === null) {
      this.thaw();
      await this.stop('immediate');
    }
    rmSync(this.folder, { recursive: true, force: true });
    running.delete(this);
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private async untilItAnswers(): Promise<void> {
    await until(async () => {
      if (this.child?.exitCode !== null) throw new Error(`the server has ended:\n${this.readFile('log')}`);
      return this.query('select 1').then(
        () => true,
        () => false,
      );
    });
  }
}

/** A test that fails does not come to the point of removing its servers. */
const running = new Set<PostgresServer>();
afterAll(async () => {
  for (const server of running) await server.remove();
});

/** Tries until it is so. */
export async function until(isSo: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<void> {
  for (const giveUpMs = performance.now() + withinMs; !(await isSo()); ) {
    if (performance.now() > giveUpMs) throw new Error(`it was not so within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Where Debian's package puts the server's programs; the newest version. */
function programs(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).filter((version) => /^\d+$/.test(version)) : [];
  const newest = versions.map(Number).sort((left, right) => right - left)[0];
  if (newest === undefined) throw new Error('These tests start servers: apt-get install postgresql');
  return join(root, String(newest), 'bin');
}

/**
 * A program of PostgreSQL with its command line. PostgreSQL refuses to run as root, and runs as the user of its package
 * then. What is started ends with the process that started it, also when that is killed.
 */
function asOwner(program: string, commandLine: readonly string[]): [string, string[]] {
  const owner = isRoot ? ['--reuid', 'postgres', '--regid', 'postgres', '--init-groups'] : [];
  return ['setpriv', [...owner, '--pdeathsig', 'QUIT', join(programs(), program), ...commandLine]];
}

async function run(program: string, commandLine: readonly string[]): Promise<void> {
  await promisify(execFile)(...asOwner(program, commandLine));
}

const isRoot = process.getuid?.() === 0;

/** A new folder that the server's user owns. */
function ownFolder(): string {
  const folder = temporaryFolder();
  if (isRoot) execFileSync('chown', ['postgres', folder]);
  return folder;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

/** The fourth field of a process's line, behind its name in parentheses. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Signals a process, which may have ended by itself just now. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

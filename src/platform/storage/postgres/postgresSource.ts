import { Client, type ClientConfig, DatabaseError, Pool, types } from 'pg';
import { DataSource, MigrationExecutor } from 'typeorm';
import { OperatorError } from '../../errors';
import {
  applicationName,
  type Distribution,
  distributeTables,
  distributingName,
  isForCluster,
} from '../citus/distributeTables';
import type { StatementListener } from '../core/database';
import { driverErrorOf } from '../core/failures';
import type { Migration } from '../core/ownTables';
import { Snapshot } from '../core/transaction';
import { PostgresConnection } from './postgresConnection';
import { lockSpace } from './postgresDialect';
import { Pulse } from './pulse';

export interface PostgresSourceOptions {
  /** As in postgres://user:password@host:port/database. */
  url: string;
  /** The same without its password, for messages. */
  name: string;
  /** What the operator gave the URL in, for messages; DATABASE_URL when left out. */
  urlSetting?: string;
  /** Looks at the database before anything in it is changed; what it throws ends the opening. */
  beforeMigrating?: (snapshot: Snapshot) => Promise<void>;
  /** TypeORM's declarations of tables. */
  entities: (new () => object)[];
  /** In the order in which they run. */
  migrations: readonly Migration[];
  onStatement?: StatementListener;
  /** Puts the tables on the Citus cluster that the database belongs to. Left out, a database stays where it is. */
  citus?: CitusOptions;
}

export interface CitusOptions {
  /** Told of each table before it is moved. */
  onTable(table: string): void;
  onDistributed(distribution: Distribution): void;
}

/** Connections at most; a server takes a hundred by default. */
const poolSize = 16;
const connectTimeoutMs = 5_000;
/** How long a transaction waits for another instance to finish its own. */
const lockTimeoutMs = 10_000;
export const statementTimeoutMs = 60_000;
/** A transaction whose client has gone away, or hangs, must not keep its locks. */
const idleInTransactionTimeoutMs = 60_000;

/**
 * A statement that makes the server answer a commit only when it is on the disk, whatever is set for the server, the
 * database or the user. What waits for standbys, too, stays as it is. Given with each transaction: behind a pooler, a
 * session is not always the same one.
 */
export function durably(scope: 'session' | 'transaction'): string {
  const setting = "current_setting('synchronous_commit')";
  const enough = `case when ${setting} in ('off', 'local') then 'on' else ${setting} end`;
  return `select set_config('synchronous_commit', ${enough}, ${scope === 'transaction'})`;
}

/** How every connection is made, to the primary and to replicas. */
function clientConfig(url: string, name = applicationName): ClientConfig {
  return {
    connectionString: url,
    types: { getTypeParser },
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: name,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  };
}

/** Opens the pool of connections, and applies the migrations that are missing. */
export async function openPostgresSource(options: PostgresSourceOptions): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    entities: options.entities,
    migrations: [...options.migrations],
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
    installExtensions: false,
    // A connection that breaks while nobody uses it leaves the pool, and nobody need be told.
    poolErrorHandler: () => undefined,
    extra: {
      ...clientConfig(options.url, options.citus ? distributingName : applicationName),
      Client: HeardClient,
      max: poolSize,
    },
  });
  try {
    await source.initialize();
    if (options.beforeMigrating) await inspect(source, options.url, options.beforeMigrating);
    await requireUnicode(source, options.name);
    await migrate(source, options);
    return source;
  } catch (error) {
    if (source.isInitialized) await source.destroy().catch(() => undefined);
    throw inWords(error, options.name, options.urlSetting);
  }
}

/** A pool of connections to a replica; it connects when somebody asks. */
export function openReplicaPool(url: string): Pool {
  const pool = new Pool({ ...clientConfig(url), Client: HeardClient, max: poolSize });
  pool.on('error', () => undefined);
  return pool;
}

/** Whether a server answers whoever would like to connect, be it by a refusal. */
export async function isAlive(url: string): Promise<boolean> {
  const client = new HeardClient(clientConfig(url));
  try {
    await client.connect();
    return true;
  } catch (error) {
    return error instanceof DatabaseError;
  } finally {
    client.end().catch(() => undefined);
  }
}

/**
 * A connection that breaks says so more than once, also between two of its users; unheard, that would end the process.
 * Whoever uses it is told by the failure of the statement.
 */
export class HeardClient extends Client {
  /** What it was told when the connection broke. */
  brokenBy: Error | undefined;

  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', (error) => {
      this.brokenBy ??= error;
    });
  }

  /** Ends the connection without a word to the server; with an error, what waits on it fails with that. */
  cut(error?: Error): void {
    this.connection.stream.destroy(error);
  }
}

/**
 * Integers of 64 bits as numbers: every one that is stored is within 2^53−1, and sums (which are numeric, and never
 * overflow) are checked for it when they are read. What is rounded here lies beyond it and stays there.
 */
function getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
  return oid === types.builtins.INT8 || oid === types.builtins.NUMERIC
    ? Number
    : types.getTypeParser(oid, format as 'text');
}

async function requireUnicode(source: DataSource, name: string): Promise<void> {
  const [row] = await source.query<{ server_encoding: string }[]>('show server_encoding');
  if (row?.server_encoding === 'UTF8') return;
  throw new OperatorError(
    `The database ${name} keeps texts as ${row?.server_encoding}. Create one with: createdb --encoding UTF8 --template template0`,
  );
}

async function inspect(
  source: DataSource,
  url: string,
  look: (snapshot: Snapshot) => Promise<void>,
): Promise<void> {
  const pulse = new Pulse(() => isAlive(url));
  const connection = await PostgresConnection.ofSource(source, pulse, undefined);
  try {
    await look(new Snapshot(connection));
  } finally {
    await connection.close();
    pulse.stop();
  }
}

/**
 * Several instances may start at once: one applies what is missing, the others wait for it. Making an index may take as
 * long as it takes; but while it waits for a lock, all others wait behind it, so that has an end.
 */
async function migrate(source: DataSource, { name, citus }: PostgresSourceOptions): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await runner.query(
      `${durably('session')}; set lock_timeout = 0; set statement_timeout = 0; select pg_advisory_lock(${lockSpace}, 0); reset lock_timeout`,
    );
    const isCluster = await isForCluster(runner, { name, begin: citus !== undefined });
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
    if (!isCluster) return;
    await runner.query('set lock_timeout = 0');
    const distribution = await distributeTables(runner, { name, onTable: citus?.onTable });
    citus?.onDistributed(distribution);
  } finally {
    await runner
      .query(
        `select pg_advisory_unlock(${lockSpace}, 0); reset lock_timeout; reset statement_timeout; reset synchronous_commit`,
      )
      .catch(() => undefined);
    await runner.release();
  }
}

/**
 * What an operator can mend, in a sentence that names it.
 * @param variable the setting that holds the URL
 */
export function inWords(error: unknown, name: string, variable = 'DATABASE_URL'): unknown {
  const code = driverErrorOf(error)?.code ?? '';
  const advice = code === '' ? undefined : startFailures.find(([codes]) => codes.test(code))?.[1];
  if (!advice) return error;
  return new OperatorError(
    `Cannot use the database ${name} (${code}). ${advice.replace('DATABASE_URL', variable)}`,
  );
}

const startFailures: [RegExp, string][] = [
  [
    /^(ECONN|ETIMEDOUT|EHOST|ENET|08|57P03)/,
    'Check that PostgreSQL runs there and takes connections, and DATABASE_URL.',
  ],
  [/^(ENOTFOUND|EAI_AGAIN|ENOENT)/, 'There is no such host. Check DATABASE_URL.'],
  [/^28/, 'The server refuses this user or password. Check DATABASE_URL.'],
  [/^3D000$/, 'There is no such database. Create it, for example with createdb, or check DATABASE_URL.'],
  [/^42501$/, 'The user may not create tables in it. Grant the right, or use another user.'],
  [/^53300$/, 'The server has no connection left. Raise its max_connections, or stop what uses them.'],
  [/^25006$/, 'It can only be read. Name the server that takes writes.'],
  [
    /^55P03$/,
    'Another transaction holds a table that must be changed. Let it end, an export for example, and try again.',
  ],
];

import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { ChangeFeed } from '../core/changeFeed';
import { Changes } from '../core/changes';
import type { Database, DatabaseSize } from '../core/database';
import { retriesOf, translateFailure } from '../core/failures';
import { limitLong } from '../core/limitLong';
import { namesOf } from '../core/ownTables';
import { findTrouble } from '../core/probe';
import { Reliance, type VersionRow } from '../core/reliance';
import { namedLocks, Snapshot, Transaction } from '../core/transaction';
import {
  defaultWriteQueueLimits,
  type InTransaction,
  type Speed,
  WriteQueue,
  type WriteQueueLimits,
} from '../core/writeQueue';
import { listenToInstances, notification } from './postgresChanges';
import { type Begin, PostgresConnection } from './postgresConnection';
import { lockSpace } from './postgresDialect';
import { type ReadingBegins, type ReplicaOptions, Replicas } from './postgresReplicas';
import { PostgresServer } from './postgresServer';
import {
  durably,
  openPostgresSource,
  type PostgresSourceOptions,
  statementTimeoutMs,
} from './postgresSource';

export interface PostgresOptions extends PostgresSourceOptions {
  /** Where reads may go, too. */
  replicas?: readonly ReplicaOptions[];
  writeQueueLimits?: WriteQueueLimits;
}

/** Waited for by whoever replaces the calendar, or anything else that services rely on. */
const calendarLock = `select pg_advisory_xact_lock_shared(${lockSpace}, ${namedLocks.calendar})`;
/** Exports at the same time, of an instance. */
const longReaders = 4;
/** How much longer than the server's own limit an answer is waited for: after that, the server hangs. */
const graceMs = 5_000;
const longStatementTimeoutMs = 30 * 60_000;
/** A copy reads beside something else. Nothing waits here for whoever takes an export. */
const longIdle = `; set local idle_in_transaction_session_timeout = '10min'`;

/** Each statement sees what others have committed up to then; rows and locks keep what must not change. */
const beginWriting: Record<Speed, Begin> = {
  quick: { text: 'begin isolation level read committed', answerWithinMs: statementTimeoutMs + graceMs },
  // For commands that may touch any number of rows.
  slow: {
    text: `begin isolation level read committed; set local statement_timeout = ${longStatementTimeoutMs}${longIdle}`,
    answerWithinMs: longStatementTimeoutMs + graceMs,
  },
};
/**
 * Lists look up one caregiver's events after the other. PostgreSQL would rather merge them with the list of caregivers, and
 * read everything that lies before the first one chosen: 400,000 of 500,000 events for a page of 51, half a second.
 */
const readOnly = 'begin isolation level repeatable read read only; set local enable_mergejoin = off';
const beginUnchecked: ReadingBegins = {
  short: { text: readOnly, answerWithinMs: statementTimeoutMs + graceMs },
  long: {
    text: `${readOnly}; set local statement_timeout = ${longStatementTimeoutMs}${longIdle}`,
    answerWithinMs: longStatementTimeoutMs + graceMs,
  },
};

/**
 * Opens a PostgreSQL database, newest migrations applied. Any number of instances may write it at the same time; each
 * has one transaction at a time, behind its queue; commands that bring in millions of rows have two.
 */
export async function openPostgres(options: PostgresOptions): Promise<Database> {
  const ownMigrations = namesOf(options.migrations);
  const source = await openPostgresSource(options);
  const { onStatement } = options;
  const primary = new PostgresServer(options.url, (pulse) =>
    PostgresConnection.ofSource(source, pulse, onStatement),
  );
  const closePrimary = async () => {
    if (source.isInitialized) await source.destroy();
    primary.close();
  };
  const reliance = new Reliance((work) =>
    primary
      .readAtOnce(beginUnchecked.short, (connection) => work(new Snapshot(connection)))
      .catch(throwTranslated),
  );
  const beginReading = relyingOn(reliance);
  const replicas = await Replicas.open(primary, beginReading, options.replicas ?? [], onStatement).catch(
    async (error: unknown) => {
      await closePrimary();
      throw error;
    },
  );
  const { writeQueueLimits = defaultWriteQueueLimits } = options;
  const queue = new WriteQueue(
    inTransactionOn(primary, reliance, writeQueueLimits.transactions),
    writeQueueLimits,
  );
  const changes = new ChangeFeed(listenToInstances(options.url));
  const inLongTurn = limitLong(longReaders);
  const database: Database = {
    write: (command, inputs) => queue.submit(command, inputs),
    read: (work) =>
      reliance
        .whileReading(() => primary.read(beginReading.short, (connection) => work(new Snapshot(connection))))
        .catch(throwTranslated),
    readLong: (work) =>
      inLongTurn(() =>
        reliance.whileReading(() =>
          primary.readAtOnce(beginReading.long, (connection) => work(new Snapshot(connection))),
        ),
      ).catch(throwTranslated),
    relyOn: (check) => reliance.add(check),
    // Any number of them may serve it.
    claim: async () => undefined,
    replicaReader: () => replicas.reader(database, inLongTurn),
    watchReplicas: (listener) => replicas.watch(listener),
    ageMs: () => 0,
    followChanges: (concerns) => changes.follow(concerns),
    get queueLength() {
      return queue.length;
    },
    watchWrites: (observer) => queue.watch(observer),
    findTrouble: () => findTrouble(queue, ownMigrations, () => isLocked(primary)),
    // Whoever runs the service asks for it, and shall not wait behind reports.
    readSize: () =>
      primary
        .readAtOnce(beginUnchecked.short, (connection) => readSize(new Snapshot(connection)))
        .catch(throwTranslated),
    findRisks: () =>
      primary
        .readAtOnce(beginUnchecked.short, (connection) => findRisks(new Snapshot(connection)))
        .catch(throwTranslated),
    async close() {
      await queue.idle();
      await changes.close();
      await replicas.close();
      await closePrimary();
    },
  };
  return database;
}

/** How long somebody else's lock may last before the service is said not to be ready. */
const lockPatienceMs = 1_000;

/**
 * Whether somebody else keeps one of the service's tables from being written: whoever changes the tables, or looks at them
 * by hand and forgets to commit. What is locked by other instances of the service is let go by them.
 */
async function isLocked(primary: PostgresServer): Promise<boolean> {
  // A server that cannot be asked is for the probe to find out.
  const find = () =>
    primary
      .readAtOnce(beginUnchecked.short, (connection) =>
        new Snapshot(connection).all<{ lock: string }>(foreignLocks),
      )
      .catch(() => []);
  const locks = await find();
  if (locks.length === 0) return false;
  await sleep(lockPatienceMs);
  const still = new Set((await find()).map(({ lock }) => lock));
  return locks.some(({ lock }) => still.has(lock));
}

const foreignLocks = sql`
  select locks.pid || ' ' || locks.relation as lock
  from pg_locks locks
    join pg_class relations on relations.oid = locks.relation
    left join pg_stat_activity activity on activity.pid = locks.pid
  where locks.locktype = 'relation' and locks.granted
    and locks.database = (select oid from pg_database where datname = current_database())
    and locks.mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
    and relations.relkind in ('r', 'p')
    and relations.relnamespace = (select relnamespace from pg_class where oid = 'migration'::regclass)
    and activity.application_name is distinct from 'caretally'`;

async function readSize(snapshot: Snapshot): Promise<DatabaseSize> {
  const size = await snapshot.one<{ bytes: number }>(
    sql`select pg_database_size(current_database()) as bytes`,
  );
  return { dataBytes: size?.bytes ?? 0 };
}

/** Settings of the server alone, which no session can change. */
const dangers: Readonly<Record<string, string>> = {
  fsync: 'nothing is flushed to the disk, and a crash of the machine may break the whole database',
  full_page_writes: 'a page that is written by half when the machine crashes stays broken',
};

async function findRisks(snapshot: Snapshot): Promise<string[]> {
  const off = await snapshot.all<{ name: string }>(
    sql`select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off' order by name`,
  );
  return off.map(({ name }) => `PostgreSQL runs with ${name} = off: ${dangers[name]}. Set it to on.`);
}

/**
 * Read committed with locks, not serializable: most transactions of two instances add to the same rows of the rollup.
 * There they wait for each other a moment; with snapshots, one of them would fail and do its whole batch again.
 */
function inTransactionOn(primary: PostgresServer, reliance: Reliance, maxOpen = 1): InTransaction {
  let open = 0;
  return async (work, speed) => {
    // Queue and tests alone reach this; a transaction inside a transaction would wait for itself.
    if (open === maxOpen) throw new Error('a transaction is open already');
    open += 1;
    try {
      return await reliance.whileWriting(() =>
        withRetries(() =>
          primary.write(relying(beginWriting[speed], reliance), async (connection) => {
            const changes = new Changes();
            const tx = new Transaction(connection, changes);
            const value = await work(tx);
            await tx.finish();
            connection.lastStatement = notification(changes);
            return value;
          }),
        ),
      );
    } catch (error) {
      return throwTranslated(error);
    } finally {
      open -= 1;
    }
  };
}

/**
 * What a service relies on is asked for in the message that begins, and until the commit nobody changes it: whoever does
 * takes the same lock alone. Who relies on nothing yet may be about to do just that.
 */
function relying(begin: Begin, reliance: Reliance): Begin {
  const durable = durably('transaction');
  if (!reliance.isAny) return { ...begin, first: durable };
  return {
    ...begin,
    first: [durable, calendarLock, Reliance.question].join('; '),
    takeFirst: (rows) => reliance.require(rows as VersionRow[]),
  };
}

/** The begins of reads that are answered out of a snapshot in which all still holds. */
function relyingOn(reliance: Reliance): ReadingBegins {
  const asking = (begin: Begin): Begin => ({
    ...begin,
    first: Reliance.question,
    takeFirst: (rows) => reliance.require(rows as VersionRow[]),
  });
  return { short: asking(beginUnchecked.short), long: asking(beginUnchecked.long) };
}

/** Does a whole transaction again that others have got in the way of, after a moment that differs from theirs. */
async function withRetries<Value>(transact: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact();
    } catch (error) {
      if (attempt > retriesOf(error)) throw error;
      await sleep(Math.random() * 10 * 2 ** attempt);
    }
  }
}

function throwTranslated(error: unknown): never {
  throw translateFailure(error);
}

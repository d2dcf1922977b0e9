import { setTimeout as sleep } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { ChangeFeed } from './changeFeed';
import { Changes } from './changes';
import type { Database, DatabaseSize } from './database';
import { retriesOf, translateFailure } from './failures';
import { limitLong } from './limitLong';
import { listenToInstances, notification } from './postgresChanges';
import { type Begin, PostgresConnection } from './postgresConnection';
import { type ReadingBegins, type ReplicaOptions, Replicas } from './postgresReplicas';
import { PostgresServer } from './postgresServer';
import { openPostgresSource, type PostgresSourceOptions, statementTimeoutMs } from './postgresSource';
import { findTrouble } from './probe';
import { Snapshot, Transaction } from './transaction';
import {
  defaultWriteQueueLimits,
  type InTransaction,
  type Speed,
  WriteQueue,
  type WriteQueueLimits,
} from './writeQueue';

export interface PostgresOptions extends PostgresSourceOptions {
  /** Where reads may go, too. */
  replicas?: readonly ReplicaOptions[];
  writeQueueLimits?: WriteQueueLimits;
}

/** Exports at the same time, of an instance. */
const longReaders = 4;
/** How much longer than the server's own limit an answer is waited for: after that, the server hangs. */
const graceMs = 5_000;
const longStatementTimeoutMs = 30 * 60_000;
/** For what is read beside something else, as a copy is. Nothing waits for whoever takes an export. */
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
const beginReading: ReadingBegins = {
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
  const source = await openPostgresSource(options);
  const { onStatement } = options;
  const primary = new PostgresServer(options.url, (pulse) =>
    PostgresConnection.ofSource(source, pulse, onStatement),
  );
  const closePrimary = async () => {
    if (source.isInitialized) await source.destroy();
    primary.close();
  };
  const replicas = await Replicas.open(primary, beginReading, options.replicas ?? [], onStatement).catch(
    async (error: unknown) => {
      await closePrimary();
      throw error;
    },
  );
  const { writeQueueLimits = defaultWriteQueueLimits } = options;
  const queue = new WriteQueue(inTransactionOn(primary, writeQueueLimits.transactions), writeQueueLimits);
  const changes = new ChangeFeed(listenToInstances(options.url));
  const inLongTurn = limitLong(longReaders);
  const database: Database = {
    write: (command, inputs) => queue.submit(command, inputs),
    read: (work) =>
      primary.read(beginReading.short, (connection) => work(new Snapshot(connection))).catch(throwTranslated),
    readLong: (work) =>
      inLongTurn(() =>
        primary.readAtOnce(beginReading.long, (connection) => work(new Snapshot(connection))),
      ).catch(throwTranslated),
    replicaReader: () => replicas.reader(database, inLongTurn),
    watchReplicas: (listener) => replicas.watch(listener),
    followChanges: (concerns) => changes.follow(concerns),
    get queueLength() {
      return queue.length;
    },
    watchWrites: (observer) => queue.watch(observer),
    findTrouble: () => findTrouble(queue),
    // Whoever runs the service asks for it, and shall not wait behind reports.
    readSize: () =>
      primary
        .readAtOnce(beginReading.short, (connection) => readSize(new Snapshot(connection)))
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

async function readSize(snapshot: Snapshot): Promise<DatabaseSize> {
  const size = await snapshot.one<{ bytes: number }>(
    sql`select pg_database_size(current_database()) as bytes`,
  );
  return { dataBytes: size?.bytes ?? 0 };
}

/**
 * Read committed with locks, not serializable: most transactions of two instances add to the same rows of the rollup.
 * There they wait for each other a moment; with snapshots, one of them would fail and do its whole batch again.
 */
function inTransactionOn(primary: PostgresServer, mostOpen = 1): InTransaction {
  let open = 0;
  return async (work, speed) => {
    // Queue and tests alone reach this; a transaction inside a transaction would wait for itself.
    if (open === mostOpen) throw new Error('a transaction is open already');
    open += 1;
    try {
      return await withRetries(() =>
        primary.write(beginWriting[speed], async (connection) => {
          const changes = new Changes();
          const tx = new Transaction(connection, changes);
          const value = await work(tx);
          await tx.finish();
          connection.lastStatement = notification(changes);
          return value;
        }),
      );
    } catch (error) {
      return throwTranslated(error);
    } finally {
      open -= 1;
    }
  };
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

import { mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeFeed } from './changeFeed';
import { Changes } from './changes';
import { Checkpoints } from './checkpoints';
import type { Connection } from './connection';
import type { Database, DatabaseSize } from './database';
import { CommitUnanswered, driverErrorOf, isBusy, translateFailure } from './failures';
import { inTurn } from './inTurn';
import { limitLong } from './limitLong';
import { findTrouble } from './probe';
import { watchOtherWriters } from './sqliteChanges';
import { openWritingConnection, type SqliteConnectionOptions, writingPragmas } from './sqliteConnection';
import { ThreadedConnection } from './threadedConnection';
import { Snapshot, Transaction } from './transaction';
import { defaultWriteQueueLimits, type InTransaction, WriteQueue, type WriteQueueLimits } from './writeQueue';

export interface SqliteOptions extends SqliteConnectionOptions {
  writeQueueLimits?: WriteQueueLimits;
}

/** How long a transaction waits for another process (a command beside the service) to finish its own. */
const lockTimeoutMs = 10_000;
const lockRetryMs = 3;

/** Reads at the same time; one long one leaves the others their turn. */
const readers = 2;
/** Exports at the same time; each has a thread. */
const longReaders = 4;

/**
 * Opens a SQLite database, newest migrations applied. One connection writes, behind the queue; the others can only
 * read. TypeORM shares one connection for each SQLite DataSource, so overlapping transactions on one would nest into
 * each other, and reads on it would see what is not committed.
 *
 * Registering is quick and stays in the main thread. Reads, and commands that are declared slow, have threads of
 * their own: the driver is synchronous, and nothing may stop the event loop.
 */
export async function openSqlite(options: SqliteOptions): Promise<Database> {
  const { file, onStatement } = options;
  mkdirSync(dirname(file), { recursive: true });
  const writing = await openWritingConnection(options);
  const slow = new ThreadedConnection({ file, pragmas: writingPragmas, readonly: false }, onStatement);
  const openReader = () =>
    new ThreadedConnection({ file, pragmas: ['temp_store = MEMORY'], readonly: true }, onStatement);
  const reading = Array.from({ length: readers }, openReader);
  const readingLong = new Set<Connection>();
  let isClosing = false;
  const inLongTurn = limitLong(longReaders);

  const changes = new ChangeFeed(watchOtherWriters(writing));
  const beside = new ThreadedConnection({ file, pragmas: writingPragmas, readonly: false }, undefined);
  const checkpoints = await Checkpoints.on(file, beside);
  const transact = inTransactionOn({ quick: writing, slow }, checkpoints, changes);
  const queue = new WriteQueue(transact, {
    ...(options.writeQueueLimits ?? defaultWriteQueueLimits),
    transactions: 1,
  });
  const withReader = inTurn(reading);
  const database: Database = {
    write: (command, inputs) => queue.submit(command, inputs),
    // There is one file, and no copy of it that lags.
    replicaReader: () => database,
    watchReplicas: () => undefined,
    read: (work) => withReader((connection) => inSnapshot(connection, work)),
    readLong: (work) =>
      inLongTurn(async () => {
        if (isClosing) throw new Error('the database is closed');
        const connection = openReader();
        readingLong.add(connection);
        try {
          return await inSnapshot(connection, work);
        } finally {
          readingLong.delete(connection);
          await connection.close();
        }
      }),
    followChanges: (concerns) => changes.follow(concerns),
    get queueLength() {
      return queue.length;
    },
    watchWrites: (observer) => queue.watch(observer),
    findTrouble: () => findTrouble(queue),
    readSize: () => readSize(file),
    async close() {
      isClosing = true;
      await queue.idle();
      await changes.close();
      await checkpoints.stop();
      const threads = [...reading, ...readingLong, slow, beside];
      await Promise.all(threads.map((connection) => connection.close()));
      await writing.close();
      await checkpoints.close();
    },
  };
  return database;
}

function inTransactionOn(
  connections: { quick: Connection; slow: Connection },
  checkpoints: Checkpoints,
  feed: ChangeFeed,
): InTransaction {
  let open = false;
  return async (work, speed) => {
    // Queue and tests alone reach this; a transaction inside a transaction would commit half of the outer one.
    if (open) throw new Error('a transaction is open already');
    open = true;
    const connection = connections[speed];
    let isCommitting = false;
    try {
      await checkpoints.finish();
      await begin(connection);
      // Whoever begins to follow before the commit may have read what was before, and was not collected for.
      const changes = feed.isFollowed ? new Changes() : undefined;
      const tx = new Transaction(connection, changes);
      const value = await work(tx);
      await tx.finish();
      isCommitting = true;
      await connection.query('commit', []);
      isCommitting = false;
      checkpoints.committed();
      feed.publish(changes ?? Changes.anything);
      return value;
    } catch (error) {
      // After some failures SQLite has rolled back by itself, and there is nothing left to roll back.
      await connection.query('rollback', []).catch(() => undefined);
      throw translateFailure(isCommitting && leavesCommitOpen(error) ? new CommitUnanswered(error) : error);
    } finally {
      open = false;
    }
  };
}

/** The log holds the commit, and the disk does not say that it has it: it may be found there when the file is opened next. */
function leavesCommitOpen(error: unknown): boolean {
  return driverErrorOf(error)?.code === 'SQLITE_IOERR_FSYNC';
}

/** Asks for the names only: opening the file, and closing it again, would take away the process's locks on it. */
async function readSize(file: string): Promise<DatabaseSize> {
  const bytesOf = async (name: string) => (await stat(name)).size;
  return { dataBytes: await bytesOf(file), logBytes: await bytesOf(`${file}-wal`).catch(() => 0) };
}

/** IMMEDIATE takes the write lock at once, so that what is read inside stays true until the commit. */
export async function begin(connection: Connection): Promise<void> {
  for (const giveUpMs = performance.now() + lockTimeoutMs; ; ) {
    try {
      await connection.query('begin immediate', []);
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpMs) throw error;
      await sleep(lockRetryMs);
    }
  }
}

/** Runs work that reads in one snapshot, on a connection that nobody else uses meanwhile. */
export async function inSnapshot<Value>(
  connection: Connection,
  work: (snapshot: Snapshot) => Promise<Value>,
): Promise<Value> {
  // Statements run in the order in which they are given, so nobody need wait for these two to be answered.
  const begun = connection.query('begin', []);
  try {
    const value = await work(new Snapshot(connection));
    await begun;
    return value;
  } catch (error) {
    throw translateFailure(error);
  } finally {
    begun.catch(() => undefined);
    connection.query('commit', []).catch(() => undefined);
  }
}

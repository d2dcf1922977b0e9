import { randomInt } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import sql, { raw } from 'sql-template-tag';
import { ChangeFeed } from '../core/changeFeed';
import { Changes } from '../core/changes';
import type { Connection } from '../core/connection';
import type { Database, DatabaseSize } from '../core/database';
import { isBusy, translateFailure } from '../core/failures';
import { limitLong } from '../core/limitLong';
import { oneByOne } from '../core/oneByOne';
import { namesOf } from '../core/ownTables';
import { findTrouble } from '../core/probe';
import { Reliance, type VersionRow } from '../core/reliance';
import { Snapshot, Transaction } from '../core/transaction';
import {
  type Command,
  defaultWriteQueueLimits,
  type InTransaction,
  type Speed,
  WriteQueue,
  type WriteQueueLimits,
} from '../core/writeQueue';
import { OpenedSqlite } from './openedSqlite';
import { makeDatabaseFile } from './privateFiles';
import { watchOtherWriters } from './sqliteChanges';
import type { SqliteConnectionOptions } from './sqliteConnection';

export interface SqliteOptions extends SqliteConnectionOptions {
  writeQueueLimits?: WriteQueueLimits;
}

/** How long a transaction waits for another process (a command beside the service) to finish its own. */
const lockTimeoutMs = 10_000;
const lockRetryMs = 3;

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
  const { file } = options;
  const ownMigrations = namesOf(options.migrations);
  // SQLite gives what it keeps beside the file the rights of the file.
  makeDatabaseFile(file);
  const opened = await OpenedSqlite.open(options);
  const reliance = new Reliance((work) => readShort(opened, (connection) => inSnapshot(connection, work)));
  const changes = new ChangeFeed(watchOtherWriters(() => opened.writing.quick));
  const lock = new LockWait();
  const inLongTurn = limitLong(longReaders);
  const queue = new WriteQueue(inTransactionOn({ opened, reliance, feed: changes, lock }), {
    ...(options.writeQueueLimits ?? defaultWriteQueueLimits),
    transactions: 1,
  });
  const database: Database = {
    write: (command, inputs) => queue.submit(command, inputs),
    // There is one file, and no copy of it that lags.
    replicaReader: () => database,
    watchReplicas: () => undefined,
    ageMs: () => 0,
    read: (work) =>
      reliance.whileReading(() => readShort(opened, (connection) => inSnapshot(connection, work, reliance))),
    readLong: (work) =>
      inLongTurn(() =>
        reliance.whileReading(() =>
          readAlone(opened, (connection) => inSnapshot(connection, work, reliance)),
        ),
      ),
    relyOn: (check) => reliance.add(check),
    async claim() {
      const mark = randomInt(1, 2 ** 31 - 1);
      const [outcome] = await queue.submit(setMark, [mark]);
      if (outcome && 'error' in outcome) throw outcome.error;
      opened.files.expectMark(mark);
    },
    followChanges: (concerns) => changes.follow(concerns),
    get queueLength() {
      return queue.length;
    },
    watchWrites: (observer) => queue.watch(observer),
    findTrouble: () => findTrouble(queue, ownMigrations, () => lock.waitsTooLong),
    readSize: () => readSize(file),
    findRisks: () => findRisks(opened),
    async close() {
      await queue.idle();
      await changes.close();
      await opened.close();
    },
  };
  return database;
}

/** Leaves a number in the file's header that tells which process serves it. */
const setMark: Command<number, undefined> = {
  name: 'setMark',
  isNote: true,
  handle: oneByOne(async (tx, mark) => {
    await tx.run(sql`pragma user_version = ${raw(String(mark))}`);
    return undefined;
  }),
};

async function readShort<Value>(
  opened: OpenedSqlite,
  read: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  await opened.beforeReading();
  return opened.withReader(read);
}

async function readAlone<Value>(
  opened: OpenedSqlite,
  read: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  await opened.beforeReading();
  const { readingLong } = opened;
  const connection = opened.openReader();
  readingLong.add(connection);
  try {
    return await read(connection);
  } finally {
    readingLong.delete(connection);
    await connection.close();
  }
}

const markedVersionQuestion =
  'select version, (select user_version from pragma_user_version) as mark from reliance';

/** How long transactions of other processes may last before the service is said not to be ready: they take turns. */
const lockPatienceMs = 2_000;

/** The wait for the lock that whoever writes the file has, one process at a time. */
class LockWait {
  private sinceMs: number | undefined;

  get waitsTooLong(): boolean {
    return this.sinceMs !== undefined && performance.now() - this.sinceMs > lockPatienceMs;
  }

  async during(begin: () => Promise<void>): Promise<void> {
    this.sinceMs = performance.now();
    try {
      await begin();
    } finally {
      this.sinceMs = undefined;
    }
  }
}

/** What each transaction that writes needs of the service. */
interface Writing {
  opened: OpenedSqlite;
  reliance: Reliance;
  feed: ChangeFeed;
  lock: LockWait;
}

function inTransactionOn(writing: Writing): InTransaction {
  const { opened, reliance } = writing;
  let open = false;
  return async (work, speed) => {
    // Queue and tests alone reach this; a transaction inside a transaction would commit half of the outer one.
    if (open) throw new Error('a transaction is open already');
    open = true;
    try {
      return await reliance.whileWriting(async () => {
        await opened.beforeWriting();
        const value = await transact(writing, work, speed);
        opened.checkpoints.committed();
        return value;
      });
    } catch (error) {
      throw translateFailure(error);
    } finally {
      open = false;
    }
  };
}

async function transact<Value>(
  { opened, reliance, feed, lock }: Writing,
  work: (tx: Transaction) => Promise<Value>,
  speed: Speed,
): Promise<Value> {
  const connection = opened.writing[speed];
  try {
    await opened.checkpoints.finish();
    await lock.during(() => begin(connection));
    const found = await connection.query<VersionRow & { mark: number }>(markedVersionQuestion, []);
    reliance.require(found);
    opened.files.requireMark(found[0]?.mark);
    // Whoever begins to follow before the commit may have read what was before, and was not collected for.
    const changes = feed.isFollowed ? new Changes() : undefined;
    const tx = new Transaction(connection, changes);
    const value = await work(tx);
    await tx.finish();
    await opened.commit(connection);
    feed.publish(changes ?? Changes.anything);
    return value;
  } catch (error) {
    // After some failures SQLite has rolled back by itself, and there is nothing left to roll back.
    await connection.query('rollback', []).catch(() => undefined);
    throw error;
  }
}

/** What the driver or the file system may have made of the settings of the connections that write. */
async function findRisks({ writing: { quick } }: OpenedSqlite): Promise<string[]> {
  const [journal] = await quick.query<{ journal_mode: string }>('pragma journal_mode', []);
  const [flush] = await quick.query<{ synchronous: number }>('pragma synchronous', []);
  const risks: string[] = [];
  if (journal?.journal_mode !== 'wal') {
    risks.push(
      `SQLite keeps no write-ahead log here (journal_mode is ${journal?.journal_mode}). Move the file to a local disk.`,
    );
  }
  if (Number(flush?.synchronous) < fullSynchronous) {
    risks.push(
      `SQLite does not wait for the disk (synchronous is ${flush?.synchronous}), and a power cut may lose what was acknowledged.`,
    );
  }
  return risks;
}

/** FULL; EXTRA is 3. */
const fullSynchronous = 2;

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

/**
 * Runs work that reads in one snapshot, on a connection that nobody else uses meanwhile.
 * @param reliance what must still hold in this snapshot; left out by whoever looks whether it does
 */
export async function inSnapshot<Value>(
  connection: Connection,
  work: (snapshot: Snapshot) => Promise<Value>,
  reliance?: Reliance,
): Promise<Value> {
  // Statements run in the order in which they are given, so nobody need wait for these two to be answered.
  const begun = connection.query('begin', []);
  try {
    if (reliance?.isAny) reliance.require(await connection.query(Reliance.question, []));
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

import { AppError } from '../../errors';
import type { Connection } from '../core/connection';
import { CommitUnanswered, driverErrorOf, fileFailure } from '../core/failures';
import { inTurn } from '../core/inTurn';
import { Checkpoints } from './checkpoints';
import { openWritingConnection, type SqliteConnectionOptions, writingPragmas } from './sqliteConnection';
import { SqliteFiles } from './sqliteFiles';
import { ThreadedConnection } from './threadedConnection';

/** Reads at the same time; one long one leaves the others their turn. */
const readers = 2;
/** A disk that fails is not asked more often. */
const reopenEveryMs = 1_000;

/**
 * A SQLite file with all of its connections. After a commit of which nobody knows whether it was done, they are closed and
 * opened again before anything more is written, so that what is in the file is what the next one who opens it would find.
 */
export class OpenedSqlite {
  /** Reads of minutes, each on a connection of its own. */
  readonly readingLong = new Set<ThreadedConnection>();
  readonly withReader: <Value>(task: (connection: Connection) => Promise<Value>) => Promise<Value>;
  private readonly reading: readonly ThreadedConnection[];
  private readonly slow: ThreadedConnection;
  private readonly beside: ThreadedConnection;
  private opening: Promise<void> | undefined;
  private isInDoubt = false;
  private lastTryMs = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly options: SqliteConnectionOptions,
    private quick: Connection,
    readonly files: SqliteFiles,
  ) {
    const { file, onStatement } = options;
    this.slow = new ThreadedConnection({ file, pragmas: writingPragmas, readonly: false }, onStatement);
    this.beside = new ThreadedConnection({ file, pragmas: writingPragmas, readonly: false }, undefined);
    this.reading = Array.from({ length: readers }, () => this.openReader());
    this.withReader = inTurn(this.reading);
  }

  static async open(options: SqliteConnectionOptions): Promise<OpenedSqlite> {
    const quick = await openWritingConnection(options);
    try {
      const opened = new OpenedSqlite(options, quick, new SqliteFiles(options.file));
      await opened.take();
      return opened;
    } catch (error) {
      await quick.close();
      throw error;
    }
  }

  /** The connections that write, in the main thread and in one of its own. */
  get writing() {
    return { quick: this.quick, slow: this.slow };
  }

  get checkpoints(): Checkpoints {
    return this.copying as Checkpoints;
  }
  private copying: Checkpoints | undefined;

  openReader(): ThreadedConnection {
    const { file, onStatement } = this.options;
    return new ThreadedConnection({ file, pragmas: ['temp_store = MEMORY'], readonly: true }, onStatement);
  }

  /** To be awaited before each read. */
  async beforeReading(): Promise<void> {
    await this.opening;
    this.files.requireUnchanged();
  }

  /** To be awaited before each transaction that writes. */
  async beforeWriting(): Promise<void> {
    this.files.requireUnchanged();
    if (this.isInDoubt) await this.openAnew();
  }

  /** @throws CommitUnanswered when nobody knows whether it was done; all else means that nothing of it is left */
  async commit(connection: Connection): Promise<void> {
    this.files.requireUnchanged();
    const before = this.files.position();
    try {
      await connection.query('commit', []);
    } catch (error) {
      // The thread had died before, and the transaction with it: no commit was sent.
      if (error instanceof AppError) throw error;
      // Whoever else fails has not come to an answer of SQLite: the thread has died over it.
      const isAnswered = driverErrorOf(error)?.code?.startsWith('SQLITE_');
      if (isAnswered && !this.files.mayHoldCommitSince(before)) throw error;
      this.isInDoubt = true;
      throw new CommitUnanswered(error);
    }
    // It went into a file that had lost its name by then: whoever has it now may find this in it or not.
    if (!this.files.areUnchanged()) throw new CommitUnanswered(new Error('the file was replaced meanwhile'));
  }

  async close(): Promise<void> {
    await this.closeAll((connection) => connection.close());
  }

  private async take(): Promise<void> {
    const { file } = this.options;
    this.files.take();
    this.copying = await Checkpoints.on(file, this.beside, () => this.files.areUnchanged());
  }

  /** @throws the failure of the file; nothing was done, and the next one tries again */
  private async openAnew(): Promise<void> {
    if (performance.now() < this.lastTryMs + reopenEveryMs) throw fileFailure('it was not opened again yet');
    try {
      this.opening = this.closeAndOpen();
      await this.opening;
      this.opening = undefined;
      await this.requireSound();
      this.isInDoubt = false;
    } finally {
      this.opening = undefined;
      this.lastTryMs = performance.now();
    }
  }

  private async closeAndOpen(): Promise<void> {
    await this.closeAll((connection) => connection.interrupt());
    this.quick = await openWritingConnection(this.options);
    await this.take();
  }

  /** Looks through the file as a whole: a disk that has failed once may have lost something else. */
  private async requireSound(): Promise<void> {
    await this.beside.query('begin', []);
    try {
      const [found] = await this.beside.query<{ quick_check: string }>('pragma quick_check(1)', []);
      if (found?.quick_check !== 'ok') throw fileFailure(`${found?.quick_check}`);
    } finally {
      await this.beside.query('commit', []);
    }
  }

  /** Handles go last: closing one takes away the locks of the connections. */
  private async closeAll(closeThread: (connection: ThreadedConnection) => Promise<void>): Promise<void> {
    await this.copying?.stop();
    const threads = [...this.reading, ...this.readingLong, this.slow, this.beside];
    await Promise.all(threads.map(closeThread));
    await this.quick.close();
    await this.copying?.close();
    this.files.release();
  }
}

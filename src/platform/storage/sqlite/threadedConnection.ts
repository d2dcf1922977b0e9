import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../errors';
import { projectFolder } from '../../projectFolder';
import type { Connection, TableColumns } from '../core/connection';
import type { StatementListener } from '../core/database';
import type { Rows } from '../core/dialect';
import { CommitUnanswered } from '../core/failures';
import { insertOneText, sqliteDialect } from './sqliteDialect';

/** What is asked of the thread. */
export type ThreadRequest = { text: string } & (
  | { values: readonly unknown[] }
  | { rows: readonly unknown[][] }
);

/** What the thread answers to a request: rows, or the places of the rows that changed nothing. */
export type ThreadAnswer = { rows: unknown[] } | { error: { message: string; code: string | undefined } };

export interface ThreadOptions {
  file: string;
  /** Run when the connection opens. */
  pragmas: readonly string[];
  readonly: boolean;
}

interface Pending {
  text: string;
  resolve(rows: unknown[]): void;
  reject(error: Error): void;
}

/** The statements that a snapshot or a transaction opens with, and the one that stands alone. */
const beginning = /^(begin|pragma wal_checkpoint)\b/;

/**
 * A SQLite connection in a thread of its own. The driver is synchronous: a statement that takes a second would stop
 * every other request for a second if it ran beside them.
 *
 * A thread that dies takes the open snapshot or transaction with it. A new one is started by the next beginning, and by
 * nothing else: whatever was still to come would read another state of the data, or write outside of any transaction.
 */
export class ThreadedConnection implements Connection {
  readonly dialect = sqliteDialect;
  readonly manager = undefined;
  private worker: Worker | undefined;
  private closed = false;
  private pending: Pending[] = [];
  /** Asked in this turn, and not sent yet: each message costs as much as many a statement. */
  private unsent: ThreadRequest[] = [];

  constructor(
    private readonly options: ThreadOptions,
    private readonly onStatement: StatementListener | undefined,
  ) {}

  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.ask({ text, values }) as Promise<Row[]>;
  }

  insertNewRows({ table, columns }: TableColumns, rows: Rows): Promise<number[]> {
    const text = insertOneText(table, columns);
    return this.ask({ text, rows: rows as unknown[][] }) as Promise<number[]>;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  /** Closes the file. What is under way fails, as when the thread dies; the next beginning opens the file anew. */
  async interrupt(): Promise<void> {
    const { worker } = this;
    this.lose();
    await worker?.terminate();
  }

  private async ask(request: ThreadRequest): Promise<unknown[]> {
    // A thread that a late request started would keep the process from ending.
    if (this.closed) throw new Error('the connection to the database is closed');
    this.onStatement?.(request.text);
    if (beginning.test(request.text)) this.worker ??= this.start();
    const { worker } = this;
    if (!worker) throw connectionLost();
    return new Promise((resolve, reject) => {
      this.pending.push({ text: request.text, resolve, reject });
      if (this.unsent.push(request) === 1) queueMicrotask(() => this.send(worker));
    });
  }

  private send(worker: Worker): void {
    // What was asked of a thread that is lost has failed by now.
    if (this.worker !== worker) return;
    worker.postMessage(this.unsent);
    this.unsent = [];
  }

  private start(): Worker {
    // What is built from the sources, also where the sources themselves run (in tests): a thread needs JavaScript.
    const file = join(projectFolder, 'dist', 'src', 'platform', 'storage', 'sqlite', 'connectionThread.js');
    const worker = new Worker(file, { workerData: this.options });
    worker.on('message', (answers: ThreadAnswer[]) => {
      if (this.worker === worker) for (const answer of answers) this.take(answer);
    });
    // An error is followed by the exit, when another thread may have begun already.
    const fail = (cause?: unknown) => {
      if (this.worker === worker) this.lose(cause);
    };
    worker.on('error', fail);
    worker.on('exit', () => fail());
    return worker;
  }

  /** Answers come in the order of the requests. */
  private take(answer: ThreadAnswer): void {
    const asked = this.pending.shift();
    if ('rows' in answer) asked?.resolve(answer.rows);
    else asked?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
  }

  private lose(cause?: unknown): void {
    this.worker = undefined;
    this.unsent = [];
    for (const asked of this.pending.splice(0)) {
      asked.reject(asked.text === 'commit' ? new CommitUnanswered(cause) : connectionLost(cause));
    }
  }
}

/** A thread that dies takes what it had begun with it, but for a commit that it has not answered. */
function connectionLost(cause?: unknown): AppError {
  const failure = new AppError(
    'UNAVAILABLE',
    'The connection to the database was lost. Send this again in a few seconds.',
  );
  // For the log alone: the cause never leaves the service.
  failure.cause = cause;
  return failure;
}

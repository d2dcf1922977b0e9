import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { projectFolder } from '../projectFolder';
import type { Connection } from './connection';
import type { StatementListener } from './database';

/** What is asked of the thread. */
export type ThreadRequest = { text: string } & (
  | { values: readonly unknown[] }
  | { rows: readonly unknown[][] }
);

/** What the thread answers, in the order of the requests: rows, or the places of the rows that changed nothing. */
export type ThreadAnswer = { rows: unknown[] } | { error: { message: string; code: string | undefined } };

export interface ThreadOptions {
  file: string;
  /** Run when the connection opens. */
  pragmas: readonly string[];
  readonly: boolean;
}

interface Pending {
  resolve(rows: unknown[]): void;
  reject(error: Error): void;
}

/**
 * A SQLite connection in a thread of its own. The driver is synchronous: a statement that takes a second would stop
 * every other request for a second if it ran beside them.
 */
export class ThreadedConnection implements Connection {
  readonly manager = undefined;
  private worker: Worker | undefined;
  private closed = false;
  private pending: Pending[] = [];

  constructor(
    private readonly options: ThreadOptions,
    private readonly onStatement: StatementListener | undefined,
  ) {}

  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.ask({ text, values }) as Promise<Row[]>;
  }

  runMany(text: string, rows: readonly (readonly unknown[])[]): Promise<number[]> {
    return this.ask({ text, rows: rows as unknown[][] }) as Promise<number[]>;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private async ask(request: ThreadRequest): Promise<unknown[]> {
    // A thread that a late request started would keep the process from ending.
    if (this.closed) throw new Error('the connection to the database is closed');
    this.onStatement?.(request.text);
    this.worker ??= this.start();
    const { worker } = this;
    return new Promise((resolve, reject) => {
      this.pending.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  private start(): Worker {
    // What is built from the sources, also where the sources themselves run (in tests): a thread needs JavaScript.
    const file = join(projectFolder, 'dist', 'src', 'storage', 'connectionThread.js');
    const worker = new Worker(file, { workerData: this.options });
    worker.on('message', (answer: ThreadAnswer) => {
      const asked = this.pending.shift();
      if ('rows' in answer) asked?.resolve(answer.rows);
      else asked?.reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }));
    });
    // The next request starts a new thread; what was under way is told that it failed.
    const fail = (error: Error) => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      for (const asked of this.pending.splice(0)) asked.reject(error);
    };
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error('the thread of a database connection ended')));
    return worker;
  }
}

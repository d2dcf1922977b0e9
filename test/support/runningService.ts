import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawnService } from './serviceProcess';
import type { Answer } from './testService';
import { adminHeader } from './tokens';

/** A line of the log. */
export type LogLine = Record<string, unknown> & { msg: string };

/** The built service as a process of its own, as operators run it, asked over HTTP. */
export class RunningService {
  private output = '';

  private constructor(
    readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  static async start(environment: NodeJS.ProcessEnv): Promise<RunningService> {
    return RunningService.of(spawnService(environment));
  }

  /** @throws Error with what it printed, when it ends before it can be asked */
  static async of(child: ChildProcess): Promise<RunningService> {
    const heard = { output: '' };
    const origin = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        heard.output += chunk;
        const address = /Look\s+(\S+)/.exec(heard.output)?.[1];
        if (address) resolve(new URL(address).origin);
      });
      child.once('exit', () => reject(new Error(`the service ended: ${heard.output}`)));
    });
    const service = new RunningService(child, origin);
    service.output = heard.output;
    child.stdout?.on('data', (chunk: Buffer) => {
      service.output += chunk;
    });
    return service;
  }

  /** What it has logged so far. */
  get log(): LogLine[] {
    return this.output
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line));
  }

  /** Sends an operation as an administrator; rejects when there is no answer. */
  async ask(query: string, variables: object = {}): Promise<Answer> {
    const response = await fetch(`${this.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await adminHeader()) },
      body: JSON.stringify({ query, variables }),
    });
    const headers = Object.fromEntries(response.headers);
    return { status: response.status, headers, ...((await response.json()) as object) } as Answer;
  }

  /** Sends an operation that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: a client sees plain JSON
  async data(query: string, variables: object = {}): Promise<any> {
    const { data, errors } = await this.ask(query, variables);
    if (errors) throw new Error(`refused: ${JSON.stringify(errors)}`);
    return data;
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.origin}${path}`);
  }

  /** Sends a signal; answers how the process ended, and how long that took. */
  async end(signal: NodeJS.Signals = 'SIGTERM') {
    const sentAtMs = performance.now();
    const ended = this.ended();
    this.child.kill(signal);
    const end = await ended;
    return { ...end, tookMs: performance.now() - sentAtMs };
  }

  async ended(): Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }> {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) await once(this.child, 'close');
    return { exitCode: this.child.exitCode, signal: this.child.signalCode };
  }

  /** For the end of a test, however it went. */
  async remove(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.end('SIGKILL');
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  GraphQLError,
} from 'graphql';
import type { Principal } from '../access/principal';
import { AppError, errorCodes } from '../errors';
import type { Context } from '../graphql/context';
import { failureOf } from '../server/checkOperation';
import { bytesOfObject, type Held, type Memory } from '../server/limits/memory';
import { inTurn } from '../storage/core/inTurn';
import { LatestResults } from './latestResults';

/** What changes in quick succession is shown together: four times a second at most, the last of it always. */
const minPauseMs = 250;
/** A result is kept as a text, and as what the text was made from. */
const timesResult = 5;
/** So many feeds read at a time; the others wait, and queries never behind more than these. */
const maxReadingFeeds = 2;

/** An operation that was found to be a good one. */
export type Operation = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'> & {
  /** The text that it was sent as. */
  query: string;
  /** How many objects its results may come to. */
  cost?: number;
  principal: Principal;
};

export interface FeedOptions {
  /** Where it is counted what the results take that are kept for comparing and for slow readers. */
  memory?: Memory;
  /** Made anew for each reading, so that nothing is remembered from the one before. */
  createContext(principal: Principal): Context;
  /** Turns errors into what a client may see of them. */
  tell(result: ExecutionResult, context: Context): FormattedExecutionResult;
  onFailure(error: unknown): void;
}

/** Answers subscriptions. Those who may see the same and ask the same share one feed, which reads once for all of them. */
export class Feeds {
  private readonly feeds = new Map<string, Feed>();
  private readonly inTurn = inTurn(Array.from({ length: maxReadingFeeds }, (_, index) => index));

  constructor(private readonly options: FeedOptions) {}

  /** @returns the results, one after the other; or a single one, with the errors, when the subscription is refused */
  subscribe(
    operation: Operation,
  ): Promise<AsyncIterableIterator<FormattedExecutionResult> | FormattedExecutionResult> {
    const key = keyOf(operation);
    let feed = this.feeds.get(key);
    if (!feed) {
      let held: Held | undefined;
      try {
        const { cost = 0, principal } = operation;
        held = this.options.memory?.hold(principal.subject, cost * bytesOfObject, 'query');
      } catch (error) {
        if (!(error instanceof AppError)) return Promise.reject(error);
        const refusal = new GraphQLError(error.message, { originalError: error });
        const context = this.options.createContext(operation.principal);
        return Promise.resolve(this.options.tell({ errors: [refusal] }, context));
      }
      const forget = () => {
        held?.release();
        if (this.feeds.get(key) === feed) this.feeds.delete(key);
      };
      feed = new Feed(operation, this.options, this.inTurn, held, forget);
      this.feeds.set(key, feed);
    }
    return feed.join();
  }

  /** How many are read just now. */
  get size(): number {
    return this.feeds.size;
  }
}

/** What an answer depends on: what is asked, and what the role and its scope show of it. */
function keyOf({ query, operationName, variableValues, principal }: Operation): string {
  const { role, caregiverId, unitId } = principal;
  return JSON.stringify([role, caregiverId, unitId, operationName, variableValues, query]);
}

/** One subscription that is followed, for all who share it. */
class Feed {
  private readonly readers = new Set<LatestResults>();
  /** Those who have not been given what was committed last. */
  private stale = new Set<LatestResults>();
  private readonly opening: Promise<FormattedExecutionResult | undefined>;
  private changes: AsyncIterator<unknown> | undefined;
  private hasBegun = false;
  private isReading = false;

  constructor(
    private readonly operation: Operation,
    private readonly options: FeedOptions,
    private readonly inTurn: (task: () => Promise<void>) => Promise<void>,
    private readonly held: Held | undefined,
    private readonly forget: () => void,
  ) {
    this.opening = this.open();
  }

  async join(): Promise<AsyncIterableIterator<FormattedExecutionResult> | FormattedExecutionResult> {
    const reader = new LatestResults((left) => this.leave(left));
    this.readers.add(reader);
    const refusal = await this.opening;
    if (refusal) return refusal;
    if (this.hasBegun) {
      this.stale.add(reader);
      void this.keepUp();
    }
    return reader;
  }

  /** @returns why there is nothing to follow */
  private async open(): Promise<FormattedExecutionResult | undefined> {
    const context = this.options.createContext(this.operation.principal);
    const opened = await createSourceEventStream({ ...this.operation, contextValue: context }).catch(
      (error: unknown): ExecutionResult => ({ errors: [failureOf(error)] }),
    );
    if (Symbol.asyncIterator in opened) {
      this.changes = opened[Symbol.asyncIterator]();
      void this.follow(this.changes);
      return undefined;
    }
    this.forget();
    return this.options.tell(opened, context);
  }

  private async follow(changes: AsyncIterator<unknown>): Promise<void> {
    try {
      // The first item says that nothing is missed from here on.
      for (let item = await changes.next(); !item.done; item = await changes.next()) {
        this.hasBegun = true;
        this.stale = new Set(this.readers);
        void this.keepUp();
      }
    } catch (error) {
      this.options.onFailure(error);
    }
    this.end();
  }

  /** Reads for all who are stale, until nobody is. */
  private async keepUp(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.stale.size > 0) {
        const pause = sleep(minPauseMs, undefined, { ref: false });
        // What could not be read is read again, for perhaps nothing changes any more.
        let retryMs = 0;
        await this.inTurn(async () => {
          // Taken before reading: who becomes stale meanwhile is read for once more.
          const readers = this.stale;
          this.stale = new Set();
          if (readers.size === 0) return;
          const { result, ...read } = await this.read();
          retryMs = read.retryMs;
          const text = JSON.stringify(result);
          if (this.readers.size > 0) this.held?.resize(text.length * timesResult);
          for (const reader of readers) {
            reader.give(result, text);
            if (retryMs > 0 && this.readers.has(reader)) this.stale.add(reader);
          }
        });
        await pause;
        if (retryMs > 0) await sleep(retryMs, undefined, { ref: false });
      }
    } catch (error) {
      this.options.onFailure(error);
      this.end();
    } finally {
      this.isReading = false;
    }
  }

  private async read(): Promise<{ result: FormattedExecutionResult; retryMs: number }> {
    const context = this.options.createContext(this.operation.principal);
    const result = await execute({ ...this.operation, contextValue: context });
    return { result: this.options.tell(result, context), retryMs: retryMsOf(result) };
  }

  private leave(reader: LatestResults): void {
    this.readers.delete(reader);
    this.stale.delete(reader);
    if (this.readers.size === 0) this.end();
  }

  private end(): void {
    this.forget();
    void this.changes?.return?.();
    for (const reader of this.readers) reader.end();
    this.readers.clear();
    this.stale.clear();
  }
}

/** After how long to ask again, as the table of errors says; 0 where that would change nothing. */
function retryMsOf({ errors = [] }: ExecutionResult): number {
  const seconds = errors.map(({ originalError }) => {
    const known = originalError instanceof AppError ? errorCodes[originalError.code] : undefined;
    return known && 'retryAfterSeconds' in known ? known.retryAfterSeconds : 0;
  });
  return Math.max(0, ...seconds) * 1_000;
}

import type { FormattedExecutionResult } from 'graphql';

/**
 * What one client reads of a feed: always the newest result, for each is whole by itself. What a slow client has not taken
 * is replaced, so that it never falls behind, and nothing piles up.
 */
export class LatestResults implements AsyncIterableIterator<FormattedExecutionResult> {
  private latest: FormattedExecutionResult | undefined;
  private latestText: string | undefined;
  private take: ((item: IteratorResult<FormattedExecutionResult>) => void) | undefined;
  private isEnded = false;

  constructor(private readonly leave: (reader: LatestResults) => void) {}

  /** @param text the result as JSON: what says the same as the one before is not shown again */
  give(result: FormattedExecutionResult, text: string): void {
    if (this.isEnded || text === this.latestText) return;
    this.latestText = text;
    if (this.take) this.take({ value: result, done: false });
    else this.latest = result;
    this.take = undefined;
  }

  /** What was given last can still be read. */
  end(): void {
    this.isEnded = true;
    this.take?.(ended);
    this.take = undefined;
  }

  async next(): Promise<IteratorResult<FormattedExecutionResult>> {
    const { latest } = this;
    this.latest = undefined;
    if (latest) return { value: latest, done: false };
    if (this.isEnded) return ended;
    return new Promise((resolve) => {
      this.take = resolve;
    });
  }

  async return(): Promise<IteratorResult<FormattedExecutionResult>> {
    this.latest = undefined;
    this.end();
    this.leave(this);
    return ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const ended: IteratorReturnResult<undefined> = { value: undefined, done: true };

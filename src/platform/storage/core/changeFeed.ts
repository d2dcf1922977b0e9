import { Changes } from './changes';

/** Whether changes are worth waking a follower for. */
export type Concern = (changes: Changes) => boolean;

/**
 * Hears of changes until the signal is aborted. It opens the feed once nothing is missed any more, interrupts it when that
 * is no longer so, and publishes what it hears in between. It never rejects.
 */
export type Listen = (feed: ChangeFeed, signal: AbortSignal) => Promise<void>;

/** Hands changes on to whoever follows them; listens for them only while somebody does. */
export class ChangeFeed {
  private readonly followers = new Set<Follower>();
  private listening: AbortController | undefined;
  /** The end of each listener that was begun, until it has come. */
  private readonly ends = new Set<Promise<void>>();
  private isOpen = false;
  private isClosed = false;

  constructor(private readonly listen: Listen) {}

  get isFollowed(): boolean {
    return this.followers.size > 0;
  }

  follow(concerns: Concern = () => true): AsyncIterableIterator<Changes> {
    const follower = new Follower(concerns, () => this.leave(follower));
    if (this.isClosed) {
      follower.end();
      return follower;
    }
    this.followers.add(follower);
    this.listening ??= this.startListening();
    if (this.isOpen) follower.hear(Changes.anything);
    return follower;
  }

  publish(changes: Changes): void {
    if (changes.isEmpty) return;
    for (const follower of this.followers) follower.hear(changes);
  }

  /** From here on nothing is missed; what went before may have been. */
  open(): void {
    this.isOpen = true;
    this.publish(Changes.anything);
  }

  /** From here on changes may be missed, until it is opened again. */
  interrupt(): void {
    this.isOpen = false;
  }

  /** Resolves when every listener has ended, those that were left before as well. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const follower of this.followers) follower.end();
    await Promise.all(this.ends);
  }

  private startListening(): AbortController {
    const stop = new AbortController();
    const ended = this.listen(this, stop.signal).finally(() => this.ends.delete(ended));
    this.ends.add(ended);
    return stop;
  }

  private leave(follower: Follower): void {
    this.followers.delete(follower);
    if (this.isFollowed) return;
    this.listening?.abort();
    this.listening = undefined;
    this.isOpen = false;
  }
}

interface Reader {
  resolve(result: IteratorResult<Changes>): void;
  reject(error: unknown): void;
}

/**
 * What one follower reads. An iterator made by hand, not a generator: a generator that waits for the next change cannot be
 * returned from before that change comes, and a client that has gone away would be followed for until then.
 *
 * While its reader is busy, changes are merged into one, which is bounded.
 */
class Follower implements AsyncIterableIterator<Changes> {
  private readonly readers: Reader[] = [];
  private pending: Changes | undefined;
  private failure: { error: unknown } | undefined;
  private isEnded = false;

  constructor(
    private readonly concerns: Concern,
    private readonly leave: () => void,
  ) {}

  hear(changes: Changes): void {
    try {
      if (!this.concerns(changes)) return;
    } catch (error) {
      // The follower's own failure, not that of whoever has made the change.
      this.fail(error);
      return;
    }
    const reader = this.readers.shift();
    if (reader) {
      reader.resolve({ value: changes, done: false });
    } else {
      this.pending ??= new Changes();
      this.pending.addAll(changes);
    }
  }

  async next(): Promise<IteratorResult<Changes>> {
    const { pending, failure } = this;
    this.pending = undefined;
    this.failure = undefined;
    if (pending) return { value: pending, done: false };
    if (failure) throw failure.error;
    if (this.isEnded) return { value: undefined, done: true };
    return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<Changes>> {
    this.end();
    return { value: undefined, done: true };
  }

  end(): void {
    this.isEnded = true;
    this.pending = undefined;
    for (const reader of this.readers.splice(0)) reader.resolve({ value: undefined, done: true });
    this.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private fail(error: unknown): void {
    const reader = this.readers.shift();
    if (reader) reader.reject(error);
    else this.failure = { error };
    this.end();
  }
}

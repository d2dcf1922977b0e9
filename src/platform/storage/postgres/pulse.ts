/** A connection on which a statement waits for its answer. */
export interface Waiting {
  /** How long the answer may take by the limits that the server itself was given, and a little more. */
  readonly answerWithinMs: number;
  /** Ends the connection without a goodbye: what waits on it fails. */
  breakOff(): void;
}

/** How long a statement waits before its server is asked for a sign of life. */
const patienceMs = 5_000;

/**
 * Notices what no connection ever says: that the server hangs, or that the network has lost the way to it. The server's
 * own limits end nothing then. When a statement takes long, the server is asked whether it answers anybody: if it does,
 * the statement may go on; if not, all that wait for it are told. So nobody waits for long, and what rightly takes half
 * an hour has half an hour.
 */
export class Pulse {
  private readonly waiting = new Set<{ connection: Waiting; sinceMs: number }>();
  private readonly timer = setInterval(() => this.look(), patienceMs / 2).unref();
  private isAsking = false;

  /** @param isAlive asks the server for a sign of life, on a connection of its own, and never rejects */
  constructor(private readonly isAlive: () => Promise<boolean>) {}

  /** Looks after a statement for as long as it waits for its answer. */
  async during<Value>(connection: Waiting, send: () => Promise<Value>): Promise<Value> {
    const statement = { connection, sinceMs: performance.now() };
    this.waiting.add(statement);
    try {
      return await send();
    } finally {
      this.waiting.delete(statement);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const nowMs = performance.now();
    for (const { connection, sinceMs } of this.waiting) {
      if (nowMs - sinceMs > connection.answerWithinMs) connection.breakOff();
    }
    const isLate = [...this.waiting].some(({ sinceMs }) => nowMs - sinceMs > patienceMs);
    if (!isLate || this.isAsking) return;
    this.isAsking = true;
    const isAlive = await this.isAlive();
    this.isAsking = false;
    if (!isAlive) for (const { connection } of this.waiting) connection.breakOff();
  }
}

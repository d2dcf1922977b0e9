/** A token that was found good. */
interface Recent<Value> {
  value: Value;
  /** When the token ends, by the clock. */
  endsAtMs: number;
  /** When somebody must look again, in the time that passes: a clock that is set back must not put that off. */
  checkAgainAtMs: number;
}

/**
 * The tokens that were used last, with what they were found to say: checking one takes 50 µs of the processor, as much as
 * answering the smallest request, and looking it up here 0.1 µs. The one unused for the longest time makes room for a
 * new one.
 */
export class RecentTokens<Value> {
  private readonly recent = new Map<string, Recent<Value>>();

  /** @param checkAgainMs for how long nobody need look again */
  constructor(
    private readonly most: number,
    private readonly checkAgainMs: number,
  ) {}

  /** @param nowMs what the clock shows */
  get(token: string, nowMs: number): Value | undefined {
    const found = this.recent.get(token);
    if (!found) return undefined;
    this.recent.delete(token);
    if (nowMs >= found.endsAtMs || performance.now() >= found.checkAgainAtMs) return undefined;
    this.recent.set(token, found);
    return found.value;
  }

  set(token: string, value: Value, endsAtMs: number): void {
    this.recent.delete(token);
    this.recent.set(token, { value, endsAtMs, checkAgainAtMs: performance.now() + this.checkAgainMs });
    if (this.recent.size > this.most) this.recent.delete(this.recent.keys().next().value as string);
  }
}

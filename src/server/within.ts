import { setTimeout as sleep } from 'node:timers/promises';

/** What work comes to, unless that takes too long: then `late`, and nobody waits for the work any more. */
export async function within<Value, Late>(
  work: Promise<Value>,
  limitMs: number,
  late: Late,
): Promise<Value | Late> {
  const timer = new AbortController();
  const expired = sleep(limitMs, late, { signal: timer.signal });
  expired.catch(() => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    timer.abort();
  }
}

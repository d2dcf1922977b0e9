import { randomFillSync } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';

const randomBytes = 16;
const pool = Buffer.alloc(256 * randomBytes);
let at = pool.length;

/** A new UUID of version 7: in the order of time, to the millisecond. */
export function newEventId(): string {
  return uuidV7({ rng: nextRandom });
}

/** Asking the operating system costs as much as registering half an event, for 16 bytes as for 4,096. */
function nextRandom(): Uint8Array {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const random = pool.subarray(at, at + randomBytes);
  at += randomBytes;
  return random;
}

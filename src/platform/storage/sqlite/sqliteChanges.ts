import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeFeed, Listen } from '../core/changeFeed';
import type { Connection } from '../core/connection';

const lookMs = 300;

/**
 * Notices that another process (a command beside the service) has written to the file, a few times a second. What was
 * changed nobody says, so it may be anything.
 * @param connectionNow the one that registers: what is committed on it does not count as another's. Slow commands have
 *   another one, so after a payout everybody is told to read once more.
 */
export function watchOtherWriters(connectionNow: () => Connection): Listen {
  return async (feed: ChangeFeed, signal: AbortSignal) => {
    let known: number | undefined;
    while (!signal.aborted) {
      const version = await readDataVersion(connectionNow()).catch(() => known);
      if (version !== known && !signal.aborted) feed.open();
      known = version;
      await sleep(lookMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
}

/** A number that differs from the one before when another connection has committed in between. */
async function readDataVersion(connection: Connection): Promise<number | undefined> {
  const [row] = await connection.query<{ data_version: number }>('pragma data_version', []);
  return row?.data_version;
}

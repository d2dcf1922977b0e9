import type { Concern } from '../../src/platform/storage/core/changeFeed';
import { Changes, type Key } from '../../src/platform/storage/core/changes';
import type { Command } from '../../src/platform/storage/core/writeQueue';
import type { TestService } from './testService';

/** What is asked for is told within a second; a slow machine gets more. */
const maxWaitMs = 20_000;

const tables = [
  'unit',
  'caregiver',
  'event_type',
  'event',
  'payout',
  'monthly_rollup',
  'payout_rollup',
  'revoked_token',
  'note',
];

/** Follows a service's changes as a subscription would. */
export function follow(api: TestService, concerns?: Concern) {
  const follower = api.service.database.followChanges(concerns);

  async function next(waitMs = maxWaitMs): Promise<Changes> {
    const { value, done } = await within(waitMs, follower.next());
    if (done) throw new Error('the follower was ended');
    return value;
  }

  return {
    /** The next item. */
    next,
    /** The next item that names rows. Other items say "anything"; on SQLite slow commands make more of them. */
    async nextNamed(): Promise<Changes> {
      for (;;) {
        const changes = await next();
        if (!isAnything(changes)) return changes;
      }
    },
    /** All items until one tells of this row, as one. */
    async until(table: string, row: Key): Promise<Changes> {
      const told = new Changes();
      while (!tellsOf(told, table, row)) told.addAll(await next());
      return told;
    },
    /** Whether it was ended, and tells nothing more. */
    async hasEnded(): Promise<boolean> {
      return (await within(maxWaitMs, follower.next())).done === true;
    },
    async stop(): Promise<void> {
      await follower.return?.();
    },
  };
}

/** A follower that has been told already that anything may have changed, as every follower is at first. */
export async function followOn(api: TestService, concerns?: Concern) {
  const following = follow(api, concerns);
  expect(isAnything(await following.next())).toBe(true);
  return following;
}

/** What changes tell, by table. */
export function told(changes: Changes): Record<string, Key[]> {
  const keys = tables.map((table) => [table, changes.keysOf(table)] as const);
  return Object.fromEntries(keys.filter(([, ofTable]) => ofTable.length > 0));
}

export function isAnything(changes: Changes): boolean {
  return changes.keysOf('no table has this name').length > 0;
}

/** Whether changes tell of a row, by its whole key or by the beginning of it. */
export function tellsOf(changes: Changes, table: string, row: Key): boolean {
  return changes.keysOf(table).some((key) => key.every((value, index) => value === row[index]));
}

/** A command of the test's own, which changes nothing and announces rows all the same. */
const announceNotes: Command<readonly Key[], undefined> = {
  name: 'announceNotes',
  async handle(tx, inputs) {
    for (const keys of inputs) tx.announce('note', keys);
    return inputs.map(() => ({ value: undefined }));
  },
};

/** Announces rows in a transaction that does nothing else. */
export async function announce(api: TestService, keys: readonly Key[]): Promise<void> {
  await api.service.database.write(announceNotes, [keys]);
}

async function within<Value>(waitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing was told within ${waitMs} ms`)), waitMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

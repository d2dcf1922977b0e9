import sql, { empty } from 'sql-template-tag';
import type { Audited } from '../audit/act';
import { platformAudit } from '../audit/ownWords';
import type { Database } from '../storage/core/database';
import { nowMs } from '../storage/core/dialect';
import { oneByOne } from '../storage/core/oneByOne';
import type { Snapshot, Transaction } from '../storage/core/transaction';
import { quickCommand } from '../storage/core/writeQueue';
import { formatDateTime } from '../values/dateTime';
import { maxLifetimeMs } from './tokenWish';

export interface RevokeToken {
  tokenId: string;
  revokedBy: string;
  revokedAtMs: number;
  /** When the token ends by itself and the entry can go; null keeps it for good. */
  expiresAtMs: number | null;
}

/**
 * So long after its end a token is forgotten: as long as the service's own tokens hold at most. A clock that is wrong for a
 * moment, even by months, forgets none that would be taken again when it is right.
 */
const forgetAfterMs = maxLifetimeMs;

/**
 * Revokes a token; again answers what is stored. Of two ends the later one counts, and without an end it is for good: nobody
 * who revokes takes away what another one has. Entries whose tokens ended long ago go at the same time, so that few are
 * kept.
 */
export async function revokeToken(tx: Transaction, input: Audited<RevokeToken>): Promise<RevokeToken> {
  const { tokenId, revokedBy, revokedAtMs, expiresAtMs } = input;
  await forgetEnded(tx);
  const added = await tx.one(sql`
    insert into revoked_token (token_id, revoked_by, revoked_at_ms, expires_at_ms)
    values (${tokenId}, ${revokedBy}, ${revokedAtMs}, ${expiresAtMs})
    on conflict (token_id) do nothing
    returning token_id`);
  tx.announce('revoked_token', [[tokenId]]);
  if (added) platformAudit.record(tx, { act: input.act, action: 'revokeToken', target: ['token', tokenId] });
  else if (await extend(tx, tokenId, expiresAtMs)) {
    const after = { expiresAt: expiresAtMs === null ? null : formatDateTime(expiresAtMs) };
    platformAudit.record(tx, { act: input.act, action: 'revokeToken', target: ['token', tokenId], after });
  }
  const stored = await tx.one<RevokeToken>(sql`
    select token_id as "tokenId", revoked_by as "revokedBy", revoked_at_ms as "revokedAtMs",
      expires_at_ms as "expiresAtMs"
    from revoked_token where token_id = ${tokenId}`);
  return stored as RevokeToken;
}

export const revokeTokens = quickCommand('revokeToken', oneByOne(revokeToken));

/** @returns whether the end that is stored was an earlier one */
async function extend(tx: Transaction, tokenId: string, expiresAtMs: number | null): Promise<boolean> {
  const isEarlier = expiresAtMs === null ? sql`is not null` : sql`< ${expiresAtMs}`;
  const extended = await tx.one(sql`
    update revoked_token set expires_at_ms = ${expiresAtMs}
    where token_id = ${tokenId} and expires_at_ms ${isEarlier}
    returning token_id`);
  return extended !== undefined;
}

/** By the database's clock, which is one for all instances. */
async function forgetEnded(tx: Transaction): Promise<void> {
  const clock = await tx.one<{ now: number }>(sql`select ${nowMs} as now`);
  const before = (clock as { now: number }).now - forgetAfterMs;
  await tx.run(sql`delete from revoked_token where expires_at_ms < ${before}`);
}

/** A page of the tokens that were revoked, the last ones first. There are few: they go a year after they would have ended. */
export function listRevokedTokens(
  snapshot: Snapshot,
  first: number,
  after: Pick<RevokeToken, 'revokedAtMs' | 'tokenId'> | undefined,
): Promise<RevokeToken[]> {
  return snapshot.all(sql`
    select token_id as "tokenId", revoked_by as "revokedBy", revoked_at_ms as "revokedAtMs",
      expires_at_ms as "expiresAtMs"
    from revoked_token
    where true ${after ? sql`and (revoked_at_ms, token_id) < (${after.revokedAtMs}, ${after.tokenId})` : empty}
    order by revoked_at_ms desc, token_id desc
    limit ${first}`);
}

/**
 * The tokens that were revoked, in memory: no request waits for a question to the database. What this process revokes
 * holds at once, what others revoke as soon as the list is read again.
 */
export class RevokedTokens {
  private ids: ReadonlySet<string> = new Set();
  /** Revoked here while the list was being read. */
  private readonly added = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly database: Database) {}

  /** Reads the list, and again and again until it is closed. */
  static async open(database: Database, everyMs: number): Promise<RevokedTokens> {
    const revoked = new RevokedTokens(database);
    await revoked.read();
    // A database that does not answer now has nothing new to say either.
    const readAgain = () => revoked.read().catch(() => undefined);
    const next = async () => {
      await readAgain();
      if (revoked.timer) revoked.timer = setTimeout(next, everyMs).unref();
    };
    revoked.timer = setTimeout(next, everyMs).unref();
    return revoked;
  }

  has(tokenId: string): boolean {
    return this.ids.has(tokenId) || this.added.has(tokenId);
  }

  /** For a token that was revoked in the database just now. */
  add(tokenId: string): void {
    this.added.add(tokenId);
  }

  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async read(): Promise<void> {
    const known = [...this.added];
    const rows = await this.database.read((snapshot) =>
      snapshot.all<{ token_id: string }>(sql`select token_id from revoked_token`),
    );
    this.ids = new Set(rows.map((row) => row.token_id));
    // What was added before the list was read is in it, but for entries that have been forgotten since.
    for (const tokenId of known) if (this.ids.has(tokenId)) this.added.delete(tokenId);
  }
}

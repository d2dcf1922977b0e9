import sql from 'sql-template-tag';
import { inScope, type Scope } from '../access/scope';
import type { Snapshot } from '../storage/transaction';
import type { PayoutEntity } from './payout.entity';

/** A page of payouts, the newest first. */
export function listPayouts(
  snapshot: Snapshot,
  first: number,
  before: number | undefined,
): Promise<PayoutEntity[]> {
  return snapshot.all(sql`
    select id, created_at_ms as "createdAtMs", created_by as "createdBy"
    from payout
    where id < ${before ?? Number.MAX_SAFE_INTEGER}
    order by id desc
    limit ${first}`);
}

/** What a payout comes to for the caregivers in scope, by currency. */
export function readPayoutTotals(
  snapshot: Snapshot,
  payoutId: number,
  scope: Scope,
): Promise<{ currency: string; amount: number; events: number }[]> {
  return snapshot.all(sql`
    select currency, sum(amount) as amount, sum(events) as events
    from payout_rollup
    where payout_id = ${payoutId} and ${inScope(scope, sql`caregiver_id`)}
    group by currency
    order by currency`);
}

/** Whom of those in scope a payout paid, and from which month to which: where to look for its events. */
export async function readPayoutStretch(
  snapshot: Snapshot,
  payoutId: number,
  scope: Scope,
): Promise<{ caregiverIds: number[]; fromMonth: number; toMonth: number } | undefined> {
  const rows = await snapshot.all<{ caregiver_id: number; from_month: number; to_month: number }>(sql`
    select caregiver_id, min(month) as from_month, max(month) as to_month
    from payout_rollup
    where payout_id = ${payoutId} and ${inScope(scope, sql`caregiver_id`)}
    group by caregiver_id`);
  if (rows.length === 0) return undefined;
  return {
    caregiverIds: rows.map((row) => row.caregiver_id),
    fromMonth: Math.min(...rows.map((row) => row.from_month)),
    toMonth: Math.max(...rows.map((row) => row.to_month)),
  };
}

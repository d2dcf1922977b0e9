import sql from 'sql-template-tag';
import { inScope } from '../../directory';
import type { Scope } from '../../platform/access/scope';
import { listOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';
import { groupBy } from '../../platform/values/groupBy';
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

/** What a payout comes to in one currency. */
export interface PayoutSum {
  currency: string;
  amount: number;
  events: number;
}

/** What each of these payouts comes to for the caregivers in scope, by currency; in one statement. */
export async function readPayoutTotals(
  snapshot: Snapshot,
  payoutIds: readonly number[],
  scope: Scope,
): Promise<Map<number, PayoutSum[]>> {
  const rows = await snapshot.all<PayoutSum & { payoutId: number }>(sql`
    select payout_id as "payoutId", currency, sum(amount) as amount, sum(events) as events
    from payout_rollup
    where payout_id in ${listOf(payoutIds)} and ${inScope(scope, sql`caregiver_id`)}
    group by payout_id, currency
    order by payout_id, currency`);
  return groupBy(rows, ({ payoutId }) => payoutId);
}

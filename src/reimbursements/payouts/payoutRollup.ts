import sql from 'sql-template-tag';
import type { Rollup } from '../../platform/rollup/rollup';
import { monthOfEvent } from '../events/event.table';

/** What each payout paid, by caregiver and month: a payout's totals and its way to its events. */
export const payoutRollup: Rollup<'caregiver_id' | 'payout_id' | 'month' | 'currency', 'amount' | 'events'> =
  {
    table: 'payout_rollup',
    key: { caregiver_id: 'integer', payout_id: 'integer', month: 'integer', currency: 'text' },
    measures: ['amount', 'events'],
    references: { caregiver_id: 'caregiver.id', payout_id: 'payout.id' },
    tooLarge: {
      message:
        "The payout's sum for a caregiver and month would pass 9007199254740991 minor units, the largest exact number. " +
        'Nothing was changed; pay fewer events at a time.',
    },
    factTable: 'event',
    facts: (from, to) => sql`
    select e.caregiver_id, e.payout_id, ${monthOfEvent} as month, e.currency,
      sum(e.amount) as amount, count(*) as events
    from event e
    where e.caregiver_id between ${from} and ${to} and e.payout_id is not null
    group by 1, 2, 3, 4`,
  };

import sql, { raw, type Sql } from 'sql-template-tag';
import type { Difference, Rollup } from '../../platform/rollup/rollup';
import type { Calendar } from '../../platform/values/months';
import { type EventRecord, monthOfEvent } from './event.table';

type MonthlyKey = 'caregiver_id' | 'month' | 'currency';
type MonthlyMeasure =
  | 'reimbursed_amount'
  | 'reimbursed_events'
  | 'unreimbursed_amount'
  | 'unreimbursed_events';

/** The measures of the rollup, summed up from `event e`. */
export const monthlySums: Sql = raw(`
  sum(case when e.payout_id is null then 0 else e.amount end) as reimbursed_amount,
  sum(case when e.payout_id is null then 0 else 1 end) as reimbursed_events,
  sum(case when e.payout_id is null then e.amount else 0 end) as unreimbursed_amount,
  sum(case when e.payout_id is null then 1 else 0 end) as unreimbursed_events`);

/** What every caregiver's events of a calendar month come to, paid and unpaid apart. Reports are read from it. */
export const monthlyRollup: Rollup<MonthlyKey, MonthlyMeasure> = {
  table: 'monthly_rollup',
  key: { caregiver_id: 'integer', month: 'integer', currency: 'text' },
  measures: ['reimbursed_amount', 'reimbursed_events', 'unreimbursed_amount', 'unreimbursed_events'],
  references: { caregiver_id: 'caregiver.id' },
  tooLarge: {
    message:
      "The caregiver's sum for the month would pass 9007199254740991 minor units, the largest exact number. " +
      'Nothing was changed; check the amount of the event type.',
    field: 'eventTypeId',
  },
  factTable: 'event',
  facts: (from, to) => sql`
    select e.caregiver_id, ${monthOfEvent} as month, e.currency, ${monthlySums}
    from event e
    where e.caregiver_id between ${from} and ${to} and e.deleted_at_ms is null
    group by 1, 2, 3`,
};

export type MonthlyDifference = Difference<MonthlyKey, MonthlyMeasure>;

/** What new, unreimbursed events add. */
export function* registered(
  events: readonly EventRecord[],
  calendar: Calendar,
): Generator<MonthlyDifference> {
  for (const event of events) yield unreimbursed(event, calendar, 1);
}

/** What deleting an unreimbursed event takes away. */
export function deleted(event: EventRecord, calendar: Calendar): MonthlyDifference {
  return unreimbursed(event, calendar, -1);
}

function unreimbursed(event: EventRecord, calendar: Calendar, events: 1 | -1): MonthlyDifference {
  return {
    caregiver_id: event.caregiverId,
    month: calendar.monthOf(event.occurredAtMs),
    currency: event.currency,
    reimbursed_amount: 0,
    reimbursed_events: 0,
    unreimbursed_amount: events * event.amountMinor,
    unreimbursed_events: events,
  };
}

/** What a payout moves from unreimbursed to reimbursed. */
export function reimbursed(sums: {
  caregiver_id: number;
  month: number;
  currency: string;
  amount: number;
  events: number;
}): MonthlyDifference {
  return {
    caregiver_id: sums.caregiver_id,
    month: sums.month,
    currency: sums.currency,
    reimbursed_amount: sums.amount,
    reimbursed_events: sums.events,
    unreimbursed_amount: -sums.amount,
    unreimbursed_events: -sums.events,
  };
}

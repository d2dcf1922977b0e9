import sql, { join, type Sql } from 'sql-template-tag';
import type { Act, Audited } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { addDifferences } from '../../platform/rollup/addDifferences';
import { listOf, uuidListOf } from '../../platform/storage/core/dialect';
import type { Transaction } from '../../platform/storage/core/transaction';
import type { Outcome } from '../../platform/storage/core/writeQueue';
import { maxAmountMinor } from '../../platform/values/money';
import type { Range } from '../../platform/values/range';
import { audit } from '../audit';
import {
  announceEvents,
  type EventRecord,
  findEventsByIds,
  lockEvents,
  monthOfEvent,
} from '../events/event.table';
import { monthlyRollup, reimbursed } from '../events/monthlyRollup';
import type { PayoutEntity } from './payout.entity';
import { payoutRollup } from './payoutRollup';

/** Which events to pay: these ones, or all unreimbursed ones of these caregivers in a range. */
export type ReimburseEvents = { createdBy: string; createdAtMs: number } & (
  | { eventIds: readonly string[] }
  | { caregiverIds: readonly number[]; range: Range }
);

interface PaidSum {
  caregiver_id: number;
  month: number;
  currency: string;
  amount: number;
  events: number;
}

/**
 * Makes payouts: marks events as reimbursed and moves their amounts within the rollup. Payouts of one batch are made
 * one after the other, so that none pays what the one before it has paid.
 * @returns one outcome for each input; errors, after which nothing of that payout is done: UNKNOWN_EVENT,
 *   EVENT_DELETED, EVENT_REIMBURSED, NOTHING_TO_REIMBURSE
 * @throws AppError AMOUNT_TOO_LARGE when a payout's total would not fit; the transaction must be rolled back
 */
export async function reimburseEvents(
  tx: Transaction,
  inputs: readonly Audited<ReimburseEvents>[],
): Promise<Outcome<PayoutEntity>[]> {
  const outcomes: Outcome<PayoutEntity>[] = [];
  for (const input of inputs) outcomes.push(await reimburse(tx, input));
  return outcomes;
}

async function reimburse(tx: Transaction, input: Audited<ReimburseEvents>): Promise<Outcome<PayoutEntity>> {
  await lockEvents(tx, 'eventIds' in input ? chosenEvents(input) : payableEvents(input));
  const chosen = 'eventIds' in input ? await findPayable(tx, input.eventIds) : undefined;
  if (chosen instanceof AppError) return { error: chosen };
  const payable = payableEvents(input);
  const any = await tx.one(sql`select 1 from event e where ${payable} limit 1`);
  if (!any) {
    return {
      error: new AppError(
        'NOTHING_TO_REIMBURSE',
        'There is no unreimbursed event of these caregivers in this range; it may have been paid already.',
      ),
    };
  }

  const payout = { createdAtMs: input.createdAtMs, createdBy: input.createdBy };
  const created = await tx.one<{ id: number }>(
    sql`insert into payout (created_at_ms, created_by) values (${payout.createdAtMs}, ${payout.createdBy}) returning id`,
  );
  const { id } = created as { id: number };
  await tx.run(sql`update event as e set payout_id = ${id} where ${payable}`);
  // What was marked is read back by the payout's id, so that the rollups move by exactly that.
  const sums = await tx.all<PaidSum>(paidSums(id, input));
  const totals = exactTotals(sums);
  await addDifferences(tx, monthlyRollup, sums.map(reimbursed));
  await addDifferences(
    tx,
    payoutRollup,
    sums.map((sum) => ({ ...sum, payout_id: id })),
  );
  tx.announce('payout', [[id]]);
  if (chosen) announceEvents(tx, chosen);
  else
    tx.announce(
      'event',
      sums.map((sum) => [sum.caregiver_id]),
    );
  recordPayout(tx, input.act, id, totals, new Set(sums.map((sum) => sum.caregiver_id)).size);
  return { value: { id, ...payout } };
}

/** Which events they are the payout tells; here stands what they come to. */
function recordPayout(tx: Transaction, act: Act, id: number, totals: Totals, caregivers: number): void {
  audit.record(tx, {
    act,
    action: 'reimburseEvents',
    target: ['payout', id],
    after: { caregivers, totals: [...totals].map(([currency, total]) => ({ currency, ...total })) },
  });
}

/** A list of ids is paid whole or not at all: the first that cannot be paid is named. */
async function findPayable(tx: Transaction, eventIds: readonly string[]): Promise<EventRecord[] | AppError> {
  const events = await findEventsByIds(tx, eventIds);
  for (const [index, id] of eventIds.entries()) {
    const event = events.get(id);
    const field = `eventIds[${index}]`;
    if (!event) return new AppError('UNKNOWN_EVENT', `There is no event ${id}.`, field);
    if (event.deletedAtMs !== null) {
      return new AppError('EVENT_DELETED', `The event ${id} is deleted and cannot be paid.`, field);
    }
    if (event.payoutId !== null) {
      return new AppError('EVENT_REIMBURSED', `The event ${id} was paid in payout ${event.payoutId}.`, field);
    }
  }
  return [...events.values()];
}

/** By currency. */
type Totals = ReadonlyMap<string, { amount: number; events: number }>;

/** The rollup holds each caregiver's sum to 2^53−1; a payout adds up many of them. */
function exactTotals(sums: readonly PaidSum[]): Totals {
  const totals = new Map<string, { amount: number; events: number }>();
  for (const { currency, amount, events } of sums) {
    const total = totals.get(currency) ?? { amount: 0, events: 0 };
    total.amount += amount;
    total.events += events;
    totals.set(currency, total);
    if (!Number.isSafeInteger(total.amount)) {
      throw new AppError(
        'AMOUNT_TOO_LARGE',
        `The payout would pass ${maxAmountMinor} minor units, the largest exact number. ` +
          'Nothing was paid; pay fewer events at a time.',
      );
    }
  }
  return totals;
}

function payableEvents(input: ReimburseEvents): Sql {
  return sql`${chosenEvents(input)} and e.payout_id is null and e.deleted_at_ms is null`;
}

function chosenEvents(input: ReimburseEvents): Sql {
  if ('eventIds' in input) return sql`e.id in ${uuidListOf(input.eventIds)}`;
  const { fromMs, toMs } = input.range;
  return join(
    [
      sql`e.caregiver_id in ${listOf(input.caregiverIds)}`,
      ...(fromMs === null ? [] : [sql`e.occurred_at_ms >= ${fromMs}`]),
      ...(toMs === null ? [] : [sql`e.occurred_at_ms < ${toMs}`]),
    ],
    ' and ',
  );
}

function paidSums(payoutId: number, input: ReimburseEvents): Sql {
  return sql`
    select e.caregiver_id, ${monthOfEvent} as month, e.currency, sum(e.amount) as amount, count(*) as events
    from event e
    where ${chosenEvents(input)} and e.payout_id = ${payoutId}
    group by 1, 2, 3`;
}

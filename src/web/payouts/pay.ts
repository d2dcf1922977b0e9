import type { Client, CombinedError } from '@urql/core';
import { readFromPrimary } from '../api/client';
import type { Group } from './choice';
import { allOwedQuery, monthsQuery, type Payout, reimburseMutation } from './operations';

export interface Sum {
  currency: string;
  amount: number;
  events: number;
}

/** A payout before it is made. */
export interface Planned {
  group: Group;
  /** What it would come to now, by currency; empty when there is nothing left to pay. */
  sums: Sum[];
  fromMonth: string;
  toMonth: string;
}

/** What became of a planned payout. */
export type Outcome = { planned: Planned } & (
  | { payout: Payout; differs: boolean }
  | { error: CombinedError }
  /** One before it got no answer, after which nothing more was sent. */
  | { notSent: true }
);

/**
 * Asks what payouts would come to now.
 * @throws CombinedError by the promise
 */
export async function planPayouts(client: Client, groups: readonly Group[]): Promise<Planned[]> {
  const plans: Planned[] = [];
  for (const group of groups) {
    const { caregiverIds, month } = group;
    const filter = { caregiverIds, ...(month !== 'all' && { fromMonth: month, toMonth: month }) };
    const { data, error } = await client.query(monthsQuery, { filter }, readFromPrimary).toPromise();
    if (!data) throw error;
    const owed = data.report.months.filter(({ unreimbursed }) => unreimbursed.events !== 0);
    const months = owed.map((one) => one.month);
    plans.push({
      group,
      sums: addUp(owed.map(({ currency, unreimbursed }) => ({ currency, ...unreimbursed }))),
      fromMonth: months[0] ?? month,
      toMonth: months.at(-1) ?? month,
    });
  }
  return plans;
}

/**
 * Makes payouts, one after the other. What was paid, registered or deleted since they were planned shows in what they
 * come to; a group of which everything has been paid meanwhile is refused by the service.
 */
export async function makePayouts(client: Client, plans: readonly Planned[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let isAnswered = true;
  for (const planned of plans.filter(({ sums }) => sums.length > 0)) {
    if (!isAnswered) {
      outcomes.push({ planned, notSent: true });
      continue;
    }
    const { group, fromMonth, toMonth } = planned;
    const input = { caregiverIds: group.caregiverIds, fromMonth, toMonth };
    const { data, error } = await client.mutation(reimburseMutation, { input }, readFromPrimary).toPromise();
    if (data)
      outcomes.push({
        planned,
        payout: data.reimburseEvents,
        differs: differs(planned, data.reimburseEvents),
      });
    else if (error) outcomes.push({ planned, error });
    isAnswered = error?.networkError === undefined;
  }
  return outcomes;
}

/**
 * Everything that a filter lists, page by page, as long as it is no more than so many rows.
 * @returns undefined when it is more
 * @throws CombinedError by the promise
 */
export async function readAllOwed(
  client: Client,
  filter: object,
  maxRows: number,
): Promise<{ month: string; caregiver: { id: string } }[] | undefined> {
  const rows: { month: string; caregiver: { id: string } }[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { data, error }: Awaited<ReturnType<typeof readPage>> = await readPage(client, filter, after);
    if (!data) throw error;
    const { nodes, pageInfo } = data.report.rows;
    rows.push(...nodes);
    if (rows.length > maxRows) return undefined;
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  return rows;
}

function readPage(client: Client, filter: object, after: string | null) {
  return client.query(allOwedQuery, { filter, after }, readFromPrimary).toPromise();
}

/** One sum for each currency, in their order. */
export function addUp(sums: readonly Sum[]): Sum[] {
  const totals = new Map<string, Sum>();
  for (const { currency, amount, events } of sums) {
    const total = totals.get(currency) ?? { currency, amount: 0, events: 0 };
    totals.set(currency, { currency, amount: total.amount + amount, events: total.events + events });
  }
  return [...totals.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}

function differs({ sums }: Planned, { totals }: Payout): boolean {
  const text = (list: readonly Sum[]) =>
    addUp(list)
      .map(({ currency, amount, events }) => `${currency} ${amount} ${events}`)
      .join();
  return text(sums) !== text(totals);
}

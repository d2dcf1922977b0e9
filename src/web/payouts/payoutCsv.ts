import type { Client } from '@urql/core';
import { csvLine } from '../../platform/values/csv';
import { readFromPrimary } from '../api/client';
import { type PaidEvent, payoutEventsQuery } from './operations';

const columns = {
  payout: (_event: PaidEvent, payoutId: string) => payoutId,
  id: ({ id }: PaidEvent) => id,
  caregiver: ({ caregiver }: PaidEvent) => caregiver.id,
  caregiver_external_id: ({ caregiver }: PaidEvent) => caregiver.externalId ?? '',
  caregiver_name: ({ caregiver }: PaidEvent) => caregiver.name,
  event_type_name: ({ eventType }: PaidEvent) => eventType.name,
  occurred_at: ({ occurredAt }: PaidEvent) => occurredAt,
  month: ({ month }: PaidEvent) => month,
  // In minor units, as in all exports.
  amount: ({ amount }: PaidEvent) => amount,
  currency: ({ currency }: PaidEvent) => currency,
};

/**
 * The events of a payout as CSV, in pieces, read a thousand at a time.
 * @param onRead told how many there are so far
 * @throws CombinedError by the promise
 */
export async function payoutCsv(
  client: Client,
  payoutId: string,
  onRead: (events: number) => void,
): Promise<string[]> {
  const pieces = [csvLine(Object.keys(columns))];
  let read = 0;
  for (let after: string | null = null, more = true; more; ) {
    const { data, error }: Awaited<ReturnType<typeof readPage>> = await readPage(client, payoutId, after);
    if (!data?.payout) throw error;
    const { nodes, pageInfo } = data.payout.events;
    pieces.push(
      nodes.map((event) => csvLine(Object.values(columns).map((cell) => cell(event, payoutId)))).join(''),
    );
    read += nodes.length;
    onRead(read);
    after = pageInfo.endCursor;
    more = pageInfo.hasNextPage;
  }
  return pieces;
}

function readPage(client: Client, id: string, after: string | null) {
  return client.query(payoutEventsQuery, { id, first: 1000, after }, readFromPrimary).toPromise();
}

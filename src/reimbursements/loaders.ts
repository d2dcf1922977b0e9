import DataLoader from 'dataloader';
import type { Scope } from '../platform/access/scope';
import type { PageArguments } from '../platform/graphql/connection';
import { entityLoader, loaderFor } from '../platform/graphql/loaders';
import type { Database } from '../platform/storage/core/database';
import { groupBy } from '../platform/values/groupBy';
import type { Calendar } from '../platform/values/months';
import { access } from './access';
import type { EventRecord } from './events/event.table';
import type { EventCursor } from './events/listEvents';
import { listPayoutEvents } from './payouts/listPayoutEvents';
import { PayoutEntity } from './payouts/payout.entity';
import { type PayoutSum, readPayoutTotals } from './payouts/readPayouts';
import { EventTypeEntity } from './tariffs/eventType.entity';

export const eventTypeLoader = entityLoader(EventTypeEntity);
export const payoutLoader = entityLoader(PayoutEntity);

/** Whoever sees a payout sees no more of it than of all events. */
export const payoutTotalsLoader = loaderFor<number, PayoutSum[]>(
  ({ service, principal }) =>
    new DataLoader(async (ids) => {
      const scope = access.scopeOf(principal, 'Query.events');
      const totals = await service.database.read((snapshot) => readPayoutTotals(snapshot, ids, scope));
      return ids.map((id) => totals.get(id) ?? []);
    }),
);

export const payoutEventsLoader = loaderFor<PayoutEvents, EventRecord[], string>(
  ({ service: { database, calendar }, principal }) =>
    new DataLoader(
      (wishes) => loadPayoutEvents(database, calendar, access.scopeOf(principal, 'Query.events'), wishes),
      { cacheKeyFn: (wish) => JSON.stringify(wish) },
    ),
);

/** A page of the events of a payout. */
interface PayoutEvents {
  payoutId: number;
  page: PageArguments<EventCursor>;
}

/** Of a list of payouts all are asked for the same page; a query may name several. */
async function loadPayoutEvents(
  database: Database,
  calendar: Calendar,
  scope: Scope,
  wishes: readonly PayoutEvents[],
): Promise<EventRecord[][]> {
  const byPage = groupBy(wishes, ({ page }) => JSON.stringify(page));
  const found = new Map<PayoutEvents, EventRecord[]>();
  for (const same of byPage.values()) {
    const { first, after } = (same[0] as PayoutEvents).page;
    const ids = same.map(({ payoutId }) => payoutId);
    const events = await database.read((snapshot) =>
      listPayoutEvents(snapshot, ids, scope, calendar, first + 1, after),
    );
    for (const wish of same) found.set(wish, events.get(wish.payoutId) ?? []);
  }
  return wishes.map((wish) => found.get(wish) ?? []);
}

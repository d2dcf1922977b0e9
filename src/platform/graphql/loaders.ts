import DataLoader from 'dataloader';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { CaregiverEntity } from '../../directory/caregivers/caregiver.entity';
import { UnitEntity } from '../../directory/units/unit.entity';
import type { EventRecord } from '../../reimbursements/events/event.table';
import type { EventCursor } from '../../reimbursements/events/listEvents';
import { listPayoutEvents } from '../../reimbursements/payouts/listPayoutEvents';
import { PayoutEntity } from '../../reimbursements/payouts/payout.entity';
import { type PayoutSum, readPayoutTotals } from '../../reimbursements/payouts/readPayouts';
import { EventTypeEntity } from '../../reimbursements/tariffs/eventType.entity';
import type { Principal } from '../access/principal';
import { scopeOf } from '../access/roles';
import type { Scope } from '../access/scope';
import type { Service } from '../service';
import type { Database } from '../storage/core/database';
import { findByIds } from '../storage/core/findById';
import { groupBy } from '../values/groupBy';
import type { Calendar } from '../values/months';
import type { PageArguments } from './connection';

/**
 * Loads what rows refer to: all references of a page in one statement for each kind, whatever the size of the page.
 * Made anew for each request, so nothing outlives it.
 */
export function createLoaders(
  { database, calendar }: Pick<Service, 'database' | 'calendar'>,
  principal: Principal,
) {
  // Whoever sees a payout sees no more of it than of all events.
  const scope = () => scopeOf(principal, 'Query.events');
  return {
    caregiver: loaderOf(database, CaregiverEntity),
    unit: loaderOf(database, UnitEntity),
    eventType: loaderOf(database, EventTypeEntity),
    payout: loaderOf(database, PayoutEntity),
    payoutTotals: new DataLoader<number, PayoutSum[]>(async (ids) => {
      const totals = await database.read((snapshot) => readPayoutTotals(snapshot, ids, scope()));
      return ids.map((id) => totals.get(id) ?? []);
    }),
    payoutEvents: new DataLoader<PayoutEvents, EventRecord[], string>(
      (wishes) => loadPayoutEvents(database, calendar, scope(), wishes),
      { cacheKeyFn: (wish) => JSON.stringify(wish) },
    ),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;

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

function loaderOf<Row extends ObjectLiteral & { id: number }>(
  database: Database,
  entity: EntityTarget<Row>,
): DataLoader<number, Row> {
  return new DataLoader(async (ids) => {
    const rows = await database.read((snapshot) => findByIds(snapshot, entity, ids));
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map(
      (id) => byId.get(id) ?? new Error(`a row refers to ${String(entity)} ${id}, which is missing`),
    );
  });
}

import DataLoader from 'dataloader';
import type { EntityTarget, ObjectLiteral } from 'typeorm';
import { CaregiverEntity } from '../caregivers/caregiver.entity';
import { UnitEntity } from '../caregivers/unit.entity';
import { PayoutEntity } from '../payouts/payout.entity';
import type { Database } from '../storage/database';
import { findByIds } from '../storage/findById';
import { EventTypeEntity } from '../tariffs/eventType.entity';

/**
 * Loads what rows refer to: all references of a page in one statement for each kind, whatever the size of the page.
 * Made anew for each request, so nothing outlives it.
 */
export function createLoaders(database: Database) {
  return {
    caregiver: loaderOf(database, CaregiverEntity),
    unit: loaderOf(database, UnitEntity),
    eventType: loaderOf(database, EventTypeEntity),
    payout: loaderOf(database, PayoutEntity),
  };
}

export type Loaders = ReturnType<typeof createLoaders>;

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

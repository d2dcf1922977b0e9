import sql, { join } from 'sql-template-tag';
import { listOf } from '../storage/dialect';
import type { Snapshot } from '../storage/transaction';
import { type CaregiverEntity, foldText } from './caregiver.entity';
import type { UnitEntity } from './unit.entity';

/** Which caregivers to list; what is undefined does not narrow, an empty list matches nobody. */
export interface CaregiverQuery {
  ids?: readonly number[] | undefined;
  externalIds?: readonly string[] | undefined;
  unitIds?: readonly number[] | undefined;
  nameContains?: string | undefined;
}

/** A page of caregivers in the order of their names, letters small and capital alike. */
export function listCaregivers(
  snapshot: Snapshot,
  query: CaregiverQuery,
  first: number,
  after: { nameFolded: string; id: number } | undefined,
): Promise<CaregiverEntity[]> {
  const conditions = [
    sql`true`,
    ...(query.ids ? [sql`id in ${listOf(query.ids)}`] : []),
    ...(query.externalIds ? [sql`external_id in ${listOf(query.externalIds)}`] : []),
    ...(query.unitIds ? [sql`unit_id in ${listOf(query.unitIds)}`] : []),
    ...(query.nameContains ? [sql`instr(name_folded, ${foldText(query.nameContains)}) > 0`] : []),
    ...(after ? [sql`(name_folded, id) > (${after.nameFolded}, ${after.id})`] : []),
  ];
  return snapshot.all(sql`
    select id, external_id as "externalId", name, name_folded as "nameFolded", unit_id as "unitId"
    from caregiver
    where ${join(conditions, ' and ')}
    order by name_folded, id
    limit ${first}`);
}

/** A page of units in the order of their names. */
export function listUnits(
  snapshot: Snapshot,
  first: number,
  after: { name: string; id: number } | undefined,
): Promise<UnitEntity[]> {
  return snapshot.all(sql`
    select id, external_id as "externalId", name
    from unit
    where (name, id) > (${after?.name ?? ''}, ${after?.id ?? 0})
    order by name, id
    limit ${first}`);
}

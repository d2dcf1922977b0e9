import sql, { empty, join } from 'sql-template-tag';
import type { Scope } from '../../platform/access/scope';
import { contains, listOf, textListOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';
import { foldText, keyOf } from '../../platform/values/text';
import { narrow, unitInScope } from '../scope';
import type { UnitEntity } from '../units/unit.entity';
import type { CaregiverEntity } from './caregiver.entity';

/** Which caregivers to list; what is undefined does not narrow, an empty list matches nobody. */
export interface CaregiverQuery {
  scope: Scope;
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
  const { caregiverIds: ids, unitIds } = narrow(query.scope, {
    caregiverIds: query.ids,
    unitIds: query.unitIds,
  });
  const conditions = [
    sql`true`,
    ...(ids ? [sql`id in ${listOf(ids)}`] : []),
    ...(query.externalIds ? [sql`external_id_key in ${textListOf(query.externalIds.map(keyOf))}`] : []),
    ...(unitIds ? [sql`unit_id in ${listOf(unitIds)}`] : []),
    ...(query.nameContains ? [contains(sql`name_folded`, foldText(query.nameContains))] : []),
    ...(after ? [sql`(name_folded, id) > (${after.nameFolded}, ${after.id})`] : []),
  ];
  return snapshot.all(sql`
    select id, external_id as "externalId", external_id_key as "externalIdKey", name, name_folded as "nameFolded",
      unit_id as "unitId"
    from caregiver
    where ${join(conditions, ' and ')}
    order by name_folded, id
    limit ${first}`);
}

/** The caregiver with this id, if they are in scope. */
export async function findCaregiver(
  snapshot: Snapshot,
  id: number,
  scope: Scope,
): Promise<CaregiverEntity | undefined> {
  return (await listCaregivers(snapshot, { ids: [id], scope }, 1, undefined))[0];
}

/** Which units to list; what is undefined does not narrow. */
export interface UnitQuery {
  scope: Scope;
  id?: number | undefined;
}

/** A page of units in the order of their names. */
export function listUnits(
  snapshot: Snapshot,
  { scope, id }: UnitQuery,
  first: number,
  after: { name: string; id: number } | undefined,
): Promise<UnitEntity[]> {
  return snapshot.all(sql`
    select id, external_id as "externalId", external_id_key as "externalIdKey", name
    from unit
    where (name, id) > (${after?.name ?? ''}, ${after?.id ?? 0})
      ${id === undefined ? empty : sql`and id = ${id}`} and ${unitInScope(scope, sql`id`)}
    order by name, id
    limit ${first}`);
}

/** The unit with this id, if it is in scope. */
export async function findUnit(
  snapshot: Snapshot,
  id: number,
  scope: Scope,
): Promise<UnitEntity | undefined> {
  return (await listUnits(snapshot, { id, scope }, 1, undefined))[0];
}

import sql, { raw } from 'sql-template-tag';
import { type EntityTarget, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';
import { listOf } from './dialect';
import type { Snapshot, Transaction } from './transaction';

/** The rows of an entity's table with these ids, as the entity has them, in one statement. */
export function findByIds<Row extends ObjectLiteral & { id: number }>(
  snapshot: Snapshot,
  entity: EntityTarget<Row>,
  ids: readonly number[],
): Promise<Row[]> {
  const columns = getMetadataArgsStorage()
    .filterColumns(entity as never)
    .map(({ propertyName, options }) => `${options.name ?? propertyName} as "${propertyName}"`);
  return snapshot.all(
    sql`select ${raw(columns.join(', '))} from ${raw(tableOf(entity))} where id in ${listOf(ids)}`,
  );
}

/** The row of an entity's table with this id, to be changed: nobody else changes it before the transaction ends. */
export async function findToChange<Row extends ObjectLiteral & { id: number }>(
  tx: Transaction,
  entity: EntityTarget<Row>,
  id: number,
): Promise<Row | undefined> {
  const table = tableOf(entity);
  await tx.lockRows(table, sql`select 1 from ${raw(table)} where id = ${id}`);
  return findById(tx, entity, id);
}

/** The row of an entity's table with this id. */
export async function findById<Row extends ObjectLiteral & { id: number }>(
  snapshot: Snapshot,
  entity: EntityTarget<Row>,
  id: number,
): Promise<Row | undefined> {
  return (await findByIds(snapshot, entity, [id]))[0];
}

function tableOf(entity: EntityTarget<ObjectLiteral>): string {
  return getMetadataArgsStorage().filterTables(entity as never)[0]?.name as string;
}

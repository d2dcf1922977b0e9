import sql, { raw } from 'sql-template-tag';
import { type EntityTarget, getMetadataArgsStorage, type ObjectLiteral } from 'typeorm';
import { listOf } from './dialect';
import type { Snapshot } from './transaction';

/** The rows of an entity's table with these ids, as the entity has them, in one statement. */
export function findByIds<Row extends ObjectLiteral & { id: number }>(
  snapshot: Snapshot,
  entity: EntityTarget<Row>,
  ids: readonly number[],
): Promise<Row[]> {
  const storage = getMetadataArgsStorage();
  const table = storage.filterTables(entity as never)[0]?.name;
  const columns = storage
    .filterColumns(entity as never)
    .map(({ propertyName, options }) => `${options.name ?? propertyName} as "${propertyName}"`);
  return snapshot.all(
    sql`select ${raw(columns.join(', '))} from ${raw(table as string)} where id in ${listOf(ids)}`,
  );
}

/** The row of an entity's table with this id. */
export async function findById<Row extends ObjectLiteral & { id: number }>(
  snapshot: Snapshot,
  entity: EntityTarget<Row>,
  id: number,
): Promise<Row | undefined> {
  return (await findByIds(snapshot, entity, [id]))[0];
}

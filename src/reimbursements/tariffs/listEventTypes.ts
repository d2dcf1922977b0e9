import sql, { join } from 'sql-template-tag';
import { listOf } from '../../platform/storage/core/dialect';
import type { Snapshot } from '../../platform/storage/core/transaction';
import type { EventTypeEntity } from './eventType.entity';

/** Which event types to list; what is undefined does not narrow, an empty list matches none. */
export interface EventTypeQuery {
  ids?: readonly number[] | undefined;
  archived?: boolean | undefined;
}

/** A page of event types in the order of their names. */
export function listEventTypes(
  snapshot: Snapshot,
  query: EventTypeQuery,
  first: number,
  afterName: string | undefined,
): Promise<EventTypeEntity[]> {
  const conditions = [
    sql`name > ${afterName ?? ''}`,
    ...(query.ids ? [sql`id in ${listOf(query.ids)}`] : []),
    ...(query.archived === undefined ? [] : [sql`archived = ${Number(query.archived)}`]),
  ];
  return snapshot.all(sql`
    select id, external_id as "externalId", external_id_key as "externalIdKey", name, name_key as "nameKey",
      amount as "amountMinor", currency, archived, used
    from event_type
    where ${join(conditions, ' and ')}
    order by name
    limit ${first}`);
}

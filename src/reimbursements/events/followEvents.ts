import { followCaregivers, narrow } from '../../directory';
import type { Changes } from '../../platform/storage/core/changes';
import type { Database } from '../../platform/storage/core/database';
import type { EventQuery } from './listEvents';

/** Follows what may change a list of events: the events of its caregivers in its range, the caregivers, and what types are called. */
export function followEvents(database: Database, query: EventQuery): AsyncIterableIterator<Changes> {
  const { fromMs, toMs } = query.range;
  const from = fromMs ?? Number.NEGATIVE_INFINITY;
  const to = toMs ?? Number.POSITIVE_INFINITY;
  const isInRange = (occurredAtMs: unknown) =>
    occurredAtMs === undefined || (Number(occurredAtMs) >= from && Number(occurredAtMs) < to);
  return followCaregivers(
    database,
    narrow(query.scope, query),
    (changes, isAmong) =>
      changes.keysOf('event_type').length > 0 ||
      changes
        .keysOf('event')
        .some(([caregiverId, occurredAtMs]) => isAmong(caregiverId) && isInRange(occurredAtMs)),
  );
}

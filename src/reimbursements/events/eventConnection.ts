import { type PageArguments, readPage, toConnection } from '../../platform/graphql/connection';
import type { Calendar } from '../../platform/values/months';
import type { EventRecord } from './event.table';
import { type EventConnection, toEventView } from './event.types';
import type { EventCursor } from './listEvents';

/**
 * Reads the arguments of a list of events.
 * @throws AppError BAD_USER_INPUT naming `first` or `after`
 */
export function readEventPage(first: number | null, after: string | null): PageArguments<EventCursor> {
  const page = readPage(first, after, ['id', 'instant', 'uuid']);
  if (!page.after) return { first: page.first, after: undefined };
  const [caregiverId, occurredAtMs, id] = page.after;
  return { first: page.first, after: { caregiverId, occurredAtMs, id } };
}

/** Makes a page of events, in the order in which they are stored. */
export function toEventConnection(
  events: readonly EventRecord[],
  page: PageArguments<EventCursor>,
  calendar: Calendar,
): EventConnection {
  return toConnection(
    events,
    page,
    (event) => toEventView(event, calendar),
    (event) => [event.caregiverId, event.occurredAtMs, event.id],
  );
}

import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Client } from 'urql';
import { graphql, type ResultOf } from '../api/graphql';
import { useSignedIn } from '../session/session';
import { useStill } from '../ui/useStill';
import { keepIn, keptIn } from './kept';

const typesQuery = graphql(`
  query EventTypes($after: String) {
    eventTypes(filter: { archived: false }, first: 1000, after: $after) {
      nodes { id name amount currency }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const recentQuery = graphql(`
  query RecentEvents($filter: EventFilter!) {
    events(filter: $filter, first: 1000) { nodes { eventType { id } } }
  }
`);

export type EventType = ResultOf<typeof typesQuery>['eventTypes']['nodes'][number];

/** The event types that somebody chooses from. */
export interface EventTypes {
  /** Undefined until they are known. */
  eventTypes: EventType[] | undefined;
  hasFailed: boolean;
  retry(): void;
}

/** How often somebody had which event type of late, by its id. */
interface Usage {
  caregiverId: string;
  events: Record<string, number>;
}

const recentMs = 30 * 86_400_000;

/**
 * The event types that take new events, those first that the caregiver had most often in the last thirty days. What was
 * loaded last is kept, for when there is no connection. They stand in their order from the first moment on, and keep it until
 * that of somebody else is known: each is there to be pressed.
 */
export function useEventTypes(owner: string, caregiverId: string | undefined): EventTypes {
  const { client } = useSignedIn().api;
  const typesKey = `caretally:event-types:${encodeURIComponent(owner)}`;
  const usageKey = `caretally:usage:${encodeURIComponent(owner)}`;
  const [types, setTypes] = useState(() => keptIn<EventType[]>(localStorage, typesKey));
  const [usage, setUsage] = useState(() => keptIn<Usage>(localStorage, usageKey));
  const [hasFailed, setFailed] = useState(false);

  const load = useCallback(async () => {
    const loaded = await readEventTypes(client);
    setFailed(!loaded);
    if (!loaded) return;
    setTypes(loaded);
    keepIn(localStorage, typesKey, loaded);
  }, [client, typesKey]);
  useEffect(() => {
    load();
    window.addEventListener('online', load);
    return () => window.removeEventListener('online', load);
  }, [load]);

  useEffect(() => {
    if (caregiverId === undefined) return;
    let isWanted = true;
    readUsage(client, caregiverId).then((loaded) => {
      if (!isWanted) return;
      setUsage((known) => loaded ?? known ?? { caregiverId, events: {} });
      if (loaded) keepIn(localStorage, usageKey, loaded);
    });
    return () => {
      isWanted = false;
    };
  }, [client, caregiverId, usageKey]);

  const isRanked = caregiverId === undefined || usage !== undefined;
  const ranked = useMemo(
    () => (types && isRanked ? rank(types, usage?.events) : undefined),
    [types, usage, isRanked],
  );
  return { eventTypes: useStill(ranked), hasFailed, retry: load };
}

/** Most used first, the others by name as the service lists them. */
function rank(types: readonly EventType[], events: Record<string, number> = {}): EventType[] {
  const uses = ({ id }: EventType) => events[id] ?? 0;
  return [...types].sort((left, right) => uses(right) - uses(left));
}

async function readEventTypes(client: Client): Promise<EventType[] | undefined> {
  const types: EventType[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { data }: { data?: ResultOf<typeof typesQuery> } = await client
      .query(typesQuery, { after })
      .toPromise();
    if (!data) return undefined;
    types.push(...data.eventTypes.nodes);
    after = data.eventTypes.pageInfo.endCursor;
    more = data.eventTypes.pageInfo.hasNextPage;
  }
  return types;
}

async function readUsage(client: Client, caregiverId: string): Promise<Usage | undefined> {
  const from = new Date(Date.now() - recentMs).toISOString();
  const { data } = await client
    .query(recentQuery, { filter: { caregiverIds: [caregiverId], from } })
    .toPromise();
  if (!data) return undefined;
  const events: Record<string, number> = {};
  for (const { eventType } of data.events.nodes) events[eventType.id] = (events[eventType.id] ?? 0) + 1;
  return { caregiverId, events };
}

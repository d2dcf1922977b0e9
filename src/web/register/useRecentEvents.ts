import { useEffect, useState } from 'react';
import { readFromPrimary } from '../api/client';
import { graphql } from '../api/graphql';
import { useLiveQuery } from '../api/live';
import { useSignedIn } from '../session/session';
import type { RegisteredEvent } from './sendQueue';
import { recentDays } from './wallClock';

/** More than anybody does in three days. */
export const shownEventsMax = 1_000;

const eventsQuery = graphql(`
  query RecentEventsOf($filter: EventFilter!) {
    events(filter: $filter, first: 1000) {
      nodes { id occurredAt amount currency reimbursed deletedAt eventType { id name } caregiver { id name } }
    }
  }
`);

const eventsChanged = graphql(`
  subscription RecentEventsChanged($filter: EventFilter!) {
    eventsChanged(filter: $filter, first: 1000) {
      nodes { id occurredAt amount currency reimbursed deletedAt eventType { id name } caregiver { id name } }
    }
  }
`);

export interface RecentEvents {
  /** The days whose events they are, as `2026-03-29`, the latest first. */
  days: readonly string[];
  /** Undefined until they are known. */
  events: RegisteredEvent[] | undefined;
  /** Adds an event that has just been registered, which an answer on its way may not know yet. */
  add(event: RegisteredEvent): void;
  /** Takes away one that has just been deleted. */
  remove(event: RegisteredEvent): void;
}

/**
 * A caregiver's events of the last 48 hours, in whole days of the service's time zone: of today, yesterday and the day
 * before. They follow all changes.
 */
export function useRecentEvents(caregiverId: string | undefined): RecentEvents {
  const { timeZone } = useSignedIn().service;
  const { days, from, to } = recentDays(useNow(), timeZone);
  /** Registered here, and not in any list yet. Once an event was, the service says whether it is still there. */
  const [added, setAdded] = useState<RegisteredEvent[]>([]);
  /** Deleted here. */
  const [removed, setRemoved] = useState<RegisteredEvent[]>([]);

  const { data, isStale, askAgain } = useLiveQuery({
    query: eventsQuery,
    fromQuery: ({ events }) => events.nodes,
    context: readFromPrimary,
    subscription: eventsChanged,
    fromSubscription: (told) => told.eventsChanged.nodes,
    variables: { filter: { caregiverIds: caregiverId === undefined ? [] : [caregiverId], from, to } },
    isWanted: caregiverId !== undefined,
    isOn: true,
  });
  const listed = isStale ? undefined : data;
  useEffect(() => {
    if (listed) setAdded((added) => without(added, listed));
  }, [listed]);
  useEffect(() => {
    window.addEventListener('online', askAgain);
    return () => window.removeEventListener('online', askAgain);
  }, [askAgain]);

  const own = without(added, listed ?? []).filter(
    ({ caregiver, occurredAt }) => caregiver.id === caregiverId && occurredAt >= from && occurredAt < to,
  );
  return {
    days,
    events: listed || own.length > 0 ? without([...(listed ?? []), ...own], removed) : undefined,
    add(event) {
      if (event.deletedAt === null) setAdded((added) => [...added, ...without([event], listed ?? [])]);
    },
    remove: (event) => setRemoved((removed) => [...removed, event]),
  };
}

function without(events: readonly RegisteredEvent[], others: readonly RegisteredEvent[]): RegisteredEvent[] {
  return events.filter(({ id }) => !others.some((other) => other.id === id));
}

/** Now, to the half minute: a page that stays open goes over to the next day. */
function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}

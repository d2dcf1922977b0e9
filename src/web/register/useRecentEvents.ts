import { useEffect, useState } from 'react';
import { type Operation, useQuery, useSubscription } from 'urql';
import { readFromPrimary } from '../api/client';
import { graphql } from '../api/graphql';
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

interface Known {
  /** The caregiver and the first day that were asked for. */
  whose: string;
  listed: RegisteredEvent[];
  /** Registered here, and not in any list yet. Once an event was, the service says whether it is still there. */
  added: RegisteredEvent[];
  /** Deleted here. */
  removed: RegisteredEvent[];
}

/**
 * A caregiver's events of the last 48 hours, in whole days of the service's time zone: of today, yesterday and the day
 * before. They follow all changes.
 */
export function useRecentEvents(caregiverId: string | undefined): RecentEvents {
  const { timeZone } = useSignedIn().service;
  const { days, from, to } = recentDays(useNow(), timeZone);
  const whose = `${caregiverId} ${from}`;
  const [known, setKnown] = useState<Known>({ whose: '', listed: [], added: [], removed: [] });
  const takeOver = (answer: { of: Operation | undefined; events: RegisteredEvent[] } | undefined) => {
    const of = answer?.of?.variables?.filter as typeof filter | undefined;
    if (!answer || !of) return;
    setKnown(({ added, removed }) => ({
      whose: `${of.caregiverIds[0]} ${of.from}`,
      listed: answer.events,
      added: without(added, answer.events),
      removed,
    }));
  };

  const filter = { caregiverIds: caregiverId === undefined ? [] : [caregiverId], from, to };
  const wish = { variables: { filter }, pause: caregiverId === undefined };
  // Asked for as well, so that there is something to show where no WebSocket gets through.
  const [asked, ask] = useQuery({ query: eventsQuery, context: readFromPrimary, ...wish });
  const [told] = useSubscription({ query: eventsChanged, ...wish });
  const answer = asked.data && { of: asked.operation, events: asked.data.events.nodes };
  const news = told.data && { of: told.operation, events: told.data.eventsChanged.nodes };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every answer
  useEffect(() => takeOver(answer), [asked.data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for all that is told
  useEffect(() => takeOver(news), [told.data]);
  useEffect(() => {
    const askAgain = () => ask();
    window.addEventListener('online', askAgain);
    return () => window.removeEventListener('online', askAgain);
  }, [ask]);

  const listed = known.whose === whose ? known.listed : undefined;
  const own = without(known.added, listed ?? []).filter(
    ({ caregiver, occurredAt }) => caregiver.id === caregiverId && occurredAt >= from && occurredAt < to,
  );
  return {
    days,
    events: listed || own.length > 0 ? without([...(listed ?? []), ...own], known.removed) : undefined,
    add(event) {
      if (event.deletedAt !== null) return;
      setKnown((known) => ({ ...known, added: [...known.added, ...without([event], known.listed)] }));
    },
    remove: (event) => setKnown((known) => ({ ...known, removed: [...known.removed, event] })),
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

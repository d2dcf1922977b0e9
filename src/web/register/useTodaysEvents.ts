import { useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { readFromPrimary } from '../api/client';
import { graphql } from '../api/graphql';
import { useFollow } from '../api/live';
import { useSignedIn } from '../session/session';
import type { RegisteredEvent } from './sendQueue';
import { dayOf } from './wallClock';

/** More than anybody does in a day. */
export const shownEventsMax = 1_000;

const eventsQuery = graphql(`
  query TodaysEvents($filter: EventFilter!) {
    events(filter: $filter, first: 1000) {
      nodes { id occurredAt amount currency reimbursed deletedAt eventType { id name } caregiver { id name } }
    }
  }
`);

const eventsChanged = graphql(`
  subscription TodaysEventsChanged($filter: EventFilter!) {
    eventsChanged(filter: $filter, first: 1000) {
      nodes { id occurredAt amount currency reimbursed deletedAt eventType { id name } caregiver { id name } }
    }
  }
`);

export interface TodaysEvents {
  /** Undefined until they are known. */
  events: RegisteredEvent[] | undefined;
  /** Shows an event that has just been registered, where it is of today, before the service sends the list anew. */
  show(event: RegisteredEvent): void;
  /** Takes away one that has just been deleted. */
  hide(id: string): void;
}

/** A caregiver's events of today, in the service's time zone; they follow all changes. */
export function useTodaysEvents(caregiverId: string | undefined): TodaysEvents {
  const { timeZone } = useSignedIn().service;
  const { from, to } = dayOf(useNow(), timeZone);
  const whose = `${caregiverId} ${from}`;
  const [known, setKnown] = useState<{ whose: string; events: RegisteredEvent[] }>();
  const events = known?.whose === whose ? known.events : undefined;
  const setEvents = (nodes: RegisteredEvent[]) => setKnown({ whose, events: nodes });
  const change = (changed: (events: RegisteredEvent[]) => RegisteredEvent[]) =>
    setKnown((known) => known && { ...known, events: changed(known.events) });

  const filter = { caregiverIds: caregiverId === undefined ? [] : [caregiverId], from, to };
  const [{ data, operation }, ask] = useQuery({
    query: eventsQuery,
    variables: { filter },
    pause: caregiverId === undefined,
    context: readFromPrimary,
  });
  const asked = operation?.variables.filter as typeof filter | undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: an answer is taken over when it comes, once
  useEffect(() => {
    if (data && asked?.from === from && asked.caregiverIds?.[0] === caregiverId) setEvents(data.events.nodes);
  }, [data]);
  useFollow(
    eventsChanged,
    { filter },
    {
      isOn: caregiverId !== undefined,
      onData: ({ eventsChanged: { nodes } }) => {
        if (nodes.every(({ caregiver }) => caregiver.id === caregiverId)) setEvents(nodes);
      },
      onMissed: ask,
    },
  );
  useEffect(() => {
    const askAgain = () => ask();
    window.addEventListener('online', askAgain);
    return () => window.removeEventListener('online', askAgain);
  }, [ask]);

  return {
    events,
    show(event) {
      const isToday = event.occurredAt >= from && event.occurredAt < to;
      if (!isToday || event.caregiver.id !== caregiverId || event.deletedAt !== null) return;
      change((events) => [...events.filter(({ id }) => id !== event.id), event]);
    },
    hide: (id) => change((events) => events.filter((event) => event.id !== id)),
  };
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

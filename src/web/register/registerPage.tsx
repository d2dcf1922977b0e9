import { SimpleGrid, Stack } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import './register.css';
import { graphql } from '../api/graphql';
import { refusalOf } from '../api/refusal';
import { useFormat, useWords } from '../language/language';
import { useSignedIn } from '../session/session';
import { ownerOf } from '../session/token';
import { Confirm } from '../ui/confirm';
import { useStill } from '../ui/useStill';
import { emptyDraft, useDraft } from './draft';
import { EventForm } from './eventForm';
import { useEventTypes } from './eventTypes';
import { type News, NewsLine } from './news';
import type { QueuedEvent, Wish } from './queue';
import { QueuedCount, QueuedEvents } from './queuedEvents';
import { RecentList } from './recentList';
import type { RegisteredEvent } from './sendQueue';
import { useQueue } from './useQueue';
import { useRecentEvents } from './useRecentEvents';
import { momentOf } from './wallClock';
import { registerWords } from './words';

const deleteMutation = graphql(`
  mutation DeleteEvent($id: ID!) {
    deleteEvent(id: $id) { id }
  }
`);

/** Registers events as they happen, with or without a connection. */
export default function RegisterPage() {
  const owner = ownerOf(useSignedIn().token);
  useEffect(worksOffline, []);
  // Somebody else begins anew, with a draft and a queue of their own.
  return <Registering key={owner} owner={owner} />;
}

/** What somebody is asked about before it is done. */
type Asked = { undo: RegisteredEvent } | { discard: QueuedEvent };

function Registering({ owner }: { owner: string }) {
  const { api, viewer, service } = useSignedIn();
  const [draft, changeDraft] = useDraft(owner, viewer.caregiver ?? undefined);
  const [news, setNews] = useState<News>();
  const [asked, setAsked] = useState<Asked>();
  const types = useEventTypes(owner, draft.caregiver?.id);
  const recent = useRecentEvents(draft.caregiver?.id);
  const justAdded = useRef<string>(undefined);
  const { queue, queued, send } = useQueue(owner, ({ id }, fate) => {
    if (fate.is === 'registered') {
      recent.add(fate.event);
      setNews({ is: 'registered', event: fate.event });
    } else if (fate.is === 'refused') setNews(fate);
    // Said once, not after each time that it is tried in vain.
    else if (id === justAdded.current) setNews({ is: 'waiting' });
    justAdded.current = undefined;
  });

  // Each row has its buttons.
  const stillQueued = useStill(queued);
  const recentEvents = useStill(recent.events);

  /** Kept before anything else, so that nothing that happens to the page or the connection can lose it. */
  const register = (wish: Wish) => {
    setNews(undefined);
    try {
      justAdded.current = queue.add(wish).id;
    } catch {
      return setNews({ is: 'notKept' });
    }
    changeDraft(emptyDraft);
    send();
  };
  const correct = ({ id, caregiver, eventType, occurredAt, lateReason }: QueuedEvent) => {
    const moment = momentOf(Date.parse(occurredAt), service.timeZone);
    changeDraft({ ...emptyDraft, caregiver, eventType, ...moment, lateReason: lateReason ?? '' });
    queue.remove(id);
    setNews(undefined);
  };
  const discard = ({ id }: QueuedEvent) => {
    queue.remove(id);
    setNews(undefined);
  };
  const undo = async (event: RegisteredEvent) => {
    const { error } = await api.client.mutation(deleteMutation, { id: event.id }).toPromise();
    if (error) {
      const [said] = error.graphQLErrors;
      return setNews({ is: 'notDeleted', reason: said && refusalOf(said) });
    }
    recent.remove(event);
    setNews({ is: 'deleted', event });
  };

  // Below the form on a phone: it would move when the form is there.
  const isLoading = !types.eventTypes && !types.hasFailed;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <EventForm types={types} draft={draft} onChange={changeDraft} onRegister={register}>
        <NewsLine news={news} onUndo={undo} />
        <QueuedCount queued={queued} />
      </EventForm>
      <Stack {...(isLoading && { display: 'none' })}>
        <QueuedEvents
          queued={stillQueued}
          onDiscard={(event) => setAsked({ discard: event })}
          onCorrect={correct}
        />
        {draft.caregiver && (
          <RecentList
            days={recent.days}
            events={recentEvents}
            onUndo={(event) => setAsked({ undo: event })}
          />
        )}
      </Stack>
      {asked && (
        <Question
          asked={asked}
          onConfirm={() => {
            setAsked(undefined);
            if ('undo' in asked) undo(asked.undo);
            else discard(asked.discard);
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </SimpleGrid>
  );
}

interface QuestionProps {
  asked: Asked;
  onConfirm(): void;
  onClose(): void;
}

/** What was registered a moment ago is undone at once; what stands in a list may have been touched by mistake. */
function Question({ asked, onConfirm, onClose }: QuestionProps) {
  const words = useWords(registerWords);
  const format = useFormat();
  const { timeZone } = useSignedIn().service;
  const { eventType, occurredAt } = 'undo' in asked ? asked.undo : asked.discard;
  const about = [eventType.name, format.dateTime(occurredAt, timeZone)] as const;
  const texts =
    'undo' in asked
      ? { title: words.undoAsk, text: words.undoWhy(...about), action: words.undo }
      : { title: words.discardAsk, text: words.discardWhy(...about), action: words.discard };
  return <Confirm {...texts} onConfirm={onConfirm} onClose={onClose} />;
}

/** Lets the page be opened without a connection, in browsers that can: elsewhere what is queued waits in the open page. */
function worksOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register('/worker.js')
    // Looks for a new version at every visit; browsers by themselves do so when they find the time.
    .then((registration) => registration.update())
    .catch(() => undefined);
}

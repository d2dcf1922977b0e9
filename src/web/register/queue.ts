import { v7 as uuidV7 } from 'uuid';
import type { Refusal } from '../api/refusal';

/** An event as somebody wants it registered, with what they read about it. */
export interface Wish {
  caregiver: Named;
  eventType: Named;
  /** RFC 3339, in UTC. */
  occurredAt: string;
  lateReason: string | null;
}

export interface Named {
  id: string;
  name: string;
}

/** An event that the service has not yet taken. */
export interface QueuedEvent extends Wish {
  /** Chosen here: however often it is sent, it counts once. */
  id: string;
  /** How often it has been sent; until it is, nobody else knows of it. */
  attempts: number;
  /** Why the service does not take it as it is. It was not registered and is not sent again. */
  refusal: Refusal | undefined;
}

/** What one person has registered on this browser and the service has not yet taken; kept until it does. */
export interface Queue {
  /** Names it to all tabs. */
  readonly name: string;
  /** In the order in which they came. The same list until something changes. */
  list(): readonly QueuedEvent[];
  /** @throws DOMException where the browser keeps nothing, or has no room */
  add(wish: Wish): QueuedEvent;
  change(event: QueuedEvent): void;
  remove(id: string): void;
  /** Takes over what other tabs have changed and this one was not told of yet. */
  lookAgain(): void;
  /** Calls back after a change, also of another tab. */
  follow(listener: () => void): () => void;
}

/**
 * Opens somebody's queue. Each event has an entry of its own in localStorage, so that tabs never write over what another one
 * has added.
 * @param owner tells people apart; nobody sees or sends the events of somebody else
 */
export function openQueue(owner: string): Queue {
  const name = `caretally:queue:${encodeURIComponent(owner)}`;
  const prefix = `${name}:`;
  const listeners = new Set<() => void>();
  let known = read(prefix);

  const changed = () => {
    known = read(prefix);
    for (const listener of listeners) listener();
  };
  const write = (event: QueuedEvent) => {
    localStorage.setItem(prefix + event.id, JSON.stringify(event));
    changed();
  };
  const hear = ({ key }: StorageEvent) => {
    if (key === null || key.startsWith(prefix)) changed();
  };
  return {
    name,
    list: () => known,
    add(wish) {
      const event = { ...wish, id: uuidV7(), attempts: 0, refusal: undefined };
      write(event);
      return event;
    },
    lookAgain: changed,
    change: write,
    remove(id) {
      localStorage.removeItem(prefix + id);
      changed();
    },
    follow(listener) {
      if (listeners.size === 0) {
        window.addEventListener('storage', hear);
        known = read(prefix);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) window.removeEventListener('storage', hear);
      };
    },
  };
}

/** Ids are UUIDs of version 7, whose order is that of time. */
function read(prefix: string): readonly QueuedEvent[] {
  const keys = Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '');
  return keys
    .filter((key) => key.startsWith(prefix))
    .sort()
    .flatMap((key) => {
      const text = localStorage.getItem(key);
      return text === null ? [] : [fromText(text)];
    });
}

/** Earlier versions of this page kept the service's sentence alone. */
function fromText(text: string): QueuedEvent {
  const event: QueuedEvent & { refusal?: Refusal | string } = JSON.parse(text);
  const { refusal } = event;
  return typeof refusal === 'string'
    ? { ...event, refusal: { code: '', message: refusal, details: {} } }
    : event;
}

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useSignedIn } from '../session/session';
import { openQueue, type Queue, type QueuedEvent } from './queue';
import { createSender, type Fate } from './sendQueue';

/** When something may have become possible that was not before. */
const chances: [target: EventTarget, event: string][] = [
  [window, 'online'],
  [window, 'focus'],
  [window, 'pageshow'],
  [document, 'visibilitychange'],
];

/**
 * Somebody's queue, sent for as long as the page is open: at once, and whenever there is a new chance.
 * @param onFate told what has become of an event
 */
export function useQueue(
  owner: string,
  onFate: (queued: QueuedEvent, fate: Fate) => void,
): { queue: Queue; queued: readonly QueuedEvent[]; send(): void } {
  const { api } = useSignedIn();
  const [queue] = useState(() => openQueue(owner));
  const queued = useSyncExternalStore(queue.follow, queue.list);
  const latest = useRef(onFate);
  latest.current = onFate;

  const sender = useMemo(
    () => createSender(queue, api.client, (event, fate) => latest.current(event, fate)),
    [queue, api],
  );
  useEffect(() => {
    for (const [target, event] of chances) target.addEventListener(event, sender.send);
    sender.send();
    return () => {
      for (const [target, event] of chances) target.removeEventListener(event, sender.send);
      sender.stop();
    };
  }, [sender]);
  return { queue, queued, send: sender.send };
}

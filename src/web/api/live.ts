import type { AnyVariables, OperationContext, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useQuery, useSubscription } from 'urql';
import { useStill } from '../ui/useStill';
import { type Answer, keyOf, toAnswer } from './answer';

/** Whether a page follows changes; `LiveSwitch` is what people see of it. */
export interface Live {
  isOn: boolean;
  setOn(isOn: boolean): void;
  /** To be spread on what must not change under somebody's hands, such as a table: a click or a key in it pauses. */
  pauseOnTouch: { onClick(): void; onKeyDown(event: { key: string }): void };
}

/** Keys that only pass by, and those that become a click. */
const harmlessKeys = ['Tab', 'Shift', 'Enter', ' '];

/**
 * On from the start: a page follows changes until somebody pauses it, or touches its table.
 * @param isAway whether somebody looks at a later page, or has opened something: it pauses until they are back
 */
export function useLive(isAway = false): Live {
  const [isOn, setOn] = useState(true);
  /** As it was before the click that led away, which may have paused it as well. */
  const wasOn = useRef(isOn);
  const goesOn = useRef(false);
  useEffect(() => {
    if (isAway) {
      goesOn.current = wasOn.current;
      setOn(false);
    } else if (goesOn.current) {
      goesOn.current = false;
      setOn(true);
    }
  }, [isAway]);
  useEffect(() => {
    wasOn.current = isOn;
  }, [isOn]);

  const pause = useCallback(() => setOn(false), []);
  const onKeyDown = ({ key }: { key: string }) => {
    if (!harmlessKeys.includes(key)) pause();
  };
  return {
    isOn,
    setOn(isWanted) {
      goesOn.current = false;
      setOn(isWanted);
    },
    pauseOnTouch: { onClick: pause, onKeyDown },
  };
}

interface LiveQuery<Variables, Asked, Told, Shown> {
  query: TypedDocumentNode<Asked, Variables>;
  fromQuery(data: Asked): Shown;
  /** Tells the same as the query answers: at once, after every change, and again when a lost connection is back. */
  subscription: TypedDocumentNode<Told, Variables>;
  fromSubscription(data: Told): Shown;
  variables: Variables;
  /** Must not change. */
  context?: Partial<OperationContext>;
  /** Whether there is anything to ask for yet. */
  isWanted?: boolean;
  isOn: boolean;
}

/**
 * Asks a query, so that there is something to show also where no WebSocket gets through; and while it is on, follows
 * the subscription that tells the same. When it is turned off, what is shown stays as it is; and while somebody presses
 * anything.
 */
export function useLiveQuery<Variables extends AnyVariables, Asked, Told, Shown>(
  wish: LiveQuery<Variables, Asked, Told, Shown>,
): Answer<Shown> {
  const { query, subscription, variables, fromQuery, fromSubscription, isOn } = wish;
  const { context, isWanted = true } = wish;
  const [shown, setShown] = useState<{ key: string; isTold: boolean; data: Shown }>();
  const key = keyOf(variables);

  const asking = { query, variables, context, pause: !isWanted } as Parameters<
    typeof useQuery<Asked, Variables>
  >[0];
  const [asked, ask] = useQuery<Asked, Variables>(asking);
  const askedKey = keyOf(asked.operation?.variables);
  /** Whether it was asked again after the subscription had told something, which may have been lost since. */
  const isAskedSince = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every answer, whatever else has changed
  useEffect(() => {
    if (asked.data === undefined) return;
    const data = fromQuery(asked.data);
    const isNews = isAskedSince.current;
    // What the subscription has told is newer than the answer to what was asked before.
    setShown((last) =>
      isOn && last?.isTold && last.key === askedKey && !isNews
        ? last
        : { key: askedKey, isTold: false, data },
    );
  }, [asked.data]);

  const following = { query: subscription, variables, pause: !isOn || !isWanted };
  const [told] = useSubscription<Told, Told, Variables>(
    following as Parameters<typeof useSubscription<Told, Told, Variables>>[0],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for all that is told
  useEffect(() => {
    if (!isOn || told.data === undefined) return;
    isAskedSince.current = false;
    setShown({ key: keyOf(told.operation?.variables), isTold: true, data: fromSubscription(told.data) });
  }, [told.data]);

  const still = useStill({ shown, error: askedKey === key ? asked.error : undefined });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came during the press that turned it off is not shown after it
  useEffect(() => {
    if (!isOn) setShown(still.shown);
  }, [isOn]);

  return toAnswer(key, still.shown, still.error, () => {
    if (!isWanted) return;
    isAskedSince.current = true;
    ask({ requestPolicy: 'network-only' });
  });
}

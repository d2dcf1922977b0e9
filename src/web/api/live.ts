import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useState } from 'react';
import { type CombinedError, useQuery, useSubscription } from 'urql';
import { useStill } from '../ui/useStill';

/** Whether a page follows changes; `LiveSwitch` is what people see of it. */
export interface Live {
  isOn: boolean;
  setOn(isOn: boolean): void;
  /** To be spread on what must not change under somebody's hands, such as a table: a click or a key in it pauses. */
  pauseOnTouch: { onClick(): void; onKeyDown(event: { key: string }): void };
}

/** On from the start: a page follows changes until somebody pauses it, or touches its table. */
export function useLive(): Live {
  const [isOn, setOn] = useState(true);
  const pause = useCallback(() => setOn(false), []);
  const onKeyDown = ({ key }: { key: string }) => {
    // Passing by with Tab touches nothing.
    if (key !== 'Tab' && key !== 'Shift') pause();
  };
  return { isOn, setOn, pauseOnTouch: { onClick: pause, onKeyDown } };
}

interface LiveQuery<Variables, Asked, Told, Shown> {
  query: TypedDocumentNode<Asked, Variables>;
  fromQuery(data: Asked): Shown;
  /** Tells the same as the query answers: at once, after every change, and again when a lost connection is back. */
  subscription: TypedDocumentNode<Told, Variables>;
  fromSubscription(data: Told): Shown;
  variables: Variables;
  isOn: boolean;
}

interface LiveAnswer<Shown> {
  /** What came last; until something comes for other variables, it is still that of the ones before. */
  data: Shown | undefined;
  isStale: boolean;
  error: CombinedError | undefined;
  askAgain(): void;
}

/**
 * Asks a query, so that there is something to show also where no WebSocket gets through; and while it is on, follows
 * the subscription that tells the same. When it is turned off, what is shown stays as it is; and while somebody presses
 * anything.
 */
export function useLiveQuery<Variables extends AnyVariables, Asked, Told, Shown>(
  wish: LiveQuery<Variables, Asked, Told, Shown>,
): LiveAnswer<Shown> {
  const { query, subscription, variables, fromQuery, fromSubscription, isOn } = wish;
  const [shown, setShown] = useState<{ key: string; isTold: boolean; data: Shown }>();
  const key = JSON.stringify(variables);

  const asking = { query, variables } as Parameters<typeof useQuery<Asked, Variables>>[0];
  const [asked, ask] = useQuery<Asked, Variables>(asking);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for every answer, whatever else has changed
  useEffect(() => {
    if (asked.data === undefined) return;
    const data = fromQuery(asked.data);
    const of = JSON.stringify(asked.operation?.variables);
    // What the subscription has told is newer than what was asked for beside it.
    setShown((last) => (isOn && last?.isTold && last.key === of ? last : { key: of, isTold: false, data }));
  }, [asked.data]);

  const following = { query: subscription, variables, pause: !isOn };
  const [told] = useSubscription<Told, Told, Variables>(
    following as Parameters<typeof useSubscription<Told, Told, Variables>>[0],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for all that is told
  useEffect(() => {
    if (!isOn || told.data === undefined) return;
    setShown({
      key: JSON.stringify(told.operation?.variables),
      isTold: true,
      data: fromSubscription(told.data),
    });
  }, [told.data]);

  const still = useStill({ shown, error: asked.error });
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came during the press that turned it off is not shown after it
  useEffect(() => {
    if (!isOn) setShown(still.shown);
  }, [isOn]);

  return {
    data: still.shown?.data,
    isStale: still.shown?.key !== key,
    error: still.error,
    askAgain: () => ask({ requestPolicy: 'network-only' }),
  };
}

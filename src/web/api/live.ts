import type { TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSubscription } from 'urql';
import { useSignedIn } from '../session/session';

/** Whether a page follows changes; see `LiveSwitch` for what people see of it. */
export interface Live {
  isOn: boolean;
  setOn(isOn: boolean): void;
  /** To be spread on what must not change under somebody's hands, such as a table: touching it pauses. */
  pauseOnTouch: { onPointerDown(): void; onKeyDown(event: { key: string }): void };
}

/** On from the start; a page follows changes until somebody pauses it, or touches its table. */
export function useLive(): Live {
  const [isOn, setOn] = useState(true);
  const pause = useCallback(() => setOn(false), []);
  return {
    isOn,
    setOn,
    // Passing by with Tab touches nothing.
    pauseOnTouch: {
      onPointerDown: pause,
      onKeyDown: ({ key }) => key !== 'Tab' && key !== 'Shift' && pause(),
    },
  };
}

interface Following<Data> {
  isOn: boolean;
  onData(data: Data): void;
  /** Asks for the state anew: called when the connection comes back, and when somebody goes on after a pause. */
  onMissed(): void;
}

/** Follows a subscription while it is on. What comes is handed on at once; what may have been missed is asked for. */
export function useFollow<Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { isOn, onData, onMissed }: Following<Data>,
): void {
  const { api } = useSignedIn();
  const latest = useRef({ onData, onMissed });
  latest.current = { onData, onMissed };

  const [{ data }] = useSubscription({ query, variables, pause: !isOn } as Parameters<
    typeof useSubscription<Data, Data, Variables>
  >[0]);
  useEffect(() => {
    if (data !== undefined) latest.current.onData(data);
  }, [data]);
  useEffect(() => (isOn ? api.onReconnected(() => latest.current.onMissed()) : undefined), [api, isOn]);

  const wasOn = useRef(isOn);
  useEffect(() => {
    if (isOn && !wasOn.current) latest.current.onMissed();
    wasOn.current = isOn;
  }, [isOn]);
}

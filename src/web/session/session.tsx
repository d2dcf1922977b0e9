import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { Provider as ClientProvider } from 'urql';
import { type Api, createApi } from '../api/client';
import { findSignedIn, type SignedOut } from './findSignedIn';
import {
  answerToStay,
  forgetPerson,
  forgetTabToken,
  forgetToken,
  isAskedToStay,
  keepToken,
  keptOnDevice,
  keptToken,
  takeTokenFromAddress,
} from './keptTokens';
import { isSamePerson, type SignedIn, type Viewer } from './token';
import { useOtherTabs } from './useOtherTabs';

/** Somebody who has signed in, and what they work with. */
export interface SignedInState extends SignedIn {
  /** For downloads; everything else goes through `api`, or urql's hooks. */
  token: string;
  api: Api;
}

/** Why nobody is signed in: in the service's words, or for one of the reasons that the pages know by themselves. */
export type Reason = NonNullable<SignedOut['reason']> | 'nobody' | 'signedOut' | 'expired';

interface SessionState {
  isChecking: boolean;
  /** Stays when the token has ended, so that a page with what was typed into it stays as well. */
  signedIn: SignedInState | undefined;
  /** Set where somebody must sign in (again). */
  reason: Reason | undefined;
  /** Who else has chosen to stay signed in on this device: this tab is somebody's who has come by a link. */
  kept: Viewer | undefined;
  /** Whether to ask if whoever has come by a link stays on this device. */
  isAsked: boolean;
  answer(stays: boolean): void;
  /** Goes on as the one who stays signed in on this device. */
  goBackToKept(): void;
  signIn(token: string, where: 'tab' | 'device'): void;
  signOut(): void;
}

const SessionContext = createContext<SessionState | undefined>(undefined);

/** Knows who has signed in, with the token that this browser keeps; the playground shares it. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [isChecking, setChecking] = useState(true);
  const [found, setFound] = useState<SignedIn & { token: string }>();
  const [reason, setReason] = useState<Reason>();
  const [isAsked, setAsked] = useState(false);

  const check = useCallback(async () => {
    const answer = await findSignedIn();
    if ('viewer' in answer) {
      setFound(answer);
      setAsked(isAskedToStay(answer.token));
    }
    setReason('viewer' in answer ? undefined : (answer.reason ?? 'nobody'));
    setChecking(false);
  }, []);
  const leave = useCallback((token: string) => {
    forgetPerson(token);
    setFound(undefined);
    setReason('signedOut');
  }, []);

  const tellSignedOut = useOtherTabs(found?.token, check, leave);
  useEffect(() => {
    const followLink = () => {
      if (takeTokenFromAddress()) check();
    };
    // A link that is opened where the page is open already changes nothing but the part behind the #.
    window.addEventListener('hashchange', followLink);
    return () => window.removeEventListener('hashchange', followLink);
  }, [check]);

  const api = useMemo(
    () =>
      found &&
      createApi(found.token, () => {
        forgetToken(found.token);
        // Whoever has signed in again in another tab need not do so here.
        const other = keptToken();
        if (other !== undefined && isSamePerson(other, found.token)) check();
        else setReason('expired');
      }),
    [found, check],
  );
  useEffect(() => api?.close, [api]);

  const state = useMemo((): SessionState => {
    const kept = keptOnDevice();
    return {
      isChecking,
      signedIn: found && api && { ...found, api },
      reason,
      kept: kept && kept.token !== found?.token ? kept.viewer : undefined,
      isAsked,
      answer(stays) {
        if (found) answerToStay(found.token, stays);
        setAsked(false);
      },
      goBackToKept() {
        forgetTabToken();
        check();
      },
      signIn(token, where) {
        keepToken(token, where);
        check();
      },
      signOut() {
        if (!found) return;
        leave(found.token);
        tellSignedOut(found.token);
      },
    };
  }, [isChecking, found, api, reason, isAsked, check, leave, tellSignedOut]);
  const shown = api ? <ClientProvider value={api.client}>{children}</ClientProvider> : children;
  return <SessionContext.Provider value={state}>{shown}</SessionContext.Provider>;
}

export function useSession(): SessionState {
  const state = useContext(SessionContext);
  if (!state) throw new Error('useSession needs a SessionProvider above it');
  return state;
}

/** For pages, which are shown to nobody who has not signed in. */
export function useSignedIn(): SignedInState {
  const { signedIn } = useSession();
  if (!signedIn) throw new Error('nobody has signed in');
  return signedIn;
}

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { Provider as ClientProvider } from 'urql';
import { type Api, createApi } from '../api/client';
import {
  forgetToken,
  keepToken,
  keptToken,
  readSignedIn,
  type Service,
  takeTokenFromAddress,
  type Viewer,
} from './token';

/** Somebody who has signed in, and what they work with. */
export interface SignedInState {
  viewer: Viewer;
  service: Service;
  /** For downloads; everything else goes through `api`, or urql's hooks. */
  token: string;
  api: Api;
}

/** Why nobody is signed in: in the service's words, or for one of the reasons that the pages know by themselves. */
export type Reason = { said: string } | 'nobody' | 'signedOut' | 'expired';

interface SessionState {
  isChecking: boolean;
  /** Stays when the token has ended, so that a page with what was typed into it stays as well. */
  signedIn: SignedInState | undefined;
  /** Set where somebody must sign in (again). */
  reason: Reason | undefined;
  signIn(token: string, where: 'tab' | 'device'): void;
  signOut(): void;
}

const SessionContext = createContext<SessionState | undefined>(undefined);

/** Knows who has signed in, with the token that this browser keeps; the playground shares it. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [isChecking, setChecking] = useState(true);
  const [found, setFound] = useState<Pick<SignedInState, 'viewer' | 'service' | 'token'>>();
  const [reason, setReason] = useState<Reason>();

  const check = useCallback(async () => {
    const token = keptToken();
    const answer = token === undefined ? undefined : await readSignedIn(token);
    if (token !== undefined && answer && 'viewer' in answer) {
      setFound({ token, ...answer });
      setReason(undefined);
    } else {
      setReason(
        answer && 'reason' in answer && answer.reason !== undefined ? { said: answer.reason } : 'nobody',
      );
    }
    setChecking(false);
  }, []);

  useEffect(() => {
    const followLink = () => {
      if (takeTokenFromAddress()) check();
    };
    check();
    // A link that is opened where the page is open already changes nothing but the part behind the #.
    window.addEventListener('hashchange', followLink);
    return () => window.removeEventListener('hashchange', followLink);
  }, [check]);

  const api = useMemo(
    () =>
      found &&
      createApi(found.token, () => {
        forgetToken();
        setReason('expired');
      }),
    [found],
  );
  useEffect(() => api?.close, [api]);

  const state = useMemo(
    (): SessionState => ({
      isChecking,
      signedIn: found && api && { ...found, api },
      reason,
      signIn(token, where) {
        keepToken(token, where);
        check();
      },
      signOut() {
        forgetToken();
        setFound(undefined);
        setReason('signedOut');
      },
    }),
    [isChecking, found, api, reason, check],
  );
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

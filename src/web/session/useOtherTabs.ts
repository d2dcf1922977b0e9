import { useCallback, useEffect, useRef } from 'react';
import { keepToken, keptToken, tabToken } from './keptTokens';
import { joinOtherTabs, type OtherTabs } from './otherTabs';
import { isSamePerson } from './token';

/** How long a tab without a sign-in waits for another one before it asks people. A later answer still signs in. */
const answerWithinMs = 300;

/**
 * Finds out who is there, from this tab and, where it knows nobody, from the others; and follows when they sign out.
 * @param token what this tab has signed in with
 * @returns tells the others that its person has signed out
 */
export function useOtherTabs(
  token: string | undefined,
  check: () => void,
  leave: (token: string) => void,
): (token: string) => void {
  const others = useRef<OtherTabs>(undefined);
  const latest = useRef(token);
  latest.current = token;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const joined = joinOtherTabs({
      tokenToGive: tabToken,
      onToken(given) {
        clearTimeout(timer);
        if (keptToken() !== undefined) return;
        keepToken(given);
        check();
      },
      onSignedOut(ended) {
        if (latest.current !== undefined && isSamePerson(ended, latest.current)) leave(ended);
      },
    });
    others.current = joined;
    if (keptToken() === undefined) {
      joined.ask();
      timer = setTimeout(check, answerWithinMs);
    } else check();
    return () => {
      clearTimeout(timer);
      joined.leave();
    };
  }, [check, leave]);
  return useCallback((ended) => others.current?.tellSignedOut(ended), []);
}

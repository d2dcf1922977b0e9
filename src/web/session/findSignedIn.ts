import { type Refusal, refusalOf } from '../api/refusal';
import { forgetToken, keepSignedIn, keptSignedIn, keptToken } from './keptTokens';
import { fetchWith, isSamePerson, type SignedIn, viewerText } from './token';

/** Why nobody is signed in: what the service has said, or that it has not answered; undefined where nobody has tried. */
export interface SignedOut {
  reason: Refusal | 'noAnswer' | undefined;
}

/** Asks the service who has signed in with the token that this tab goes by. */
export async function findSignedIn(): Promise<(SignedIn & { token: string }) | SignedOut> {
  const token = keptToken();
  if (token === undefined) return { reason: undefined };
  const answer = await readSignedIn(token);
  if ('viewer' in answer) return { token, ...answer };
  // An old link takes nothing from those who stay signed in; they may well use it to come here.
  const kept = keptToken();
  return kept !== undefined && kept !== token && isSamePerson(kept, token) ? findSignedIn() : answer;
}

/**
 * A token that the service refuses is forgotten; one that it cannot check just now is not, and what it has said about it
 * before holds until then.
 */
async function readSignedIn(token: string): Promise<SignedIn | SignedOut> {
  try {
    const response = await fetchWith(token)('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: viewerText }),
    });
    const answer: { data?: SignedIn | null; errors?: Parameters<typeof refusalOf>[0][] } =
      await response.json();
    if (answer.data) {
      keepSignedIn(token, answer.data);
      return answer.data;
    }
    if (response.status === 401) forgetToken(token);
    const [error] = answer.errors ?? [];
    const signedOut = { reason: error ? refusalOf(error) : ('noAnswer' as const) };
    return response.status >= 500 ? (keptSignedIn(token) ?? signedOut) : signedOut;
  } catch {
    return keptSignedIn(token) ?? { reason: 'noAnswer' };
  }
}

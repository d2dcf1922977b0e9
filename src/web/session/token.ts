import { graphql, type ResultOf } from '../api/graphql';
import { fromBase64url } from './base64url';

const viewerText = `{
  viewer { name role tokenId expiresAt caregiver { id name } unit { id name } }
  service { version timeZone currency lateEntryLimitHours }
}`;
const viewerQuery = graphql(viewerText);

/** Who has signed in, and with what kind of service. */
export type SignedIn = ResultOf<typeof viewerQuery>;
export type Viewer = SignedIn['viewer'];
export type Role = Viewer['role'];
export type Service = SignedIn['service'];

const tokenKey = 'caretally:token';
/** Beside the token: what the service has said about it, for when there is no connection. */
const signedInKey = 'caretally:signed-in';

/** Takes a token out of the address, where a link has put it, so that it is neither seen nor copied with it. */
export function takeTokenFromAddress(): boolean {
  const token = tokenIn(location.hash);
  if (token === undefined) return false;
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(token);
  return true;
}

/** The token in a link that signs in, or a token by itself. */
export function tokenIn(text: string): string | undefined {
  return /(?:#token=|^\s*)([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text)?.[1];
}

/** Keeps a token until the tab is closed, and for this tab alone; or on this device, for all tabs, until it ends. */
export function keepToken(token: string, where: 'tab' | 'device' = 'tab'): void {
  forgetToken();
  (where === 'tab' ? sessionStorage : localStorage).setItem(tokenKey, token);
}

export function keptToken(): string | undefined {
  return sessionStorage.getItem(tokenKey) ?? localStorage.getItem(tokenKey) ?? undefined;
}

export function forgetToken(): void {
  for (const storage of [sessionStorage, localStorage]) {
    storage.removeItem(tokenKey);
    storage.removeItem(signedInKey);
  }
}

function keepSignedIn(token: string, signedIn: SignedIn): void {
  for (const storage of [sessionStorage, localStorage]) {
    if (storage.getItem(tokenKey) === token) storage.setItem(signedInKey, JSON.stringify(signedIn));
  }
}

function keptSignedIn(token: string): SignedIn | undefined {
  for (const storage of [sessionStorage, localStorage]) {
    const kept = storage.getItem(tokenKey) === token ? storage.getItem(signedInKey) : null;
    if (kept !== null) return JSON.parse(kept);
  }
  return undefined;
}

/**
 * Tells people apart who sign in on the same browser, also while the service cannot be asked; stays the same from token to
 * token. Not a secret, and no proof of anything: the service checks tokens, this only reads them.
 */
export function ownerOf(token: string): string {
  const { iss, sub, role, name } = JSON.parse(fromBase64url(token.split('.')[1] ?? ''));
  // A caregiver's subject is one person. With other roles, the service's own tokens of several people share one.
  return JSON.stringify(role === 'CAREGIVER' ? [iss, sub] : [iss, sub, name]);
}

/** Fetches with a token. */
export function fetchWith(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

/** Why nobody is signed in, in a sentence; undefined where nobody has tried. */
export interface SignedOut {
  reason: string | undefined;
}

/**
 * Asks the service who has signed in. A token that it refuses is forgotten; one that it cannot check just now is not, and
 * what the service has said about it before holds until then.
 */
export async function readSignedIn(token: string): Promise<SignedIn | SignedOut> {
  try {
    const response = await fetchWith(token)('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: viewerText }),
    });
    const answer: { data?: SignedIn | null; errors?: { message: string }[] } = await response.json();
    if (answer.data) {
      keepSignedIn(token, answer.data);
      return answer.data;
    }
    if (response.status >= 500)
      return keptSignedIn(token) ?? { reason: answer.errors?.[0]?.message ?? noAnswer };
    if (response.status === 401) forgetToken();
    return { reason: answer.errors?.[0]?.message ?? noAnswer };
  } catch {
    return keptSignedIn(token) ?? { reason: noAnswer };
  }
}

/** Said where there is no answer to quote. */
export const noAnswer = 'The service does not answer. Load this page again when it does.';

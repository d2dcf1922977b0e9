import { graphql, type ResultOf } from '../api/graphql';
import { fromBase64url } from './base64url';

/** Asks who has signed in, and with what kind of service. */
export const viewerText = `{
  viewer { name role tokenId expiresAt caregiver { id name } unit { id name } }
  service { version timeZone currency lateEntryLimitHours }
}`;
const viewerQuery = graphql(viewerText);

/** Who has signed in, and with what kind of service. */
export type SignedIn = ResultOf<typeof viewerQuery>;
export type Viewer = SignedIn['viewer'];
export type Role = Viewer['role'];
export type Service = SignedIn['service'];

/** The token in a link that signs in, or a token by itself. */
export function tokenIn(text: string): string | undefined {
  return /(?:#token=|^\s*)([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text)?.[1];
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

/** Whether two tokens are of the same person; of what is no token, nobody's. */
export function isSamePerson(one: string, other: string): boolean {
  try {
    return ownerOf(one) === ownerOf(other);
  } catch {
    return false;
  }
}

/** Fetches with a token. */
export function fetchWith(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

import { isSamePerson, type SignedIn, tokenIn } from './token';

/**
 * Where tokens are kept: this tab's own in sessionStorage, and one for all tabs of the device in localStorage. A tab goes by
 * its own first. Nothing but the wish of whoever is there puts one on the device, or takes one away from it.
 */

const tokenKey = 'caretally:token';
/** Beside a token: what the service has said about it, for when there is no connection. */
const signedInKey = 'caretally:signed-in';
/** The token of a link, until somebody has said whether to stay signed in with it. */
const linkKey = 'caretally:link';

/** Takes a token out of the address, where a link has put it, so that it is neither seen nor copied with it. */
export function takeTokenFromAddress(): boolean {
  const token = tokenIn(location.hash);
  if (token === undefined) return false;
  history.replaceState(null, '', location.pathname + location.search);
  forgetIn(sessionStorage);
  if (token === localStorage.getItem(tokenKey)) return true;
  sessionStorage.setItem(tokenKey, token);
  sessionStorage.setItem(linkKey, token);
  return true;
}

/** Keeps a token for this tab alone; or on this device, for all tabs, until it ends. */
export function keepToken(token: string, where: 'tab' | 'device' = 'tab'): void {
  forgetIn(sessionStorage);
  if (where === 'device') forgetIn(localStorage);
  (where === 'tab' ? sessionStorage : localStorage).setItem(tokenKey, token);
}

/** The token that this tab goes by. */
export function keptToken(): string | undefined {
  return tabToken() ?? localStorage.getItem(tokenKey) ?? undefined;
}

/** This tab's own token. */
export function tabToken(): string | undefined {
  return sessionStorage.getItem(tokenKey) ?? undefined;
}

/** Forgets one token, wherever it is kept, and no other. */
export function forgetToken(token: string): void {
  for (const storage of [sessionStorage, localStorage]) {
    if (storage.getItem(tokenKey) === token) forgetIn(storage);
  }
}

/** Forgets all tokens of whoever this one is of: they sign out. */
export function forgetPerson(token: string): void {
  for (const storage of [sessionStorage, localStorage]) {
    if (isSamePerson(storage.getItem(tokenKey) ?? '', token)) forgetIn(storage);
  }
}

/** Goes by the token of the device again. */
export function forgetTabToken(): void {
  forgetIn(sessionStorage);
}

/** Who has chosen to stay signed in on this device, and whose token has not ended. */
export function keptOnDevice(): (SignedIn & { token: string }) | undefined {
  const token = localStorage.getItem(tokenKey);
  const signedIn = token === null ? undefined : keptSignedIn(token);
  if (token === null || !signedIn || Date.parse(signedIn.viewer.expiresAt) <= Date.now()) return undefined;
  return { token, ...signedIn };
}

/** Keeps what the service has said about a token. A link renews the sign-in of whoever has chosen to stay before. */
export function keepSignedIn(token: string, signedIn: SignedIn): void {
  const kept = keptOnDevice();
  if (isAskedToStay(token) && kept && isSamePerson(kept.token, token)) {
    answerToStay(token, Date.parse(signedIn.viewer.expiresAt) > Date.parse(kept.viewer.expiresAt));
  }
  for (const storage of [sessionStorage, localStorage]) {
    if (storage.getItem(tokenKey) === token) storage.setItem(signedInKey, JSON.stringify(signedIn));
  }
}

/** What the service has said about a token before. */
export function keptSignedIn(token: string): SignedIn | undefined {
  for (const storage of [sessionStorage, localStorage]) {
    const kept = storage.getItem(tokenKey) === token ? storage.getItem(signedInKey) : null;
    if (kept !== null) return JSON.parse(kept);
  }
  return undefined;
}

/** Whether the token came by a link, and nobody has said yet whether to stay signed in with it. */
export function isAskedToStay(token: string): boolean {
  return sessionStorage.getItem(linkKey) === token;
}

/** Stays signed in on this device, or in this tab alone. */
export function answerToStay(token: string, stays: boolean): void {
  sessionStorage.removeItem(linkKey);
  const signedIn = keptSignedIn(token);
  if (!stays || tabToken() !== token) return;
  keepToken(token, 'device');
  if (signedIn) keepSignedIn(token, signedIn);
}

function forgetIn(storage: Storage): void {
  for (const key of [tokenKey, signedInKey, linkKey]) storage.removeItem(key);
}

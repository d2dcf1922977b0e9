/** Who has signed in. */
export interface Viewer {
  name: string;
  role: string;
}

/** Until the tab is closed, and for this tab alone. */
const tokenKey = 'caretally:token';

/** Takes a token out of the address, where a link has put it, so that it is neither seen nor copied with it. */
export function takeTokenFromAddress(): void {
  const token = tokenIn(location.hash);
  if (token === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  keepToken(token);
}

/** The token in a link that signs in, or a token by itself. */
export function tokenIn(text: string): string | undefined {
  return /(?:#token=|^\s*)([\w-]+\.[\w-]+\.[\w-]+)\s*$/.exec(text)?.[1];
}

export function keepToken(token: string): void {
  sessionStorage.setItem(tokenKey, token);
}

export function keptToken(): string | undefined {
  return sessionStorage.getItem(tokenKey) ?? undefined;
}

export function forgetToken(): void {
  sessionStorage.removeItem(tokenKey);
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

/** Asks the service who has signed in. A token that it refuses is forgotten; one that it cannot check just now is not. */
export async function readViewer(token: string): Promise<Viewer | SignedOut> {
  try {
    const response = await fetchWith(token)('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ viewer { name role } }' }),
    });
    const answer: { data?: { viewer: Viewer } | null; errors?: { message: string }[] } =
      await response.json();
    if (answer.data) return answer.data.viewer;
    if (response.status === 401) forgetToken();
    return { reason: answer.errors?.[0]?.message ?? noAnswer };
  } catch {
    return { reason: noAnswer };
  }
}

const noAnswer = 'The service does not answer. Load this page again when it does.';

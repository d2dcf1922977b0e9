import { fromBase64url, toBase64url } from '../session/base64url';

/** What a link shares: what one tab of the playground holds, but no headers, in which there may be a token. */
export interface SharedQuery {
  query: string;
  variables: string;
  /** Which of several operations is the chosen one. */
  operationName?: string | undefined;
}

/** What a link was found to share; or why it cannot be opened, in a sentence. */
export type Shared = SharedQuery | { problem: string };

const sharedKey = 'caretally:shared';
/** Browsers take more; chat programs and mail, by which links travel, cut them. Examples come to about 1,000. */
const maxSharedCharacters = 30_000;

const unreadable =
  'The link that you have followed shares no query that can be read. Perhaps it was cut: copy it again, whole.';

/** The link to a query. It lies behind the #, which browsers send to nobody. */
export function linkTo(shared: SharedQuery): { link: string } | { problem: string } {
  if (shared.query.trim() === '') return { problem: 'There is no query here that a link could share.' };
  const encoded = toBase64url(JSON.stringify(shared));
  if (encoded.length > maxSharedCharacters)
    return { problem: `The query and its variables are too long for a link: ${tooLong(encoded)}` };
  return { link: `${location.origin}${location.pathname}#share=${encoded}` };
}

/**
 * Takes what a link shares out of the address, so that loading the page again does not open it again. It is kept for this
 * tab until it is opened, since whoever follows a link may have to sign in first; what signs in may stand beside it.
 */
export function takeSharedFromAddress(): void {
  const [found, encoded] = /[#&]share=([^&]*)/.exec(location.hash) ?? [];
  if (found === undefined || encoded === undefined) return;
  const rest = location.hash.replace(found, '').replace(/^&/, '#');
  history.replaceState(null, '', location.pathname + location.search + rest);
  sessionStorage.setItem(sharedKey, JSON.stringify(read(encoded)));
}

/** What was taken and has not been opened yet. */
export function keptShared(): Shared | undefined {
  const kept = sessionStorage.getItem(sharedKey);
  return kept === null ? undefined : JSON.parse(kept);
}

export function forgetShared(): void {
  sessionStorage.removeItem(sharedKey);
}

function read(encoded: string): Shared {
  if (encoded.length > maxSharedCharacters)
    return { problem: `The link that you have followed is too long: ${tooLong(encoded)}` };
  try {
    const { query, variables, operationName }: Record<string, unknown> = JSON.parse(fromBase64url(encoded));
    if (typeof query !== 'string' || query.trim() === '' || typeof variables !== 'string')
      return { problem: unreadable };
    return { query, variables, operationName: typeof operationName === 'string' ? operationName : undefined };
  } catch {
    return { problem: unreadable };
  }
}

function tooLong({ length }: string): string {
  const [are, allowed] = [length, maxSharedCharacters].map((count) => count.toLocaleString('en'));
  return `${are} characters, where ${allowed} are allowed.`;
}

import type { IncomingMessage } from 'node:http';

/**
 * Whether a request comes from a page of somebody else. Browsers let every page open WebSockets anywhere, and say which
 * page it is; what is no browser says nothing.
 * @param allowed origins that may, as browsers write them: `https://care.example.com`
 */
export function isForeign({ headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || allowed.includes(origin)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host?.toLowerCase();
}

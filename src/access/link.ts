/** A link to a page that signs a browser in. What stands behind the # reaches no server and no log. */
export function signInLink(origin: string, token: string, page = '/playground'): string {
  return `${origin}${page}#token=${token}`;
}

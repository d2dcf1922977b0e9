/** A link to the playground that signs a browser in. What stands behind the # reaches no server and no log. */
export function signInLink(origin: string, token: string): string {
  return `${origin}/playground#token=${token}`;
}

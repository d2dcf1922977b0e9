import type { Role } from './principal';

/** The page on which each role does its work. The pages have the same list; a test compares the two. */
export const homePages = {
  CAREGIVER: '/register',
  MANAGER: '/report',
  ANALYST: '/report',
  ACCOUNTANT: '/payouts',
  ADMIN: '/admin',
} as const satisfies Record<Role, string>;

/** A link to a page that signs a browser in. What stands behind the # reaches no server and no log. */
export function signInLink(origin: string, page: string, token: string): string {
  return `${origin}${page}#token=${token}`;
}

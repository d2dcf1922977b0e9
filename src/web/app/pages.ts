import type { Role } from '../session/token';

/**
 * The pages, in the order of the menu. A page that works with something alone that not every role may use names it, with
 * the roles that may; a test holds them equal to the service's own table. They decide what is offered, never what is
 * allowed: that the service sees to.
 */
export const pages = [
  {
    path: '/report',
    name: 'report',
    needs: 'Query.report',
    roles: ['CAREGIVER', 'MANAGER', 'ANALYST', 'ACCOUNTANT', 'ADMIN'],
  },
  {
    path: '/register',
    name: 'register',
    needs: 'Mutation.registerEvent',
    roles: ['CAREGIVER', 'MANAGER', 'ADMIN'],
  },
  { path: '/payouts', name: 'payouts', needs: 'Query.payouts', roles: ['ACCOUNTANT', 'ADMIN'] },
  { path: '/admin', name: 'admin', needs: 'Mutation.createCaregiver', roles: ['ADMIN'] },
  {
    path: '/api',
    name: 'api',
    needs: 'Query.viewer',
    roles: ['CAREGIVER', 'MANAGER', 'ANALYST', 'ACCOUNTANT', 'ADMIN'],
  },
  {
    path: '/playground',
    name: 'playground',
    needs: 'Query.viewer',
    roles: ['CAREGIVER', 'MANAGER', 'ANALYST', 'ACCOUNTANT', 'ADMIN'],
  },
] as const satisfies readonly { path: string; name: string; needs: string; roles: readonly string[] }[];

export type Page = (typeof pages)[number];

/** The page on which each role does its work: where a link leads that signs somebody in. */
export const homePages = {
  CAREGIVER: '/register',
  MANAGER: '/report',
  ANALYST: '/report',
  ACCOUNTANT: '/payouts',
  ADMIN: '/admin',
} as const satisfies Record<Role, Page['path']>;

/** The pages for a role. */
export function pagesFor(role: string): Page[] {
  return pages.filter(({ roles }) => (roles as readonly string[]).includes(role));
}

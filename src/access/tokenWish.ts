import { limits } from '../values/checks';
import type { Role } from './principal';

/** A token that holds for longer is forgotten before it ends. */
export const longestLifetimeMs = 366 * 86_400_000;

/** What a token calls somebody where nobody says: after the caregiver whom it is for, or the manager's unit. */
export function usualName(role: Role, of: string): string {
  const names: Partial<Record<Role, string>> = { CAREGIVER: of, MANAGER: `manager of ${of}` };
  // A character may be two units long, and half of one is none.
  return (names[role] ?? role.toLowerCase())
    .slice(0, limits.textCharacters)
    .replace(/\p{Cs}$/u, '')
    .trim();
}

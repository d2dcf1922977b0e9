import { limits } from '../values/checks';
import { firstCharacters } from '../values/text';
import type { Role } from './principal';

/** A token that holds for longer is forgotten before it ends. */
export const maxLifetimeMs = 366 * 86_400_000;

/** What a token calls somebody where nobody says: after the caregiver whom it is for, or the manager's unit. */
export function usualName(role: Role, of: string): string {
  const names: Partial<Record<Role, string>> = { CAREGIVER: of, MANAGER: `manager of ${of}` };
  const name = firstCharacters(names[role] ?? role.toLowerCase(), limits.textCharacters);
  // A joiner or a space that the cut has left at the end joins nothing.
  return name.replace(/[\s\p{Default_Ignorable_Code_Point}]+$/u, '');
}

import { AppError } from '../errors';
import { checkText, limits } from '../values/checks';
import { type Principal, type Role, roles } from './principal';
import { checkTokenId } from './tokenId';

/**
 * What a token says, beside the registered claims `jti`, `sub`, `name` and `exp`: `role`, and with it `caregiver` or `unit`,
 * an id as the service gave it, as a text or a number.
 */
export interface Claims {
  jti?: unknown;
  sub?: unknown;
  name?: unknown;
  exp?: unknown;
  role?: unknown;
  caregiver?: unknown;
  unit?: unknown;
}

/** The last instant that can be written as a date. */
const lastInstantMs = 8.64e15;

/**
 * Who a token says is calling; its signature and times have been checked.
 * @param ownId stands for the token's id where it has none
 * @throws AppError UNAUTHENTICATED naming the claim that is missing or makes no sense
 */
export function readClaims(claims: Claims, ownId: () => string): Principal {
  const role = roles.find((known) => known === claims.role);
  if (!role) throw badClaim('role', `one of ${roles.join(', ')}`);
  const expiresAtMs = typeof claims.exp === 'number' ? claims.exp * 1_000 : Number.NaN;
  if (!(expiresAtMs <= lastInstantMs)) throw badClaim('exp', 'a time in seconds since 1970');
  const subject = readText(claims.sub);
  if (subject === undefined)
    throw badClaim('sub', `a line of text of at most ${limits.textCharacters} characters`);
  return Object.freeze({
    role,
    tokenId: readText(claims.jti, checkTokenId) ?? ownId(),
    subject,
    name: readText(claims.name) ?? subject,
    caregiverId: readId(role, 'CAREGIVER', 'caregiver', claims.caregiver),
    unitId: readId(role, 'MANAGER', 'unit', claims.unit),
    expiresAtMs,
  });
}

/** The claim that one role cannot do without, and that means nothing with the others. */
function readId(role: Role, needs: Role, claim: 'caregiver' | 'unit', value: unknown): number | undefined {
  if (role !== needs) return undefined;
  const id = typeof value === 'string' && /^[1-9]\d{0,15}$/.test(value) ? Number(value) : value;
  if (typeof id === 'number' && Number.isSafeInteger(id) && id > 0) return id;
  throw badClaim(claim, `the ${claim}'s id, for its role is ${role}`);
}

/** One line that can be kept and shown, as the service keeps what people type. */
function readText(value: unknown, check: typeof checkTokenId = checkText): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return check(value, 'claim');
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function badClaim(claim: string, wanted: string): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    `The token is of no use here: its claim "${claim}" must be ${wanted}.`,
  );
}

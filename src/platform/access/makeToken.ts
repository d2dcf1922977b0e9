import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { Role } from './principal';

/** Issuer and audience of the tokens that the service makes for itself. */
export const ownIssuer = 'caretally';
export const ownAlgorithm = 'HS256';

export interface TokenWish {
  role: Role;
  /** For people to read. */
  name: string;
  /** For the role CAREGIVER. */
  caregiverId?: number | undefined;
  /** For the role MANAGER. */
  unitId?: number | undefined;
  lifetimeMs: number;
}

export interface MadeToken {
  token: string;
  /** By which it can be revoked. */
  id: string;
  expiresAtMs: number;
}

/** Makes a token, signed with the service's own secret. */
export async function makeToken(
  secret: Uint8Array,
  { role, name, caregiverId, unitId, lifetimeMs }: TokenWish,
  nowMs: number,
): Promise<MadeToken> {
  const id = randomUUID();
  const issuedAt = Math.floor(nowMs / 1_000);
  const expiresAt = Math.ceil((nowMs + lifetimeMs) / 1_000);
  const token = await new SignJWT({
    role,
    name,
    ...(caregiverId !== undefined && { caregiver: String(caregiverId) }),
    ...(unitId !== undefined && { unit: String(unitId) }),
  })
    .setProtectedHeader({ alg: ownAlgorithm, typ: 'JWT' })
    .setIssuer(ownIssuer)
    .setAudience(ownIssuer)
    .setSubject(subjectOf(role, caregiverId ?? unitId))
    .setJti(id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(secret);
  return { token, id, expiresAtMs: expiresAt * 1_000 };
}

/** Nobody has an account here: somebody is their role, and whose it is. */
function subjectOf(role: Role, id: number | undefined): string {
  return id === undefined ? role.toLowerCase() : `${role.toLowerCase()}:${id}`;
}

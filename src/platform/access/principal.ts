export const roles = ['CAREGIVER', 'MANAGER', 'ANALYST', 'ACCOUNTANT', 'ADMIN'] as const;
export type Role = (typeof roles)[number];

/** Who is calling, as the token says. */
export interface Principal {
  /** ANONYMOUS has sent no token. */
  readonly role: Role | 'ANONYMOUS';
  /** The token's id, by which it can be revoked. */
  readonly tokenId: string;
  /** Who it is to whoever made the token: stays the same from token to token. */
  readonly subject: string;
  /** For people to read; written on what is deleted and paid. */
  readonly name: string;
  /** Of the role CAREGIVER: who they are. */
  readonly caregiverId: number | undefined;
  /** Of the role MANAGER: whose caregivers are theirs to see to. */
  readonly unitId: number | undefined;
  /** When the token ends: milliseconds since 1970, UTC. */
  readonly expiresAtMs: number;
}

/** Whoever sends no token. */
export const anonymous: Principal = Object.freeze({
  role: 'ANONYMOUS',
  tokenId: '',
  subject: '',
  name: 'anonymous',
  caregiverId: undefined,
  unitId: undefined,
  expiresAtMs: Number.POSITIVE_INFINITY,
});

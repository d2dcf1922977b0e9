import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars';
import type { Principal, Role } from './principal';
import type { RevokeToken } from './revokedTokens';

export const RoleEnum: { readonly [Name in Role]: Name } = {
  CAREGIVER: 'CAREGIVER',
  MANAGER: 'MANAGER',
  ANALYST: 'ANALYST',
  ACCOUNTANT: 'ACCOUNTANT',
  ADMIN: 'ADMIN',
};

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What somebody may do.',
  valuesConfig: {
    CAREGIVER: { description: 'Registers, sees and deletes their own events, and sees their own report.' },
    MANAGER: {
      description:
        'The same for the caregivers who belong to their unit now; may register late, with a reason.',
    },
    ANALYST: { description: 'Sees everything but payouts by themselves, and changes nothing.' },
    ACCOUNTANT: { description: 'Sees everything and pays.' },
    ADMIN: { description: 'May do everything.' },
  },
});

@ObjectType({ description: 'Who is asking, as the token says.' })
export class Viewer {
  @Field(() => RoleEnum, { description: 'What you may do.' })
  role: Role;

  @Field({ description: 'Your name; written on what you delete and pay.' })
  name: string;

  @Field(() => ID, { description: "The token's id, by which it can be revoked." })
  tokenId: string;

  @Field(() => DateTime, { description: 'When the token ends.' })
  expiresAt: number;

  /** Resolved to `caregiver` and `unit` by the resolver. */
  caregiverId: number | null;
  unitId: number | null;
}

@ObjectType({ description: 'A token that is not accepted any more.' })
export class RevokedToken {
  @Field(() => ID, { description: "The token's id." })
  id: string;

  @Field(() => DateTime, { description: 'When it was revoked.' })
  revokedAt: number;

  @Field({ description: 'Who revoked it.' })
  revokedBy: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it would have ended by itself; null where that is not known, and it is kept for good.',
  })
  expiresAt: number | null;
}

/** Of somebody who has signed in. */
export function toViewer(principal: Principal & { role: Role }): Viewer {
  const { role, name, tokenId, expiresAtMs, caregiverId = null, unitId = null } = principal;
  return { role, name, tokenId, expiresAt: expiresAtMs, caregiverId, unitId };
}

export function toRevokedToken(revoked: RevokeToken): RevokedToken {
  return {
    id: revoked.tokenId,
    revokedAt: revoked.revokedAtMs,
    revokedBy: revoked.revokedBy,
    expiresAt: revoked.expiresAtMs,
  };
}

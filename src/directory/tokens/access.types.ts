import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { MadeToken } from '../../platform/access/makeToken';
import type { Principal, Role } from '../../platform/access/principal';
import type { RevokeToken } from '../../platform/access/revokedTokens';
import { connectionOf } from '../../platform/graphql/connection';
import { DateTime } from '../../platform/graphql/scalars';

export const RoleEnum: { readonly [Name in Role]: Name } = {
  CAREGIVER: 'CAREGIVER',
  MANAGER: 'MANAGER',
  ANALYST: 'ANALYST',
  ACCOUNTANT: 'ACCOUNTANT',
  ADMIN: 'ADMIN',
};

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a person may do.',
  valuesConfig: {
    CAREGIVER: { description: 'Registers, sees and deletes their own events, and sees their own report.' },
    MANAGER: {
      description:
        'The same for the caregivers who belong to their unit now; may register late, with a reason.',
    },
    ANALYST: { description: 'Sees everything except the list of payouts, and changes nothing.' },
    ACCOUNTANT: { description: 'Sees everything and pays.' },
    ADMIN: { description: 'May do everything.' },
  },
});

@ObjectType({ description: 'Who is asking, as the token says.' })
export class Viewer {
  @Field(() => RoleEnum, { description: 'Your role.' })
  role: Role;

  @Field({ description: 'Your name, as it is recorded on what you delete and pay.' })
  name: string;

  @Field(() => ID, { description: "The token's id, by which it can be revoked." })
  tokenId: string;

  @Field(() => DateTime, { description: 'When the token ends.' })
  expiresAt: number;

  /** Resolved to `caregiver` and `unit` by the resolver. */
  caregiverId: number | null;
  unitId: number | null;
}

@ObjectType({ description: 'A token that is no longer accepted.' })
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

@ObjectType({ description: 'A page of a list of revoked tokens, as in Relay.' })
export class RevokedTokenConnection extends connectionOf('RevokedToken', RevokedToken) {}

@InputType({ description: 'A token to make, and whom it signs in.' })
export class CreateTokenInput {
  @Field(() => RoleEnum, { description: 'The role that it grants.' })
  role: Role;

  @Field(() => ID, {
    nullable: true,
    description: 'The caregiver that they are; only with the role CAREGIVER.',
  })
  caregiverId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: 'The unit that they manage; only with the role MANAGER.',
  })
  unitId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'What to call them where they delete or pay something, 1 to 200 characters (Unicode code points); else after the caregiver, the unit or the role.',
  })
  name?: string | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 8,
    description: 'How long the token is valid, in hours: 1 to 8784 (366 days).',
  })
  expiresInHours?: number | null;
}

@ObjectType({ description: 'A token that was made just now. It is shown this once and kept nowhere.' })
export class CreatedToken {
  @Field(() => ID, { description: "The token's id, by which it can be revoked." })
  id: string;

  @Field({ description: 'The token. Anyone who has it can sign in with it.' })
  token: string;

  @Field(() => RoleEnum, { description: 'The role that it grants.' })
  role: Role;

  @Field({ description: 'The name of the person whom it signs in.' })
  name: string;

  @Field(() => DateTime, { description: 'When it ends.' })
  expiresAt: number;
}

/** Of somebody who has signed in. */
export function toViewer(principal: Principal & { role: Role }): Viewer {
  const { role, name, tokenId, expiresAtMs, caregiverId = null, unitId = null } = principal;
  return { role, name, tokenId, expiresAt: expiresAtMs, caregiverId, unitId };
}

export function toCreatedToken(role: Role, made: MadeToken & { name: string }): CreatedToken {
  const { id, token, name, expiresAtMs } = made;
  return { id, token, role, name, expiresAt: expiresAtMs };
}

export function toRevokedToken(revoked: RevokeToken): RevokedToken {
  return {
    id: revoked.tokenId,
    revokedAt: revoked.revokedAtMs,
    revokedBy: revoked.revokedBy,
    expiresAt: revoked.expiresAtMs,
  };
}

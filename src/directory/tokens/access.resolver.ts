import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { listRevokedTokens } from '../../platform/access/revokedTokens';
import { notSignedIn } from '../../platform/access/roles';
import { everybody } from '../../platform/access/scope';
import { actOf } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { PageArgs, readPage, toConnection } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import { DateTime } from '../../platform/graphql/scalars';
import { checkInstant } from '../../platform/values/checks';
import type { ParsedDateTime } from '../../platform/values/dateTime';
import { Caregiver, toCaregiver, toUnit, Unit } from '../caregivers/caregiver.types';
import { findCaregiver, findUnit } from '../caregivers/listCaregivers';
import {
  CreatedToken,
  CreateTokenInput,
  RevokedToken,
  RevokedTokenConnection,
  toCreatedToken,
  toRevokedToken,
  toViewer,
  Viewer,
} from './access.types';
import { createToken } from './createToken';

@Resolver(() => Viewer)
export class AccessResolver {
  @Query(() => Viewer, { description: 'Who you are, as your token says.' })
  viewer(@Ctx() { principal }: Context): Viewer {
    const { role } = principal;
    if (role === 'ANONYMOUS') throw notSignedIn();
    return toViewer({ ...principal, role });
  }

  @FieldResolver(() => Caregiver, {
    nullable: true,
    description: 'The caregiver that you are, with the role CAREGIVER.',
  })
  async caregiver(@Root() { caregiverId }: Viewer, @Ctx() { service }: Context): Promise<Caregiver | null> {
    if (caregiverId === null) return null;
    const found = await service.database.read((snapshot) => findCaregiver(snapshot, caregiverId, everybody));
    return found ? toCaregiver(found) : null;
  }

  @FieldResolver(() => Unit, {
    nullable: true,
    description: 'The unit that you manage, with the role MANAGER.',
  })
  async unit(@Root() { unitId }: Viewer, @Ctx() { service }: Context): Promise<Unit | null> {
    if (unitId === null) return null;
    const found = await service.database.read((snapshot) => findUnit(snapshot, unitId, everybody));
    return found ? toUnit(found) : null;
  }

  @Query(() => RevokedTokenConnection, {
    description:
      'Tokens that were revoked, the last ones first. Those that ended by themselves more than a year ago may be left out.',
  })
  async revokedTokens(
    @Args() { first, after }: PageArgs,
    @Ctx() { service }: Context,
  ): Promise<RevokedTokenConnection> {
    const page = readPage(first, after, ['instant', 'text']);
    const cursor = page.after && { revokedAtMs: page.after[0], tokenId: page.after[1] };
    const found = await service.database.read((snapshot) =>
      listRevokedTokens(snapshot, page.first + 1, cursor),
    );
    return toConnection(found, page, toRevokedToken, (revoked) => [revoked.revokedAtMs, revoked.tokenId]);
  }

  @Mutation(() => CreatedToken, {
    description:
      'Makes a token that signs somebody in. It is answered this once: the service keeps it nowhere. ' +
      'Errors: UNKNOWN_CAREGIVER, UNKNOWN_UNIT; TOKENS_MADE_ELSEWHERE where an identity provider makes the tokens.',
  })
  async createToken(
    @Arg('input', () => CreateTokenInput, { description: 'The token.' }) input: CreateTokenInput,
    @Ctx() context: Context,
  ): Promise<CreatedToken> {
    const made = await createToken(context.service.database, context.access, {
      act: actOf(context),
      role: input.role,
      caregiverId: input.caregiverId ?? null,
      unitId: input.unitId ?? null,
      name: input.name ?? null,
      expiresInHours: input.expiresInHours ?? 8,
    });
    return toCreatedToken(input.role, made);
  }

  @Mutation(() => RevokedToken, {
    description:
      'Revokes a token by its id: it is refused from now on, and by other instances of the service within seconds. ' +
      'Of two revocations of one token the later `expiresAt` counts, and the one without an `expiresAt` before any.',
  })
  async revokeToken(
    @Arg('id', () => ID, { description: "The token's id: `viewer.tokenId`, or the claim `jti`." }) id: string,
    @Arg('expiresAt', () => DateTime, {
      nullable: true,
      description:
        'When it ends by itself, so that it need not be remembered longer. Left out, it is kept for good.',
    })
    expiresAt: ParsedDateTime | null,
    @Ctx() context: Context,
  ): Promise<RevokedToken> {
    const { access, principal } = context;
    const wish = { tokenId: id, revokedBy: principal.name, expiresAtMs: readExpiry(expiresAt) };
    return toRevokedToken(await access.revoke({ ...wish, act: actOf(context) }));
  }
}

function readExpiry(expiresAt: ParsedDateTime | null | undefined): number | null {
  if (expiresAt === null || expiresAt === undefined) return null;
  if ('problem' in expiresAt) {
    throw new AppError('BAD_USER_INPUT', `expiresAt ${expiresAt.problem}.`, 'expiresAt');
  }
  return checkInstant(expiresAt.instantMs, 'expiresAt');
}

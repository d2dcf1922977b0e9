import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { actOf } from '../../platform/audit/act';
import { PageArgs, readPage, toConnection } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import { writeOne } from '../../platform/storage/core/database';
import { checkIdList, checkIntegerId, checkReference, checkSearch } from '../../platform/values/checks';
import { access } from '../access';
import { directoryCommands } from '../commands';
import { unitLoader } from '../loaders';
import {
  Caregiver,
  CaregiverConnection,
  CaregiverFilter,
  CreateCaregiverInput,
  CreateUnitInput,
  toCaregiver,
  toUnit,
  Unit,
  UnitConnection,
  UpdateCaregiverInput,
} from './caregiver.types';
import { findCaregiver, findUnit, listCaregivers, listUnits } from './listCaregivers';

@Resolver(() => Caregiver)
export class CaregiverResolver {
  @Query(() => Caregiver, {
    nullable: true,
    description: 'One caregiver; null when there is none with this id.',
  })
  async caregiver(
    @Arg('id', () => ID, { description: "The caregiver's id." }) id: string,
    @Ctx() { service, principal }: Context,
  ): Promise<Caregiver | null> {
    const scope = access.scopeOf(principal, 'Query.caregiver');
    const checkedId = checkIntegerId(id, 'id');
    const found = await service.database.read((snapshot) => findCaregiver(snapshot, checkedId, scope));
    return found ? toCaregiver(found) : null;
  }

  @Query(() => CaregiverConnection, { description: 'Caregivers in the order of their names.' })
  async caregivers(
    @Arg('filter', () => CaregiverFilter, { nullable: true, description: 'Which ones; all when left out.' })
    filter: CaregiverFilter | null,
    @Args() { first, after }: PageArgs,
    @Ctx() { service, principal }: Context,
  ): Promise<CaregiverConnection> {
    const page = readPage(first, after, ['text', 'id']);
    const query = {
      scope: access.scopeOf(principal, 'Query.caregivers'),
      ids: checkIdList(filter?.ids, 'ids', checkIntegerId),
      externalIds: checkIdList(filter?.externalIds, 'externalIds', checkReference),
      unitIds: checkIdList(filter?.unitIds, 'unitIds', checkIntegerId),
      nameContains: checkSearch(filter?.nameContains ?? '', 'nameContains'),
    };
    const cursor = page.after && { nameFolded: page.after[0], id: page.after[1] };
    const found = await service.database.read((snapshot) =>
      listCaregivers(snapshot, query, page.first + 1, cursor),
    );
    return toConnection(found, page, toCaregiver, (caregiver) => [caregiver.nameFolded, caregiver.id]);
  }

  @FieldResolver(() => Unit, { nullable: true, description: 'The unit they belong to.' })
  async unit(@Root() caregiver: Caregiver, @Ctx() context: Context): Promise<Unit | null> {
    return caregiver.unitId === null ? null : toUnit(await unitLoader(context).load(caregiver.unitId));
  }

  @Mutation(() => Caregiver, { description: 'Creates a caregiver. Errors: UNKNOWN_UNIT, ALREADY_EXISTS.' })
  async createCaregiver(
    @Arg('input', () => CreateCaregiverInput, { description: 'The caregiver.' }) input: CreateCaregiverInput,
    @Ctx() context: Context,
  ): Promise<Caregiver> {
    const { database } = context.service;
    const { name, externalId = null, unitId = null } = input;
    const wish = { name, externalId, unitId, act: actOf(context) };
    return toCaregiver(await writeOne(database, directoryCommands.createCaregiver, wish));
  }

  @Mutation(() => Caregiver, {
    description: 'Changes a caregiver. Errors: UNKNOWN_CAREGIVER, UNKNOWN_UNIT, ALREADY_EXISTS.',
  })
  async updateCaregiver(
    @Arg('id', () => ID, { description: "The caregiver's id." }) id: string,
    @Arg('input', () => UpdateCaregiverInput, { description: 'What to change.' }) input: UpdateCaregiverInput,
    @Ctx() context: Context,
  ): Promise<Caregiver> {
    const { database } = context.service;
    // Null means nothing for a name, so it leaves the name as it is.
    const change = { id, name: input.name ?? undefined, externalId: input.externalId, unitId: input.unitId };
    return toCaregiver(
      await writeOne(database, directoryCommands.updateCaregiver, { ...change, act: actOf(context) }),
    );
  }
}

@Resolver(() => Unit)
export class UnitResolver {
  @Query(() => Unit, { nullable: true, description: 'One unit; null when there is none with this id.' })
  async unit(
    @Arg('id', () => ID, { description: "The unit's id." }) id: string,
    @Ctx() { service, principal }: Context,
  ): Promise<Unit | null> {
    const scope = access.scopeOf(principal, 'Query.unit');
    const checkedId = checkIntegerId(id, 'id');
    const found = await service.database.read((snapshot) => findUnit(snapshot, checkedId, scope));
    return found ? toUnit(found) : null;
  }

  @Query(() => UnitConnection, { description: 'Units in the order of their names.' })
  async units(
    @Args() { first, after }: PageArgs,
    @Ctx() { service, principal }: Context,
  ): Promise<UnitConnection> {
    const scope = access.scopeOf(principal, 'Query.units');
    const page = readPage(first, after, ['text', 'id']);
    const cursor = page.after && { name: page.after[0], id: page.after[1] };
    const found = await service.database.read((snapshot) =>
      listUnits(snapshot, { scope }, page.first + 1, cursor),
    );
    return toConnection(found, page, toUnit, (unit) => [unit.name, unit.id]);
  }

  @Mutation(() => Unit, { description: 'Creates a unit. Errors: ALREADY_EXISTS.' })
  async createUnit(
    @Arg('input', () => CreateUnitInput, { description: 'The unit.' }) input: CreateUnitInput,
    @Ctx() context: Context,
  ): Promise<Unit> {
    const { database } = context.service;
    const { name, externalId = null } = input;
    return toUnit(
      await writeOne(database, directoryCommands.createUnit, { name, externalId, act: actOf(context) }),
    );
  }
}

import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { actOf } from '../../platform/audit/act';
import { PageArgs, readPage, toConnection } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import { writeOne } from '../../platform/storage/core/database';
import { findById } from '../../platform/storage/core/findById';
import { checkIdList, checkIntegerId } from '../../platform/values/checks';
import { reimbursementCommands } from '../commands';
import { EventTypeEntity } from './eventType.entity';
import {
  CreateEventTypeInput,
  EventType,
  EventTypeConnection,
  EventTypeFilter,
  toEventType,
  UpdateEventTypeInput,
} from './eventType.types';
import { listEventTypes } from './listEventTypes';

@Resolver(() => EventType)
export class EventTypeResolver {
  @Query(() => EventType, {
    nullable: true,
    description: 'One event type; null when there is none with this id.',
  })
  async eventType(
    @Arg('id', () => ID, { description: "The event type's id." }) id: string,
    @Ctx() { service }: Context,
  ): Promise<EventType | null> {
    const checkedId = checkIntegerId(id, 'id');
    const found = await service.database.read((snapshot) => findById(snapshot, EventTypeEntity, checkedId));
    return found ? toEventType(found) : null;
  }

  @Query(() => EventTypeConnection, { description: 'Event types in the order of their names.' })
  async eventTypes(
    @Arg('filter', () => EventTypeFilter, { nullable: true, description: 'Which ones; all when left out.' })
    filter: EventTypeFilter | null,
    @Args() { first, after }: PageArgs,
    @Ctx() { service }: Context,
  ): Promise<EventTypeConnection> {
    const page = readPage(first, after, ['text']);
    const query = {
      ids: checkIdList(filter?.ids, 'ids', checkIntegerId),
      archived: filter?.archived ?? undefined,
    };
    const found = await service.database.read((snapshot) =>
      listEventTypes(snapshot, query, page.first + 1, page.after?.[0]),
    );
    return toConnection(found, page, toEventType, (eventType) => [eventType.name]);
  }

  @Mutation(() => EventType, { description: 'Creates an event type. Errors: ALREADY_EXISTS.' })
  async createEventType(
    @Arg('input', () => CreateEventTypeInput, { description: 'The event type.' }) input: CreateEventTypeInput,
    @Ctx() context: Context,
  ): Promise<EventType> {
    const { service } = context;
    const wish = {
      name: input.name,
      externalId: input.externalId ?? null,
      amountMinor: input.amount,
      currency: input.currency ?? service.config.currency,
      act: actOf(context),
    };
    return toEventType(
      await writeOne(service.database, reimbursementCommands(service).createEventType, wish),
    );
  }

  @Mutation(() => EventType, {
    description:
      'Changes an event type for events registered from now on. Errors: UNKNOWN_EVENT_TYPE, ALREADY_EXISTS.',
  })
  async updateEventType(
    @Arg('id', () => ID, { description: "The event type's id." }) id: string,
    @Arg('input', () => UpdateEventTypeInput, { description: 'What to change.' }) input: UpdateEventTypeInput,
    @Ctx() context: Context,
  ): Promise<EventType> {
    const { service } = context;
    // Null means nothing for what cannot be empty, so it leaves the field as it is.
    const change = {
      id,
      name: input.name ?? undefined,
      externalId: input.externalId,
      amountMinor: input.amount ?? undefined,
      archived: input.archived ?? undefined,
      act: actOf(context),
    };
    return toEventType(
      await writeOne(service.database, reimbursementCommands(service).updateEventType, change),
    );
  }

  @Mutation(() => EventType, {
    description:
      'Deletes an event type that has never been used. Errors: UNKNOWN_EVENT_TYPE, EVENT_TYPE_IN_USE.',
  })
  async deleteEventType(
    @Arg('id', () => ID, { description: "The event type's id." }) id: string,
    @Ctx() context: Context,
  ): Promise<EventType> {
    const { database } = context.service;
    return toEventType(
      await writeOne(database, reimbursementCommands(context.service).deleteEventType, {
        id,
        act: actOf(context),
      }),
    );
  }
}

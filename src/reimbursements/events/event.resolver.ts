import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Caregiver, caregiverLoader, toCaregiver } from '../../directory/graphql';
import type { Principal } from '../../platform/access/principal';
import { actOf } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { PageArgs } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import type { Subscribing } from '../../platform/graphql/subscribing';
import { failuresOf, writeOne } from '../../platform/storage/core/database';
import {
  checkIdList,
  checkIntegerId,
  checkOptionalText,
  checkUuid,
  limits,
} from '../../platform/values/checks';
import { readRange } from '../../platform/values/range';
import { access, type ScopedOperation } from '../access';
import { reimbursementCommands } from '../commands';
import { eventTypeLoader, payoutLoader } from '../loaders';
import { Payout, toPayout } from '../payouts/payout.types';
import { EventType, toEventType } from '../tariffs/eventType.types';
import { findEvent } from './event.table';
import {
  Event,
  EventConnection,
  EventFilter,
  RegisterEventInput,
  RegisterEventOutcome,
  RegisterEventPayload,
  toEventView,
  toOutcome,
} from './event.types';
import { readEventPage, toEventConnection } from './eventConnection';
import { followEvents } from './followEvents';
import { type EventQuery, listEvents } from './listEvents';
import type { RegisterEvent, Sender } from './registerEvents';

@Resolver(() => Event)
export class EventResolver {
  @Query(() => Event, {
    nullable: true,
    description: 'One event, deleted or not; null when there is none with this id.',
  })
  async event(
    @Arg('id', () => ID, { description: "The event's id." }) id: string,
    @Ctx() { service, principal }: Context,
  ): Promise<Event | null> {
    const scope = access.scopeOf(principal, 'Query.event');
    const uuid = checkUuid(id, 'id');
    const event = await service.database.read((snapshot) => findEvent(snapshot, uuid, scope));
    return event ? toEventView(event, service.calendar) : null;
  }

  @Query(() => EventConnection, { description: 'Events in the order of caregiver, time and id.' })
  async events(
    @Arg('filter', () => EventFilter, {
      nullable: true,
      description: 'Which ones; all that count when left out.',
    })
    filter: EventFilter | null,
    @Args() { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<EventConnection> {
    return readEvents(filter, first, after, 'Query.events', context);
  }

  @Subscription(() => EventConnection, {
    description:
      'A page of `events`, at once and again within a second after an event of its filter was registered, deleted or paid: ' +
      'the whole page each time, read from the primary, so that nothing is missed after the connection was lost. What ' +
      'changes in quick succession comes together, up to four times a second.',
    subscribe: ({ args, context }: Subscribing<EventPage>) => {
      readEventPage(args.first, args.after ?? null);
      const query = readQuery(args.filter, 'Subscription.eventsChanged', context);
      return followEvents(context.service.database, query);
    },
  })
  async eventsChanged(
    @Arg('filter', () => EventFilter, {
      nullable: true,
      description: 'Which ones; all that count when left out.',
    })
    filter: EventFilter | null,
    @Args() { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<EventConnection> {
    return readEvents(filter, first, after, 'Subscription.eventsChanged', context);
  }

  @FieldResolver(() => Caregiver, { description: 'Whose event it is.' })
  async caregiver(@Root() event: Event, @Ctx() context: Context): Promise<Caregiver> {
    return toCaregiver(await caregiverLoader(context).load(event.caregiverId));
  }

  @FieldResolver(() => EventType, { description: 'The type of the event, as it is now.' })
  async eventType(@Root() event: Event, @Ctx() context: Context): Promise<EventType> {
    return toEventType(await eventTypeLoader(context).load(event.eventTypeId));
  }

  @FieldResolver(() => Payout, {
    nullable: true,
    description: 'The payout that paid for it; null while it is unpaid.',
  })
  async payout(@Root() event: Event, @Ctx() context: Context): Promise<Payout | null> {
    return event.payoutId === null ? null : toPayout(await payoutLoader(context).load(event.payoutId));
  }

  @Mutation(() => RegisterEventPayload, {
    description:
      'Registers an event; it counts in every report that is asked for after the answer, with the header ' +
      '`Read-From: primary` where the service has replicas. Errors: UNKNOWN_CAREGIVER, UNKNOWN_EVENT_TYPE, ' +
      'EVENT_TYPE_ARCHIVED, EVENT_IN_FUTURE, LATE_ENTRY, EVENT_ID_CONFLICT, AMOUNT_TOO_LARGE.',
  })
  async registerEvent(
    @Arg('input', () => RegisterEventInput, { description: 'The event.' }) input: RegisterEventInput,
    @Ctx() { service, principal }: Context,
  ): Promise<RegisterEventPayload> {
    const sender = senderOf(principal, 'Mutation.registerEvent');
    const { event, replayed } = await writeOne(
      service.database,
      reimbursementCommands(service).registerEvents,
      toRegisterEvent(input, sender, service.now()),
    );
    return { event: toEventView(event, service.calendar), replayed };
  }

  @Mutation(() => [RegisterEventOutcome], {
    description:
      'Registers up to 10,000 events and answers what became of each, in the order of the inputs. ' +
      'A refused one does not hinder the others.',
  })
  async registerEvents(
    @Arg('inputs', () => [RegisterEventInput], { description: 'The events, at most 10,000.' })
    inputs: RegisterEventInput[],
    @Ctx() { service, principal, outcome: requestOutcome }: Context,
  ): Promise<RegisterEventOutcome[]> {
    const sender = senderOf(principal, 'Mutation.registerEvents');
    if (inputs.length > limits.batchInputs) {
      throw new AppError(
        'BAD_USER_INPUT',
        `inputs must hold at most ${limits.batchInputs} events.`,
        'inputs',
      );
    }
    const receivedAtMs = service.now();
    const outcomes = await service.database.write(
      reimbursementCommands(service).registerEvents,
      inputs.map((input) => toRegisterEvent(input, sender, receivedAtMs)),
    );
    requestOutcome.failures = failuresOf(outcomes);
    return outcomes.map((outcome, index) => toOutcome(outcome, index, service.calendar));
  }

  @Mutation(() => Event, {
    description:
      'Deletes an event that has not been paid; it stays on record with who deleted it, when and why. ' +
      'Errors: UNKNOWN_EVENT, EVENT_REIMBURSED.',
  })
  async deleteEvent(
    @Arg('id', () => ID, { description: "The event's id." }) id: string,
    @Arg('reason', () => String, {
      nullable: true,
      description: 'The reason, up to 500 characters (Unicode code points).',
    })
    reason: string | null,
    @Ctx() context: Context,
  ): Promise<Event> {
    const { service, principal } = context;
    const deleted = await writeOne(service.database, reimbursementCommands(service).deleteEvents, {
      id: checkUuid(id, 'id'),
      reason: checkOptionalText(reason, 'reason', limits.reasonCharacters),
      scope: access.scopeOf(principal, 'Mutation.deleteEvent'),
      deletedBy: principal.name,
      deletedAtMs: service.now(),
      act: actOf(context),
    });
    return toEventView(deleted, service.calendar);
  }
}

interface EventPage {
  filter?: EventFilter | null;
  first: number | null;
  after?: string | null;
}

async function readEvents(
  filter: EventFilter | null,
  first: number | null,
  after: string | null,
  operation: ScopedOperation,
  context: Context,
): Promise<EventConnection> {
  const { database, calendar } = context.service;
  const page = readEventPage(first, after);
  const query = readQuery(filter, operation, context);
  const found = await database.read((snapshot) => listEvents(snapshot, query, page.first + 1, page.after));
  return toEventConnection(found, page, calendar);
}

/** @throws AppError UNAUTHENTICATED, FORBIDDEN, BAD_USER_INPUT */
function readQuery(
  filter: EventFilter | null | undefined,
  operation: ScopedOperation,
  { service, principal }: Context,
): EventQuery {
  return {
    scope: access.scopeOf(principal, operation),
    caregiverIds: checkIdList(filter?.caregiverIds, 'caregiverIds', checkIntegerId),
    eventTypeIds: checkIdList(filter?.eventTypeIds, 'eventTypeIds', checkIntegerId),
    range: readRange(filter ?? {}, service.calendar),
    reimbursed: filter?.reimbursed,
    deleted: filter ? filter.deleted : false,
  };
}

function senderOf(
  principal: Principal,
  operation: 'Mutation.registerEvent' | 'Mutation.registerEvents',
): Sender {
  return {
    scope: access.scopeOf(principal, operation),
    mayBeLate: access.mayUse(principal, 'RegisterEventInput.lateReason'),
  };
}

function toRegisterEvent(input: RegisterEventInput, sender: Sender, receivedAtMs: number): RegisterEvent {
  const { id = null, caregiverId, eventTypeId, occurredAt, lateReason = null } = input;
  return { id, caregiverId, eventTypeId, occurredAt, lateReason, sender, receivedAtMs };
}

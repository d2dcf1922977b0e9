import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { actOf } from '../../platform/audit/act';
import { AppError } from '../../platform/errors';
import { PageArgs, readPage, toConnection } from '../../platform/graphql/connection';
import type { Context } from '../../platform/graphql/context';
import { writeOne } from '../../platform/storage/core/database';
import { findById } from '../../platform/storage/core/findById';
import { checkIdList, checkIntegerId, checkUuid } from '../../platform/values/checks';
import type { Calendar } from '../../platform/values/months';
import { readRange } from '../../platform/values/range';
import { reimbursementCommands } from '../commands';
import { EventConnection } from '../events/event.types';
import { readEventPage, toEventConnection } from '../events/eventConnection';
import { payoutEventsLoader, payoutTotalsLoader } from '../loaders';
import { PayoutEntity } from './payout.entity';
import { Payout, PayoutConnection, PayoutTotal, ReimburseEventsInput, toPayout } from './payout.types';
import { listPayouts } from './readPayouts';
import type { ReimburseEvents } from './reimburseEvents';

@Resolver(() => Payout)
export class PayoutResolver {
  @Query(() => Payout, { nullable: true, description: 'One payout; null when there is none with this id.' })
  async payout(
    @Arg('id', () => ID, { description: "The payout's id." }) id: string,
    @Ctx() { service }: Context,
  ): Promise<Payout | null> {
    const checkedId = checkIntegerId(id, 'id');
    const found = await service.database.read((snapshot) => findById(snapshot, PayoutEntity, checkedId));
    return found ? toPayout(found) : null;
  }

  @Query(() => PayoutConnection, { description: 'Payouts, the newest first.' })
  async payouts(@Args() { first, after }: PageArgs, @Ctx() { service }: Context): Promise<PayoutConnection> {
    const page = readPage(first, after, ['id']);
    const found = await service.database.read((snapshot) =>
      listPayouts(snapshot, page.first + 1, page.after?.[0]),
    );
    return toConnection(found, page, toPayout, (payout) => [payout.id]);
  }

  // Whoever sees an event learns of its payout, and no more of the payout than of all events.
  @FieldResolver(() => [PayoutTotal], {
    description: 'What it comes to, one sum for each currency; of the events that you may see.',
  })
  totals(@Root() payout: Payout, @Ctx() context: Context): Promise<PayoutTotal[]> {
    return payoutTotalsLoader(context).load(Number(payout.id));
  }

  @FieldResolver(() => EventConnection, {
    description: 'The events it paid, of those that you may see, in the order of caregiver, time and id.',
  })
  async events(
    @Root() payout: Payout,
    @Args() { first, after }: PageArgs,
    @Ctx() context: Context,
  ): Promise<EventConnection> {
    const page = readEventPage(first, after);
    const found = await payoutEventsLoader(context).load({ payoutId: Number(payout.id), page });
    return toEventConnection(found, page, context.service.calendar);
  }

  @Mutation(() => Payout, {
    description:
      'Pays events: marks them as reimbursed, all in one payout. An event is never paid twice. ' +
      'Errors: UNKNOWN_EVENT, EVENT_DELETED, EVENT_REIMBURSED, NOTHING_TO_REIMBURSE, AMOUNT_TOO_LARGE.',
  })
  async reimburseEvents(
    @Arg('input', () => ReimburseEventsInput, { description: 'Which events.' }) input: ReimburseEventsInput,
    @Ctx() context: Context,
  ): Promise<Payout> {
    const { service, principal } = context;
    const payout = await writeOne(service.database, reimbursementCommands(service).reimburseEvents, {
      createdBy: principal.name,
      createdAtMs: service.now(),
      act: actOf(context),
      ...readChoice(input, service.calendar),
    });
    return toPayout(payout);
  }
}

/** Either ids, or caregivers with a range that has an end or a beginning: paying everything ever is never meant. */
function readChoice(
  input: ReimburseEventsInput,
  calendar: Calendar,
): { eventIds: string[] } | Pick<Extract<ReimburseEvents, { range: unknown }>, 'caregiverIds' | 'range'> {
  const eventIds = checkIdList(input.eventIds, 'eventIds', checkUuid);
  const caregiverIds = checkIdList(input.caregiverIds, 'caregiverIds', checkIntegerId);
  const range = readRange(input, calendar);
  const hasRange = range.fromMs !== null || range.toMs !== null;
  if (eventIds && (caregiverIds || hasRange)) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Give either eventIds, or caregiverIds with a range, not both.',
      'eventIds',
    );
  }
  if (eventIds) {
    if (eventIds.length > 0) return { eventIds };
    throw new AppError('BAD_USER_INPUT', 'eventIds must name at least one event.', 'eventIds');
  }
  if (!caregiverIds || caregiverIds.length === 0) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Say which events to pay: by eventIds, or by caregiverIds with a range.',
      'caregiverIds',
    );
  }
  if (!hasRange) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Give caregiverIds together with a range: fromMonth and toMonth, or from and to.',
      'toMonth',
    );
  }
  return { caregiverIds, range };
}

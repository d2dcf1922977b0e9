import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { AppError } from '../../platform/errors';
import { connectionOf } from '../../platform/graphql/connection';
import { RangeFields } from '../../platform/graphql/rangeFields';
import { DateTime, MinorUnits, YearMonth } from '../../platform/graphql/scalars';
import type { ParsedDateTime } from '../../platform/values/dateTime';
import type { Calendar, Month } from '../../platform/values/months';
import type { EventRecord } from './event.table';
import type { RegisteredEvent } from './registerEvents';

@ObjectType({ description: 'A healthcare event that a caregiver is, or will be, reimbursed for.' })
export class Event {
  @Field(() => ID, { description: 'A UUID, chosen by who registered it or made by the service.' })
  id: string;

  @Field(() => DateTime, { description: 'When it took place.' })
  occurredAt: number;

  @Field(() => YearMonth, { description: "The month it counts in, in the service's time zone." })
  month: Month;

  @Field(() => MinorUnits, {
    description:
      'What it is worth: the sum of its type when it was registered. Later changes of the type do not change it.',
  })
  amount: number;

  @Field({ description: 'The currency of the amount, as in ISO 4217.' })
  currency: string;

  @Field({ description: 'Whether it has been paid.' })
  reimbursed: boolean;

  @Field(() => DateTime, { description: 'When the service received it.' })
  registeredAt: number;

  @Field(() => String, {
    nullable: true,
    description: 'Why it was registered after the limit for late entries.',
  })
  lateReason: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was deleted; null while it counts.' })
  deletedAt: number | null;

  @Field(() => String, { nullable: true, description: 'Who deleted it.' })
  deletedBy: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was deleted.' })
  deleteReason: string | null;

  /** Resolved to `caregiver`, `eventType` and `payout` by the resolver. */
  caregiverId: number;
  eventTypeId: number;
  payoutId: number | null;
}

@ObjectType({ description: 'A page of a list of events, as in Relay.' })
export class EventConnection extends connectionOf('Event', Event) {}

@InputType({ description: 'An event to register.' })
export class RegisterEventInput {
  @Field(() => ID, {
    nullable: true,
    description:
      'A UUID that you choose, so that the same request can be sent again without counting twice. ' +
      'Left out, the service makes one.',
  })
  id?: string | null;

  @Field(() => ID, { description: 'Whose event it is.' })
  caregiverId: string;

  @Field(() => ID, { description: 'The type of the event, which decides its amount.' })
  eventTypeId: string;

  @Field(() => DateTime, {
    description:
      'When it took place, with an offset from UTC. At most five minutes ahead of the service, and not older than the ' +
      'limit for late entries unless `lateReason` says why.',
  })
  occurredAt: ParsedDateTime;

  @Field(() => String, {
    nullable: true,
    description:
      'Why the event comes late, up to 500 characters (Unicode code points); kept on the event. Caregivers themselves may not give one.',
  })
  lateReason?: string | null;
}

@ObjectType({ description: 'What `registerEvent` answers.' })
export class RegisterEventPayload {
  @Field({ description: 'The event as it is stored.' })
  event: Event;

  @Field({
    description:
      'true when this id had been registered before with the same content; nothing was changed then.',
  })
  replayed: boolean;
}

@ObjectType({ description: 'Why one input of a batch was refused.' })
export class OutcomeError {
  @Field({ description: 'One of the error codes, as in `extensions.code` of a single mutation.' })
  code: string;

  @Field({ description: 'A sentence that says what would be right.' })
  message: string;

  @Field(() => String, { nullable: true, description: 'The input field that caused the error.' })
  field: string | null;
}

@ObjectType({ description: 'What became of one input of `registerEvents`.' })
export class RegisterEventOutcome {
  @Field(() => Int, { description: 'The place of the input in the list, from 0.' })
  index: number;

  @Field(() => Event, { nullable: true, description: 'The event as it is stored; null when it was refused.' })
  event: Event | null;

  @Field({ description: '`true` when an event with this id and content had been registered before.' })
  replayed: boolean;

  @Field(() => OutcomeError, { nullable: true, description: 'Why it was refused; null when it is stored.' })
  error: OutcomeError | null;
}

@InputType({
  description: 'Which events to list. All conditions given must hold; an empty list matches none.',
})
export class EventFilter extends RangeFields {
  @Field(() => [ID], { nullable: true, description: 'Only events of these caregivers; at most 10,000.' })
  caregiverIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Only events of these types.' })
  eventTypeIds?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: '`true`: only paid events; `false`: only unpaid ones. Both when left out.',
  })
  reimbursed?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: '`false`: only events that count; `true`: only deleted ones; null: both.',
  })
  deleted?: boolean | null;
}

export function toEventView(event: EventRecord, calendar: Calendar): Event {
  return {
    id: event.id,
    occurredAt: event.occurredAtMs,
    month: calendar.monthOf(event.occurredAtMs),
    amount: event.amountMinor,
    currency: event.currency,
    reimbursed: event.payoutId !== null,
    registeredAt: event.registeredAtMs,
    lateReason: event.lateReason,
    deletedAt: event.deletedAtMs,
    deletedBy: event.deletedBy,
    deleteReason: event.deleteReason,
    caregiverId: event.caregiverId,
    eventTypeId: event.eventTypeId,
    payoutId: event.payoutId,
  };
}

export function toOutcome(
  outcome: { value: RegisteredEvent } | { error: AppError },
  index: number,
  calendar: Calendar,
): RegisterEventOutcome {
  if ('value' in outcome) {
    const { event, replayed } = outcome.value;
    return { index, event: toEventView(event, calendar), replayed, error: null };
  }
  const { code, message, field = null } = outcome.error;
  return { index, event: null, replayed: false, error: { code, message, field } };
}

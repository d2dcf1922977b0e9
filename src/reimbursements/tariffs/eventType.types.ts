import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection';
import { MinorUnits } from '../../platform/graphql/scalars';
import type { EventTypeEntity } from './eventType.entity';

@ObjectType({ description: 'A kind of healthcare event, worth a fixed sum to the caregiver.' })
export class EventType {
  @Field(() => ID, { description: 'The id that the service gave it.' })
  id: string;

  @Field(() => String, {
    nullable: true,
    description: 'Its id in the system that the data come from; unique.',
  })
  externalId: string | null;

  @Field({ description: 'Its name; unique.' })
  name: string;

  @Field(() => MinorUnits, { description: 'What an event registered now is worth.' })
  amount: number;

  @Field({ description: 'The currency of the amount, as in ISO 4217.' })
  currency: string;

  @Field({ description: 'Whether new events of this type are refused.' })
  archived: boolean;
}

@InputType({ description: 'An event type to create.' })
export class CreateEventTypeInput {
  @Field({
    description:
      'Its name, 1 to 200 characters (Unicode code points); no other event type may have one that looks the same.',
  })
  name: string;

  @Field(() => MinorUnits, {
    description: 'The fixed sum that an event is worth, in minor units; zero or more.',
  })
  amount: number;

  @Field(() => String, {
    nullable: true,
    description: "As in ISO 4217; the service's currency when left out.",
  })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: 'Its id in the system that the data come from.' })
  externalId?: string | null;
}

@InputType({ description: 'What to change of an event type. Fields left out stay as they are.' })
export class UpdateEventTypeInput {
  @Field(() => String, {
    nullable: true,
    description: 'A new name, 1 to 200 characters (Unicode code points).',
  })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'A new external id; null removes it.' })
  externalId?: string | null;

  @Field(() => MinorUnits, {
    nullable: true,
    description: 'A new sum, for events registered from now on; past events keep theirs.',
  })
  amount?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether to refuse new events of this type.' })
  archived?: boolean | null;
}

@InputType({ description: 'Which event types to list. All conditions given must hold.' })
export class EventTypeFilter {
  @Field(() => [ID], { nullable: true, description: 'Only these; an empty list matches none.' })
  ids?: string[] | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'true: archived ones alone; false: those that take new events. Both when left out.',
  })
  archived?: boolean | null;
}

@ObjectType({ description: 'A page of a list of event types, as in Relay.' })
export class EventTypeConnection extends connectionOf('EventType', EventType) {}

export function toEventType(eventType: EventTypeEntity): EventType {
  return {
    id: String(eventType.id),
    externalId: eventType.externalId,
    name: eventType.name,
    amount: eventType.amountMinor,
    currency: eventType.currency,
    archived: eventType.archived === 1,
  };
}

import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection';
import { RangeFields } from '../../platform/graphql/rangeFields';
import { DateTime, MinorUnits } from '../../platform/graphql/scalars';
import type { PayoutEntity } from './payout.entity';

@ObjectType({ description: 'What a payout comes to in one currency.' })
export class PayoutTotal {
  @Field({ description: 'As in ISO 4217.' })
  currency: string;

  @Field(() => MinorUnits, { description: 'The sum of the events paid.' })
  amount: number;

  @Field(() => Int, { description: 'How many events were paid.' })
  events: number;
}

@ObjectType({
  description: 'One payment run: events that were marked as reimbursed together. None is ever in two.',
})
export class Payout {
  @Field(() => ID, { description: 'The id that the service gave it.' })
  id: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt: number;

  @Field({ description: 'Who made it.' })
  createdBy: string;
}

@ObjectType({ description: 'A page of a list of payouts, as in Relay.' })
export class PayoutConnection extends connectionOf('Payout', Payout) {}

@InputType({
  description:
    'Which events to pay: either `eventIds`, or `caregiverIds` with a range. ' +
    'A list of ids is paid whole or not at all; a range pays whatever is unpaid in it.',
})
export class ReimburseEventsInput extends RangeFields {
  @Field(() => [ID], { nullable: true, description: 'These events, at most 10,000; all must be unpaid.' })
  eventIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'All unpaid events of these caregivers in the range.' })
  caregiverIds?: string[] | null;
}

export function toPayout(payout: PayoutEntity): Payout {
  return { id: String(payout.id), createdAt: payout.createdAtMs, createdBy: payout.createdBy };
}

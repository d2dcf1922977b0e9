import { Field, InputType } from 'type-graphql';
import type { ParsedDateTime } from '../values/dateTime';
import type { Month } from '../values/months';
import { DateTime, YearMonth } from './scalars';

/** The range of a filter, for an input type to extend. */
@InputType()
export abstract class RangeFields {
  @Field(() => YearMonth, {
    nullable: true,
    description: 'From this month on. Cannot be combined with `from` and `to`.',
  })
  fromMonth?: Month | null;

  @Field(() => YearMonth, { nullable: true, description: 'Through this month, inclusive.' })
  toMonth?: Month | null;

  @Field(() => DateTime, { nullable: true, description: 'From this instant on; it need not begin a month.' })
  from?: ParsedDateTime | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this instant; it need not end a month.' })
  to?: ParsedDateTime | null;
}

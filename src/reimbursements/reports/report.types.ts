import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../platform/graphql/connection';
import { RangeFields } from '../../platform/graphql/rangeFields';
import { DateTime, MinorUnits, YearMonth } from '../../platform/graphql/scalars';
import type { SharedSnapshot } from '../../platform/storage/core/sharedSnapshot';
import type { Month } from '../../platform/values/months';
import type * as read from './readReport';

@InputType({
  description:
    'Whose events to sum up, and when. All conditions given must hold; an empty list matches nobody. ' +
    'Give the range either in months or in instants.',
})
export class ReportFilter extends RangeFields {
  @Field(() => [ID], { nullable: true, description: 'Only these caregivers; at most 10,000.' })
  caregiverIds?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Only caregivers of these units.' })
  unitIds?: string[] | null;
}

@ObjectType({ description: 'A sum of money and the number of events it comes from.' })
export class Tally {
  @Field(() => MinorUnits, { description: 'The sum.' })
  amount: number;

  @Field(() => Int, { description: 'How many events.' })
  events: number;
}

@ObjectType({ description: 'What the whole report comes to in one currency.' })
export class ReportTotal {
  @Field({ description: 'As in ISO 4217. Currencies are never added together.' })
  currency: string;

  @Field({ description: 'What has been paid.' })
  reimbursed: Tally;

  @Field({ description: 'What is owed.' })
  unreimbursed: Tally;

  @Field({ description: 'Both together.' })
  total: Tally;
}

@ObjectType({ description: 'What a month of the report comes to in one currency.' })
export class ReportMonth extends ReportTotal {
  @Field(() => YearMonth, { description: 'The month; where the range cuts it, only the part inside counts.' })
  month: Month;
}

@ObjectType({ description: 'What one caregiver is reimbursed for a month in one currency.' })
export class ReportRow extends ReportMonth {
  /** Resolved to `caregiver` by the resolver. */
  caregiverId: number;
}

@ObjectType({ description: 'A page of a list of report rows, as in Relay.' })
export class ReportRowConnection extends connectionOf('ReportRow', ReportRow) {}

@ObjectType({
  description:
    'Reimbursements by month and caregiver. Totals, months and rows are read together, so they agree with each other.',
})
export class Report {
  @Field(() => DateTime, {
    description:
      'Whatever the service had answered as registered, deleted or paid before this instant is in it; something later may ' +
      'be, too. It is when the report was asked for; where the service has replicas, some seconds earlier, unless the ' +
      'header `Read-From: primary` was sent.',
  })
  generatedAt: number;

  @Field({ description: 'The zone whose calendar months it counts in, by its IANA name.' })
  timeZone: string;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The beginning of the range, included; null when it has none.',
  })
  from: number | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'The end of the range, not included; null when it has none.',
  })
  to: number | null;

  /** Resolved to `totals`, `months` and `rows` by the resolver. */
  query: read.ReportQuery;
  snapshot: SharedSnapshot;
}

export function toReportTotal(total: read.ReportTotal): ReportTotal {
  return {
    currency: total.currency,
    reimbursed: toTally(total.reimbursed),
    unreimbursed: toTally(total.unreimbursed),
    total: toTally(total.total),
  };
}

export function toReportMonth(month: read.ReportMonth): ReportMonth {
  return { month: month.month, ...toReportTotal(month) };
}

export function toReportRow(row: read.ReportRow): ReportRow {
  return { caregiverId: row.caregiverId, ...toReportMonth(row) };
}

function toTally(tally: read.Tally): Tally {
  return { amount: tally.amountMinor, events: tally.events };
}

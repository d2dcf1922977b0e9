import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { CaregiverResolver, UnitResolver } from '../caregivers/caregiver.resolver';
import { EventResolver } from '../events/event.resolver';
import { PayoutResolver } from '../payouts/payout.resolver';
import { ReportResolver, ReportRowResolver } from '../reports/report.resolver';
import { EventTypeResolver } from '../tariffs/eventType.resolver';
import { ServiceResolver } from './service.resolver';

export const resolvers = [
  ServiceResolver,
  CaregiverResolver,
  UnitResolver,
  EventTypeResolver,
  EventResolver,
  PayoutResolver,
  ReportResolver,
  ReportRowResolver,
] as const;

/** Builds the schema from the resolvers; `more` adds to them, for measurements. */
export function createSchema(more: (new () => object)[] = []): GraphQLSchema {
  // Inputs are checked by the use cases, which name the field and the code. A schema keeps what it was built from.
  return buildSchemaSync({ resolvers: [...resolvers, ...more], validate: false });
}

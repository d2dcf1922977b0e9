import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchemaSync, type PubSub } from 'type-graphql';
import { AccessResolver } from '../../directory/access/access.resolver';
import { CaregiverResolver, UnitResolver } from '../../directory/caregivers/caregiver.resolver';
import { EventResolver } from '../../reimbursements/events/event.resolver';
import { PayoutResolver } from '../../reimbursements/payouts/payout.resolver';
import { ReportResolver, ReportRowResolver } from '../../reimbursements/reports/report.resolver';
import { EventTypeResolver } from '../../reimbursements/tariffs/eventType.resolver';
import { AuditResolver } from '../audit/audit.resolver';
import { guardSchema } from './guardSchema';
import { ServiceResolver } from './service.resolver';

export const resolvers = [
  ServiceResolver,
  AccessResolver,
  CaregiverResolver,
  UnitResolver,
  EventTypeResolver,
  EventResolver,
  PayoutResolver,
  ReportResolver,
  ReportRowResolver,
  AuditResolver,
] as const;

/**
 * Builds the schema from the resolvers; `more` adds to them, for measurements: their operations are for the role ADMIN.
 * @throws Error when one of the service's own operations has no row in the table of roles
 */
export function createSchema(more: (new () => object)[] = []): GraphQLSchema {
  // Inputs are checked by the use cases, which name the field and the code. A schema keeps what it was built from.
  const schema = buildSchemaSync({ resolvers: [...resolvers, ...more], validate: false, pubSub: noTopics });
  guardSchema(schema, more.length > 0);
  return schema;
}

/** type-graphql asks for one; here each subscription follows the database, which other instances change, too. */
const noTopics: PubSub = {
  publish: refuseTopics,
  subscribe: refuseTopics,
};

function refuseTopics(): never {
  throw new Error('There are no topics here: give the subscription a function "subscribe".');
}

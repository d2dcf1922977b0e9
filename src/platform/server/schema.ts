import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { type BuildSchemaOptions, buildSchemaSync, type PubSub } from 'type-graphql';
import { nameAuditWords } from '../audit/audit.types';
import { accessTableOf, type Subsystem } from '../subsystem';
import { guardSchema } from './guardSchema';

/**
 * Builds the schema from the resolvers of all subsystems; `more` adds to them, for measurements: their operations are for the role ADMIN.
 * @throws Error when one of the service's own operations has no row in the table of roles
 */
export function createSchema(
  subsystems: readonly Subsystem[],
  more: (new () => object)[] = [],
): GraphQLSchema {
  nameAuditWords(subsystems.flatMap(({ audit }) => audit ?? []));
  const resolvers = subsystems.flatMap((subsystem) => subsystem.loadServerParts?.().resolvers ?? []);

  // Inputs are checked by the use cases, which name the field and the code. A schema keeps what it was built from.
  const schema = buildSchemaSync({
    resolvers: [...resolvers, ...more] as unknown as BuildSchemaOptions['resolvers'],
    validate: false,
    pubSub: noTopics,
  });
  guardSchema(schema, accessTableOf(subsystems), more.length > 0);
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

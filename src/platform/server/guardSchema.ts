import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import type { Principal } from '../access/principal';
import { type AccessTable, notSignedIn, requireAllowed } from '../access/roles';
import { AppError } from '../errors';
import type { Context } from '../graphql/context';

type Resolve = GraphQLFieldResolver<unknown, Context>;

/**
 * Puts the table of roles before every query, mutation and subscription, so that none is answered without having asked
 * it. For whom somebody may use an operation, its resolver asks by `scopeOf`.
 * @param table the rows of all operations
 * @param withMore whether there are operations that are not the service's own, for measurements: they are for ADMIN
 * @throws Error when an operation has no row in the table
 */
export function guardSchema(schema: GraphQLSchema, table: AccessTable, withMore: boolean): void {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      guard(field, requirement(`${type?.name}.${field.name}`, table, withMore));
    }
  }
}

type Requirement = (principal: Principal) => void;

function requirement(name: string, table: AccessTable, withMore: boolean): Requirement {
  const row = table.get(name);
  if (row) return (principal) => requireAllowed(principal, name, row);
  if (withMore) return requireAdmin;
  throw new Error(`${name} has no row in its subsystem's access.ts: say there who may use it.`);
}

function guard(field: GraphQLField<unknown, Context>, require: Requirement): void {
  const guarded =
    (resolve: Resolve): Resolve =>
    (source, args, context, info) => {
      require(context.principal);
      return resolve(source, args, context, info);
    };
  if (field.subscribe) field.subscribe = guarded(field.subscribe);
  field.resolve = guarded(field.resolve ?? defaultFieldResolver);
}

function requireAdmin({ role }: Principal): void {
  if (role === 'ANONYMOUS') throw notSignedIn();
  if (role !== 'ADMIN') throw new AppError('FORBIDDEN', 'This is for the role ADMIN.');
}

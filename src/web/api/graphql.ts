import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './schema';

/**
 * Takes an operation as text and knows the types of its variables and its answer, from schema.graphql: what the schema
 * does not have fails the type check. `ResultOf<typeof query>` and `VariablesOf<typeof query>` name them.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: {
    /** RFC 3339 with an offset; answered in UTC. */
    DateTime: string;
    /** `2026-03` */
    YearMonth: string;
    /** Öre, cents. */
    MinorUnits: number;
  };
}>();

export type { ResultOf, VariablesOf } from 'gql.tada';

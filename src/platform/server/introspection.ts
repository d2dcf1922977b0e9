import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { notSignedIn } from '../access/roles';
import { AppError } from '../errors';
import type { Context } from '../graphql/context';

/**
 * What the API can do is told to those who have signed in, or to nobody. `__typename`, which tells nothing, is for
 * everybody.
 */
export function introspectionPlugin(isOn: boolean): ApolloServerPlugin<Context> {
  return {
    async requestDidStart({ contextValue }) {
      const isSignedIn = contextValue.principal.role !== 'ANONYMOUS';
      if (isOn && isSignedIn) return;
      return {
        async didResolveOperation({ document, operation }) {
          if (!operation || !asksForSchema(operation.selectionSet, document, new Set())) return;
          throw isSignedIn ? switchedOff() : notSignedIn();
        },
      };
    },
  };
}

function switchedOff(): AppError {
  return new AppError('FORBIDDEN', "The schema is not told here (the service's setting INTROSPECTION).");
}

/**
 * Whether `__schema` or `__type` is among the fields of an operation, also by way of fragments.
 * @param spread fragments that were looked at: each doubles the work where it uses two of the next twice
 */
function asksForSchema(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  spread: Set<string>,
): boolean {
  return selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return /^__(schema|type)$/.test(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return asksForSchema(selection.selectionSet, document, spread);
    const name = selection.name.value;
    if (spread.has(name)) return false;
    spread.add(name);
    return document.definitions.some(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === name &&
        asksForSchema(definition.selectionSet, document, spread),
    );
  });
}

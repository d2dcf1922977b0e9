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
          if (!operation || !asksForSchema(operation.selectionSet, document)) return;
          throw isSignedIn ? switchedOff() : notSignedIn();
        },
      };
    },
  };
}

function switchedOff(): AppError {
  return new AppError('FORBIDDEN', "The schema is not told here (the service's setting INTROSPECTION).");
}

/** Whether `__schema` or `__type` is among the fields of an operation, also by way of fragments. */
function asksForSchema({ selections }: SelectionSetNode, document: DocumentNode): boolean {
  return selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return /^__(schema|type)$/.test(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return asksForSchema(selection.selectionSet, document);
    // Validation has seen to it that fragments exist, and that none contains itself.
    return document.definitions.some(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION &&
        definition.name.value === selection.name.value &&
        asksForSchema(definition.selectionSet, document),
    );
  });
}

import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { notSignedIn } from '../access/roles';
import type { Context } from '../graphql/context';

/** What the API can do is told to those who have signed in. `__typename`, which tells nothing, is for everybody. */
export function introspectionPlugin(): ApolloServerPlugin<Context> {
  return {
    async requestDidStart({ contextValue }) {
      if (contextValue.principal.role !== 'ANONYMOUS') return;
      return {
        async didResolveOperation({ document, operation }) {
          if (operation && asksForSchema(operation.selectionSet, document)) throw notSignedIn();
        },
      };
    },
  };
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

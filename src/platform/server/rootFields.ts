import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';

const types = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } as const;

/** Documents that come again are parsed once, and named once. */
const known = new WeakMap<OperationDefinitionNode, string>();

/**
 * What an operation asks for, in the words of the table of roles, as in `Mutation.registerEvent`; `Query.several` where
 * it asks for several things. The names are the schema's, and few; what clients call their operations is up to them.
 * @param document is valid
 */
export function nameOperation(operation: OperationDefinitionNode, document: DocumentNode): string {
  let name = known.get(operation);
  if (name === undefined) {
    const fields = new Set<string>();
    collect(operation.selectionSet, document, fields, new Set());
    name = `${types[operation.operation]}.${fields.size === 1 ? [...fields][0] : 'several'}`;
    known.set(operation, name);
  }
  return name;
}

function collect(
  { selections }: SelectionSetNode,
  document: DocumentNode,
  fields: Set<string>,
  spread: Set<string>,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) fields.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT)
      collect(selection.selectionSet, document, fields, spread);
    else if (!spread.has(selection.name.value)) {
      spread.add(selection.name.value);
      const fragment = document.definitions.find(
        (definition) =>
          definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
      );
      if (fragment?.kind === Kind.FRAGMENT_DEFINITION)
        collect(fragment.selectionSet, document, fields, spread);
    }
  }
}

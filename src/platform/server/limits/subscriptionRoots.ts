import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
} from 'graphql';
import { AppError } from '../../errors';

/**
 * Refuses subscriptions whose one field may be left out, whichever operation of the document is asked for. The
 * specification forbids them; GraphQL's library checks the field's conditions before it knows the variables, and fails.
 * @throws AppError GRAPHQL_VALIDATION_FAILED
 */
export function requirePlainRoots({ definitions }: DocumentNode): void {
  const spread = new Set<string>();

  function isPlain({ directives = [], ...selection }: SelectionNode): boolean {
    if (directives.some(({ name }) => name.value === 'skip' || name.value === 'include')) return false;
    if (selection.kind === Kind.FIELD) return true;
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections.every(isPlain);
    const name = selection.name.value;
    if (spread.has(name)) return true;
    spread.add(name);
    return definitions.every(
      (definition) =>
        definition.kind !== Kind.FRAGMENT_DEFINITION ||
        definition.name.value !== name ||
        definition.selectionSet.selections.every(isPlain),
    );
  }

  const subscriptions = definitions.filter(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION &&
      definition.operation === OperationTypeNode.SUBSCRIPTION,
  );
  if (subscriptions.every(({ selectionSet }) => selectionSet.selections.every(isPlain))) return;
  throw new AppError(
    'GRAPHQL_VALIDATION_FAILED',
    'The field of a subscription must not have @skip or @include. Fields inside it may.',
  );
}

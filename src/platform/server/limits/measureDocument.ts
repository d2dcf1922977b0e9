import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

export interface Measures {
  /** Of fields, fragments included, and of values written out in arguments. */
  depth: number;
  /** Fields under other names, and those that stand in one place under the same name again. */
  aliases: number;
  /** Uses of named fragments. */
  fragments: number;
}

/** Measures what GraphQL's rules take long for, in one walk that takes as long as the document is. */
export function measureDocument({ definitions }: DocumentNode): Measures {
  const named = new Map(definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]));
  const depths = new Map<string, number>();
  let aliases = 0;
  let fragments = 0;

  /** @param names those that have been met in this place */
  function depthOfSelections(set: SelectionSetNode | undefined, names = new Set<string>()): number {
    return deepest(set?.selections, (selection) => depthOfSelection(selection, names));
  }

  function depthOfSelection(selection: SelectionNode, names: Set<string>): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      fragments += 1;
      return depthOfFragment(selection.name.value);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOfSelections(selection.selectionSet, names);
    const name = (selection.alias ?? selection.name).value;
    if (selection.alias || names.has(name)) aliases += 1;
    names.add(name);
    return Math.max(1 + depthOfSelections(selection.selectionSet), depthOfArguments(selection));
  }

  /** One that contains itself counts as nothing there: a rule of GraphQL refuses it. */
  function depthOfFragment(name: string): number {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const depth = depthOfSelections(named.get(name)?.selectionSet);
    depths.set(name, depth);
    return depth;
  }

  const depth = deepest(definitions, (definition) => {
    if (isFragment(definition)) return depthOfFragment(definition.name.value);
    return definition.kind === Kind.OPERATION_DEFINITION ? depthOfSelections(definition.selectionSet) : 0;
  });
  return { depth, aliases, fragments };
}

function depthOfArguments({ arguments: given }: FieldNode): number {
  return deepest(given, ({ value }) => depthOfValue(value));
}

function depthOfValue(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + deepest(value.values, depthOfValue);
  if (value.kind === Kind.OBJECT) return 1 + deepest(value.fields, (field) => depthOfValue(field.value));
  return 0;
}

function deepest<Item>(items: readonly Item[] | undefined, depthOf: (item: Item) => number): number {
  return (items ?? []).reduce((depth, item) => Math.max(depth, depthOf(item)), 0);
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

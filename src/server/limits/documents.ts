import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  parse,
  type SelectionNode,
  type ValueNode,
} from 'graphql';
import { AppError } from '../../errors';
import { type Limits, settingOf } from '../../limits';

/** What was found of documents that are sent again and again; of those that are longer nothing is kept. */
const mostKept = 1_000;
const longestKept = 20_000;

/**
 * Reads documents and refuses the ones that would cost too much to check: GraphQL's own rules compare every field with
 * every other (13 s for 40,000 of them) and call themselves for whatever lies deeper. So this comes before them.
 */
export class Documents {
  private readonly kept = new Map<string, DocumentNode>();

  constructor(private readonly limits: Limits) {}

  /**
   * @returns undefined for what is no GraphQL: the library says where
   * @throws AppError QUERY_TOO_LONG, QUERY_TOO_DEEP, TOO_MANY_ALIASES
   */
  read(text: string): DocumentNode | undefined {
    const known = this.kept.get(text);
    if (known) return known;
    const document = this.parse(text);
    if (!document) return undefined;
    this.check(document);
    if (text.length <= longestKept) {
      if (this.kept.size >= mostKept) this.kept.clear();
      this.kept.set(text, document);
    }
    return document;
  }

  private parse(text: string): DocumentNode | undefined {
    const maxTokens = this.limits.queryTokens;
    try {
      return parse(text, { noLocation: true, maxTokens });
    } catch (error) {
      if (error instanceof RangeError) throw this.tooDeep();
      if (error instanceof GraphQLError && /Document contains more that \d+ tokens/.test(error.message)) {
        throw new AppError(
          'QUERY_TOO_LONG',
          `The document must have at most ${maxTokens} tokens ${settingOf('queryTokens')}; send values as variables.`,
        );
      }
      return undefined;
    }
  }

  private check(document: DocumentNode): void {
    const { depth, aliases } = measure(document);
    if (depth > this.limits.queryDepth) throw this.tooDeep();
    if (aliases <= this.limits.queryAliases) return;
    throw new AppError(
      'TOO_MANY_ALIASES',
      `The document must have at most ${this.limits.queryAliases} aliases ${settingOf('queryAliases')}; it has ${aliases}.`,
    );
  }

  private tooDeep(): AppError {
    return new AppError(
      'QUERY_TOO_DEEP',
      `Fields and values must lie at most ${this.limits.queryDepth} deep inside each other ${settingOf('queryDepth')}.`,
    );
  }
}

interface Measures {
  /** Of fields, fragments included, and of values written out in arguments. */
  depth: number;
  aliases: number;
}

function measure({ definitions }: DocumentNode): Measures {
  const fragments = new Map(
    definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]),
  );
  const depths = new Map<string, number>();
  let aliases = 0;

  const deepest = <Item>(items: readonly Item[] | undefined, depthOf: (item: Item) => number): number =>
    (items ?? []).reduce((depth, item) => Math.max(depth, depthOf(item)), 0);

  function depthOfSelection(selection: SelectionNode): number {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return depthOfFragment(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return deepest(selection.selectionSet.selections, depthOfSelection);
    }
    if (selection.alias) aliases += 1;
    return Math.max(
      1 + deepest(selection.selectionSet?.selections, depthOfSelection),
      depthOfArguments(selection),
    );
  }

  /** One that contains itself counts as nothing there: a rule of GraphQL refuses it. */
  function depthOfFragment(name: string): number {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const depth = deepest(fragments.get(name)?.selectionSet.selections, depthOfSelection);
    depths.set(name, depth);
    return depth;
  }

  const depthOfArguments = (field: FieldNode) => deepest(field.arguments, ({ value }) => depthOfValue(value));

  function depthOfValue(value: ValueNode): number {
    if (value.kind === Kind.LIST) return 1 + deepest(value.values, depthOfValue);
    if (value.kind === Kind.OBJECT) return 1 + deepest(value.fields, (field) => depthOfValue(field.value));
    return 0;
  }

  const depth = deepest(definitions, (definition) => {
    if (isFragment(definition)) return depthOfFragment(definition.name.value);
    if (definition.kind !== Kind.OPERATION_DEFINITION) return 0;
    return deepest(definition.selectionSet.selections, depthOfSelection);
  });
  return { depth, aliases };
}

function isFragment(definition: DefinitionNode): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION;
}

import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { limits } from '../../values/checks';

export type Variables = Readonly<Record<string, unknown>>;

/** The whole schema, as the playground asks for it, is some six thousand objects; three of them go into one request. */
const introspectionCost = 20_000;

/** A field without fields of its own, beside the object that it belongs to. */
const leafCost = 1 / 4;

/**
 * How many objects the answer of an operation may come to, four plain fields counting as one: a page counts as full, and a
 * list of inputs has an outcome for each. To these are added the elements of all lists in its arguments. What the operation names and the schema does not
 * know counts as one object: a rule of GraphQL refuses it.
 *
 * The library for this, graphql-query-complexity, reads all variables as GraphQL does, and GraphQL does so again: 10,000
 * inputs twice. This looks only at what it needs.
 */
export function costOf(
  schema: GraphQLSchema,
  { definitions }: DocumentNode,
  operation: OperationDefinitionNode,
  given: Variables,
): number {
  const variables = withDefaults(operation, given);
  const ofFragments = new Map<string, number>();

  /** @param rows how many a list among the fields has: those of the page whose fields these are */
  function costOfSelections(
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    rows: number,
  ): number {
    let cost = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) cost += costOfField(selection, parent, rows);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) cost += costOfFragment(selection.name.value, rows);
      else {
        const condition = selection.typeCondition?.name.value;
        const type = condition === undefined ? parent : schema.getType(condition);
        cost += costOfSelections(selection.selectionSet, type, rows);
      }
    }
    return cost;
  }

  function costOfField(node: FieldNode, parent: GraphQLNamedType | undefined, rows: number): number {
    if (/^__(schema|type)$/.test(node.name.value)) return introspectionCost;
    const field =
      isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    const type = field && getNamedType(field.type);
    const listed = (node.arguments ?? []).reduce((sum, { value }) => sum + elementsIn(value, variables), 0);
    if (!node.selectionSet || (type && !isCompositeType(type))) return listed + leafCost;
    const page = pageOf(field, node, variables);
    const objects = page === undefined ? objectsOf(field, node, variables, rows) : 1;
    return listed + objects * (1 + costOfSelections(node.selectionSet, type, page ?? 1));
  }

  function costOfFragment(name: string, rows: number): number {
    const key = `${rows} ${name}`;
    const known = ofFragments.get(key);
    if (known !== undefined) return known;
    // Counts as nothing inside itself: a rule of GraphQL refuses it.
    ofFragments.set(key, 0);
    const fragment = definitions.find(
      (definition): definition is FragmentDefinitionNode =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
    );
    const cost = fragment
      ? costOfSelections(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value), rows)
      : 0;
    ofFragments.set(key, cost);
    return cost;
  }

  const root = schema.getRootType(operation.operation) ?? undefined;
  return Math.ceil(costOfSelections(operation.selectionSet, root, 1));
}

/** How many rows the page that a field answers may have; undefined where it answers none. */
function pageOf(
  field: GraphQLField<unknown, unknown> | undefined,
  node: FieldNode,
  variables: Variables,
): number | undefined {
  const page = field?.args.find(({ name }) => name === 'first');
  if (!page) return undefined;
  const asked = readNumber(argumentOf(node, page), variables) ?? Number(page.defaultValue ?? limits.pageRows);
  // Pages of other sizes are refused, with a sentence of their own.
  return Math.min(Math.max(asked, 1), limits.pageRows);
}

/** How many objects a field may answer: the rows of a page, an outcome for each input, or one. */
function objectsOf(
  field: GraphQLField<unknown, unknown> | undefined,
  node: FieldNode,
  variables: Variables,
  rows: number,
): number {
  if (!field || !isListType(getNullableType(field.type))) return 1;
  const inputs = field.args.find(
    ({ type }) => isListType(getNullableType(type)) && isInputObjectType(getNamedType(type)),
  );
  const value = inputs && argumentOf(node, inputs)?.value;
  return value ? Math.max(elementsIn(value, variables), 1) : rows;
}

function argumentOf(
  { arguments: given = [] }: FieldNode,
  { name }: GraphQLArgument,
): ArgumentNode | undefined {
  return given.find((argument) => argument.name.value === name);
}

function readNumber(argument: ArgumentNode | undefined, variables: Variables): number | undefined {
  if (argument?.value.kind === Kind.INT) return Number(argument.value.value);
  if (argument?.value.kind !== Kind.VARIABLE) return undefined;
  const value = variables[argument.value.name.value];
  return typeof value === 'number' ? value : undefined;
}

/** Of the defaults that an operation gives its variables, page sizes alone matter. */
function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, given: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
  );
  return defaults.length === 0 ? given : { ...Object.fromEntries(defaults), ...given };
}

/** How many elements the lists in a value have. */
function elementsIn(value: ValueNode, variables: Variables): number {
  if (value.kind === Kind.VARIABLE) return elementsInJson(variables[value.name.value]);
  if (value.kind === Kind.LIST) {
    return value.values.reduce((sum, element) => sum + elementsIn(element, variables), value.values.length);
  }
  if (value.kind === Kind.OBJECT) {
    return value.fields.reduce((sum, field) => sum + elementsIn(field.value, variables), 0);
  }
  return 0;
}

/** How deep JSON is has been checked while it was text. */
function elementsInJson(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let elements = Array.isArray(value) ? value.length : 0;
  for (const inside of Array.isArray(value) ? value : Object.values(value))
    elements += elementsInJson(inside);
  return elements;
}

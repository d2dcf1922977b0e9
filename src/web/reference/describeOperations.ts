import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** One operation of the API, as the reference page shows it. */
export interface Operation {
  kind: 'query' | 'mutation' | 'subscription';
  name: string;
  description: string;
  /** What it answers: `Report!`. */
  type: string;
  arguments: { name: string; type: string; description: string }[];
  /** An operation that can be sent as it stands, with `variables`. */
  example: string;
  variables: Record<string, unknown>;
}

/** Everything that can be asked of a schema, in its order, each with an example made from the schema alone. */
export function describeOperations(schema: GraphQLSchema): Operation[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const;
  return roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {}).map((field) => ({
      kind,
      name: field.name,
      description: field.description ?? '',
      type: String(field.type),
      arguments: field.args.map(({ name, type, description }) => ({
        name,
        type: String(type),
        description: description ?? '',
      })),
      ...makeExample(kind, field),
    })),
  );
}

function makeExample(kind: Operation['kind'], field: GraphQLField<unknown, unknown>) {
  const shown = field.args.filter(
    (argument) => isRequiredArgument(argument) || argument.name in usualArguments,
  );
  const declared = shown.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const passed = shown.map(({ name }) => `${name}: $${name}`).join(', ');
  const title = field.name[0]?.toUpperCase() + field.name.slice(1);
  const [head, call] =
    shown.length === 0 ? [title, field.name] : [`${title}(${declared})`, `${field.name}(${passed})`];
  return {
    example: `${kind} ${head} {\n${indent(`${call}${selection(field.type, [])}`)}\n}`,
    variables: Object.fromEntries(shown.map((argument) => [argument.name, argumentValue(argument)])),
  };
}

/** Optional arguments that an example shows, because hardly anybody leaves them out. */
const usualArguments = { filter: true, first: true };

function argumentValue(argument: GraphQLArgument): unknown {
  return argument.name === 'first' ? 10 : exampleValue(argument.type, argument.name);
}

/** Values by the names of scalars, and of fields where the scalar does not say what is meant. */
const values: Record<string, unknown> = {
  ID: '1',
  String: 'some text',
  Int: 1,
  Float: 1,
  Boolean: true,
  DateTime: '2026-03-01T14:30:00+01:00',
  YearMonth: '2026-03',
  MinorUnits: 12_500,
  currency: 'SEK',
  name: 'A name',
};

/** Optional fields that an example shows; of an input without required fields, something should be seen. */
const usualFields: Record<string, readonly string[]> = {
  ReportFilter: ['caregiverIds', 'fromMonth', 'toMonth'],
  EventFilter: ['caregiverIds', 'fromMonth', 'toMonth'],
  CaregiverFilter: ['nameContains'],
  EventTypeFilter: ['archived'],
  ReimburseEventsInput: ['caregiverIds', 'fromMonth', 'toMonth'],
  UpdateCaregiverInput: ['name'],
  UpdateEventTypeInput: ['amount'],
};

function exampleValue(type: GraphQLInputType, name: string): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [exampleValue(bare.ofType, name)];
  if (isEnumType(bare)) return bare.getValues()[0]?.name;
  if (!isInputObjectType(bare)) return values[name] ?? values[bare.name] ?? 'some text';
  const usual = usualFields[bare.name] ?? [];
  const shown = Object.values(bare.getFields()).filter(
    (field) => isRequiredInputField(field) || usual.includes(field.name),
  );
  return Object.fromEntries(shown.map((field) => [field.name, exampleValue(field.type, field.name)]));
}

/** The fields of a type, for an example: all of what was asked for, and of what hangs on it what tells it from others. */
function selection(type: GraphQLOutputType, path: readonly GraphQLObjectType[]): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const isFar = path.some((above) => 'id' in above.getFields()) && !isContainer(named);
  const fields = Object.values(named.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    if (!isObjectType(inner)) return isFar && !telling.test(field.name) ? [] : [field.name];
    const isRepeated = inner === named || path.includes(inner);
    // The edges say the same as the nodes; what needs arguments has an example of its own.
    const isLeftOut = isFar || isRepeated || field.name === 'edges' || field.args.some(isRequiredArgument);
    return isLeftOut ? [] : [`${field.name}${selection(inner, [...path, named])}`];
  });
  return ` {\n${indent(fields.join('\n'))}\n}`;
}

const telling = /^(id|name|amount|currency|month)$/;

function isContainer({ name }: GraphQLObjectType): boolean {
  return /(Connection|PageInfo)$/.test(name);
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';

/** Texts that do harm where somebody puts them together with statements, paths, patterns or JSON. */
export const hostileTexts: readonly string[] = [
  "'",
  "'; drop table event; --",
  "1' or '1'='1",
  '1) or (1=1',
  '"); delete from caregiver where ("1"="1',
  '%',
  '_%\\',
  '\\',
  '$1 ?1 :name @p',
  '{{7*7}} #{7*7} <%= 7*7 %>',
  '../../../../etc/passwd\u0000.csv',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'a\udfff',
  '\ufeff\u202e\u200b',
  '=cmd|calc!A1',
  '<script>alert(1)</script>',
  '__proto__',
  'constructor',
  'toString',
  'NaN',
  'null',
  '-0',
  '1e309',
  '9'.repeat(400),
  '-1',
  '0x10',
  '٣',
  '2026-02-30T25:61:61+99:99',
  '275760-09-13T00:00:00.001Z',
  '2026-13',
  'x'.repeat(100_000),
  '🩺'.repeat(5_000),
  '',
  ' ',
];

/** Values of other kinds than any field takes. */
export const hostileValues: readonly unknown[] = [
  ...hostileTexts,
  Number.MAX_SAFE_INTEGER + 2,
  1e308,
  -1e308,
  0.1,
  -1,
  2 ** 31,
  true,
  null,
  [],
  {},
  [[[[[[]]]]]],
  [null],
  { a: { a: { a: {} } } },
  { constructor: 1, toString: 2, hasOwnProperty: 3 },
  { length: 1_000_000_000 },
];

export interface HostileOperation {
  name: string;
  query: string;
  /** What would be right, or nearly. */
  variables: Record<string, unknown>;
  /** Where in the variables something else may stand. */
  places: (string | number)[][];
}

/** Every operation of a schema, with all its arguments as variables. */
export function everyOperation(schema: GraphQLSchema): HostileOperation[] {
  return [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) =>
      operationOf(type === schema.getQueryType() ? 'query' : 'mutation', field),
    ),
  );
}

function operationOf(kind: string, field: GraphQLField<unknown, unknown>): HostileOperation {
  const declared = field.args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const variables = Object.fromEntries(field.args.map((argument) => [argument.name, example(argument)]));
  return {
    name: field.name,
    query: `${kind} ${declared && `(${declared})`} { ${field.name}${given && `(${given})`} ${selection(field)} }`,
    variables,
    places: placesIn(variables),
  };
}

function selection({ type }: GraphQLField<unknown, unknown>): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields());
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)));
  const nodes = fields.find(({ name }) => name === 'nodes');
  return `{ __typename ${leaves.map(({ name }) => name).join(' ')} ${nodes ? `nodes ${selection(nodes)}` : ''} }`;
}

function example({ name, type }: Pick<GraphQLArgument, 'name' | 'type'>): unknown {
  const kind: GraphQLInputType = getNullableType(type);
  if (isListType(kind)) return [example({ name, type: kind.ofType })];
  if (isInputObjectType(kind)) {
    return Object.fromEntries(Object.values(kind.getFields()).map((field) => [field.name, example(field)]));
  }
  const examples: Record<string, unknown> = {
    Int: 10,
    Boolean: true,
    MinorUnits: 100,
    DateTime: '2026-03-10T12:00:00Z',
    YearMonth: '2026-03',
    ID: '1',
    String: name === 'currency' ? 'SEK' : 'a text',
  };
  return examples[kind.name] ?? 'a text';
}

function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  const here = path.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inside]) => placesIn(inside, [...path, key]))];
}

/** A copy with something else in one place. */
export function replaced(value: unknown, [key, ...rest]: (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = replaced((value as Record<string, unknown>)[key], rest, by);
  return copy;
}

import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql';
import { createSchema } from '../src/platform/server/schema';
import { subsystems } from '../src/subsystems';
import {
  createCaregiver,
  createEventType,
  createUnit,
  noon,
  noonMs,
  pay,
  registerPast,
} from './support/fixtures';
import { serviceForTests } from './support/testService';

const api = serviceForTests({ limits: { queryTokens: 2_500, queryCost: 10_000_000 } });

const schema = createSchema(subsystems);

/** Lists that are asked for with arguments of their own; the others do with the size of their pages. */
const argumentsOf: Record<string, string> = {
  'Mutation.registerEvents': 'inputs: $inputs',
};
const declared: Record<string, string> = { 'Mutation.registerEvents': '$inputs: [RegisterEventInput!]!' };

/** Every list that stands at the root, or below something there that is no list. */
function rootsOf({ getQueryType, getMutationType }: Pick<GraphQLSchema, 'getQueryType' | 'getMutationType'>) {
  return [getQueryType.call(schema), getMutationType.call(schema)].flatMap((type) =>
    Object.values(type?.getFields() ?? {})
      .filter((field) => isList(field) || hasPages(field) || field.name === 'report')
      .map((field) => ({ name: `${type?.name}.${field.name}`, field })),
  );
}

function isList({ type }: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(type)) && isObjectType(getNamedType(type));
}

function hasPages({ args }: GraphQLField<unknown, unknown>): boolean {
  return args.some(({ name }) => name === 'first');
}

/** The lists of which rows were asked for. */
const walked = new Set<string>();

/** Every field below a type; none twice on the way to it. */
function selection(type: GraphQLObjectType, way: readonly string[]): string {
  const texts = Object.values(type.getFields()).map((field) => {
    const name = `${type.name}.${field.name}`;
    const inside = getNamedType(field.type);
    if (!isObjectType(inside)) return field.name;
    // Edges hold the nodes once more.
    if (way.includes(name) || field.name === 'edges') return '';
    if (isList(field)) walked.add(name);
    return `${field.name}${hasPages(field) ? '(first: $first)' : ''} ${selection(inside, [...way, name])}`;
  });
  return `{ __typename ${texts.join(' ')} }`;
}

function documentOf(name: string, field: GraphQLField<unknown, unknown>): string {
  const [type] = name.split('.') as [string];
  const given = [hasPages(field) ? 'first: $first' : '', argumentsOf[name] ?? ''].filter(
    (text) => text !== '',
  );
  const inside = selection(getNamedType(field.type) as GraphQLObjectType, [name]);
  if (isList(field)) walked.add(name);
  const body = `{ ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${inside} }`;
  const variables = [body.includes('$first') ? '$first: Int!' : '', declared[name] ?? ''].filter(
    (text) => text !== '',
  );
  return `${type.toLowerCase()} (${variables.join(', ')}) ${body}`;
}

interface Person {
  caregiverId: string;
  eventTypeId: string;
}
const people: Person[] = [];

/** So many more of everything: each payout pays one event of everybody who is there. */
async function grow(count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    const currency = ['SEK', 'EUR', 'NOK', 'DKK'][people.length % 4];
    const caregiverId = await createCaregiver(api, { unitId: await createUnit(api) });
    people.push({ caregiverId, eventTypeId: await createEventType(api, { currency }) });
    await api.data('mutation ($id: ID!) { revokeToken(id: $id) { id } }', { id: `token ${people.length}` });
    const month = String(1 + (people.length % 12)).padStart(2, '0');
    await registerPast(
      api,
      people.map((person) => ({ ...person, occurredAt: `2025-${month}-10T12:00:00Z` })),
    );
    const caregiverIds = people.map((person) => person.caregiverId);
    await pay(api, { caregiverIds, fromMonth: '2025-01', toMonth: '2025-12' });
  }
}

const rowsIn = (data: unknown) => JSON.stringify(data).match(/"__typename"/g)?.length ?? 0;

async function measure(document: string, count: number): Promise<{ statements: number; rows: number }> {
  const inputs = people.slice(0, count).map((person) => ({ ...person, occurredAt: noon }));
  api.statementsSinceLastCall();
  const data = await api.data(document, {
    ...(document.includes('$first') && { first: count }),
    ...(document.includes('$inputs') && { inputs }),
  });
  return { statements: api.statementsSinceLastCall(), rows: rowsIn(data) };
}

const roots = rootsOf(schema).map(({ name, field }) => ({ name, document: documentOf(name, field) }));
const before: Record<string, { statements: number; rows: number }> = {};

beforeAll(async () => {
  api.setNow(noonMs);
  await grow(2);
  for (const { name, document } of roots) before[name] = await measure(document, 2);
  await grow(10);
});

test.each(roots)('as many statements for few rows as for many: $name', async ({ name, document }) => {
  const few = before[name] as { statements: number; rows: number };
  const many = await measure(document, 12);
  expect(many.rows).toBeGreaterThan(3 * few.rows);
  expect(few.statements).toBeGreaterThan(0);
  expect({ name, statements: many.statements }).toEqual({ name, statements: few.statements });
});

test('every list of the schema has been walked', () => {
  const lists = Object.values(schema.getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields())
          .filter((field) => isList(field) && field.name !== 'edges')
          .map((field) => `${type.name}.${field.name}`)
      : [],
  );
  expect(lists.filter((name) => !walked.has(name))).toEqual([]);
});

import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  OperationTypeNode,
} from 'graphql';
import type { Random } from '../../seed/random';
import { between, oneOf } from '../support/random';

/** What a client may send. */
export interface RandomRequest {
  query: string;
  operationName?: string | null;
  variables?: Record<string, unknown>;
}

/**
 * Makes requests out of a schema's grammar: several operations, fragments, directives, variables with and without defaults
 * and values. Of half of them the document is valid, whatever its values are; of the others any part may be wrong.
 */
export function createRandomRequests(schema: GraphQLSchema, random: Random, ids: readonly string[]) {
  const chance = (share: number) => random.next() < share;
  let isValid = true;
  /** Whether to do something wrong. */
  const slip = (share: number) => chance(share) && !isValid;
  const objects = Object.values(schema.getTypeMap()).filter(
    (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
  );
  const rootOf = (kind: OperationTypeNode) => schema.getRootType(kind) as GraphQLObjectType;

  /** The fragments and variables of the request that is being made. */
  let fragments: { name: string; on: GraphQLObjectType }[] = [];
  let inFragment = false;
  let fields = 0;
  let variables: { name: string; type: string; byDefault: string | undefined; given: unknown }[] = [];

  function request(subscribing: number): RandomRequest {
    isValid = chance(0.5);
    fields = 0;
    fragments = Array.from({ length: between(random, 0, 3) }, (_, at) => ({
      name: `F${at}`,
      on: chance(0.3) ? rootOf(oneOf(random, kinds)) : oneOf(random, objects),
    }));
    const several = chance(0.4);
    const operations = Array.from({ length: several ? between(random, 2, 3) : 1 }, (_, at) => {
      // Of several, all should have names of their own.
      const isNamed = several ? !slip(0.1) : chance(0.5);
      const name = isNamed ? (['A', 'B', 'C'][slip(0.05) ? 0 : at] as string) : '';
      const kind = chance(subscribing)
        ? OperationTypeNode.SUBSCRIPTION
        : oneOf(random, [OperationTypeNode.QUERY, OperationTypeNode.QUERY, OperationTypeNode.MUTATION]);
      return operation(kind, name);
    });
    const texts = operations.map(({ text }) => text);
    inFragment = true;
    for (const { name, on } of fragments) {
      const isUsed = texts.some((text) => text.includes(`...${name} `));
      if (isUsed || slip(0.5)) texts.push(`fragment ${name} on ${on.name} ${selections(on, 3)}`);
    }
    inFragment = false;
    const query = mangled(texts.join('\n'));
    const names = operations.map(({ name }) => name).filter((name) => name !== '');
    const operationName = oneOf(random, [
      names[0],
      names[0],
      names[0],
      names.at(-1),
      undefined,
      null,
      '',
      'Z',
      'x'.repeat(5_000),
    ]);
    const given = operations.flatMap((each) => each.variables).filter(() => !chance(0.02));
    return {
      query,
      ...(operationName !== undefined && { operationName }),
      ...(!chance(0.03) && {
        variables: Object.fromEntries(
          given.filter((each) => each.given !== absent).map((each) => [each.name, each.given]),
        ),
      }),
    };
  }

  function operation(kind: OperationTypeNode, name: string) {
    variables = [];
    const body = selections(rootOf(kind), 5, kind === OperationTypeNode.SUBSCRIPTION && !slip(0.1));
    const declared = variables.map(
      (each) => `$${each.name}: ${each.type}${each.byDefault === undefined ? '' : ` = ${each.byDefault}`}`,
    );
    const header = declared.length > 0 ? `(${declared.join(', ')})` : '';
    const isShort = kind === OperationTypeNode.QUERY && name === '' && header === '' && chance(0.5);
    return {
      name,
      text: isShort ? body : `${kind} ${name}${header} ${slip(0.1) ? directives() : ''}${body}`,
      variables,
    };
  }

  /** @param single one field alone, as a subscription must have */
  function selections(type: GraphQLObjectType, depth: number, single = false): string {
    if (single)
      return `{ ${chance(0.2) ? `... on ${type.name} { ${field(type, depth)} }` : field(type, depth)} }`;
    const count = between(random, 1, 3);
    return `{ ${Array.from({ length: count }, () => selection(type, depth)).join(' ')} }`;
  }

  function selection(type: GraphQLObjectType, depth: number): string {
    // One that uses others could contain itself.
    const fitting = inFragment && isValid ? [] : fragments.filter(({ on }) => on === type || slip(0.02));
    if (fitting.length > 0 && chance(0.5)) return `...${oneOf(random, fitting).name} ${directives(type)}`;
    if (depth > 0 && chance(0.1)) {
      const condition = chance(0.7) ? `on ${type.name} ` : '';
      return `... ${condition}${directives(type)}${selections(type, depth - 1)}`;
    }
    if (chance(0.03)) return '__typename';
    if (slip(0.05)) return oneOf(random, ['nothing', '...Nowhere', '__schema { __typename }']);
    return field(type, depth);
  }

  function field(type: GraphQLObjectType, depth: number): string {
    const all = Object.values(type.getFields());
    const chosen = oneOf(random, depth > 0 ? all : leavesOf(all));
    const inside = getNamedType(chosen.type as GraphQLOutputType);
    const needed = isObjectType(inside) ? selections(inside, depth - 1) : '';
    const given = argumentsOf(chosen.args);
    fields += 1;
    // Fields that are not the same must not have one name.
    const isAliased = slip(0.3) ? chance(0.3) : given !== '' || needed !== '';
    const alias = isAliased ? `${slip(0.1) ? 'a' : `a${fields}`}: ` : '';
    return `${alias}${chosen.name}${given} ${directives(type)}${slip(0.01) ? '{ id }' : needed}`;
  }

  function leavesOf(fields: GraphQLField<unknown, unknown>[]): GraphQLField<unknown, unknown>[] {
    const leaves = fields.filter(({ type }) => !isObjectType(getNamedType(type)));
    return leaves.length > 0 ? leaves : fields;
  }

  function argumentsOf(args: readonly GraphQLArgument[]): string {
    const given = args.filter(({ type }) => (isNonNullType(type) ? !slip(0.02) : chance(0.4)));
    const texts = given.map(({ name, type }) => `${name}: ${value(type)}`);
    if (slip(0.02)) texts.push('unknown: 1');
    return texts.length > 0 ? `(${texts.join(', ')})` : '';
  }

  /** @param on whose field it is: that of a subscription must have none */
  function directives(on?: GraphQLObjectType): string {
    if (on === schema.getSubscriptionType() ? !slip(0.1) : !chance(0.06)) return '';
    const name = slip(0.2) ? oneOf(random, ['deprecated', 'unknown']) : oneOf(random, ['skip', 'include']);
    const condition = chance(0.5) ? variable('Boolean!', bool(), chance(0.5)) : bool();
    return `@${name}${slip(0.05) ? '' : `(if: ${condition})`} `;
  }

  const bool = () => (chance(0.5) ? 'true' : 'false');

  /** An argument's value as the document has it: written out, or a variable. */
  function value(type: GraphQLInputType): string {
    return chance(0.5) ? variable(String(type), constant(type, 2), json(type, 2)) : written(type, 2);
  }

  function variable(type: string, byDefault: string, given: unknown): string {
    // Each operation that uses the fragment would have to declare it.
    if (inFragment && !slip(0.05)) return byDefault;
    const name = slip(0.05) ? oneOf(random, ['v0', 'nowhere']) : `v${variables.length}`;
    if (name === 'nowhere' || variables.some((each) => each.name === name)) return `$${name}`;
    const hasDefault = chance(0.3);
    const nullable = type.replace(/!$/, '');
    // With a default, a variable that may be null stands for what must not.
    const fitting = hasDefault && chance(0.5) ? nullable : type;
    variables.push({
      name,
      type: slip(0.1) ? oneOf(random, [nullable, `[${type}]`, 'Int', 'Nothing', 'Report']) : fitting,
      byDefault: hasDefault ? byDefault : undefined,
      given: chance(0.8) ? given : oneOf(random, [null, absent, wrong()]),
    });
    return `$${name}`;
  }

  /** A value in which no variable stands. */
  function constant(type: GraphQLInputType, depth: number): string {
    const outside = inFragment;
    inFragment = true;
    const text = written(type, depth);
    inFragment = outside;
    return text;
  }

  function written(type: GraphQLInputType, depth: number): string {
    if (slip(0.03)) return oneOf(random, slips);
    if (isNonNullType(type)) return written(type.ofType, depth);
    if (isListType(type)) {
      return `[${Array.from({ length: between(random, 0, 3) }, () => written(type.ofType, depth)).join(', ')}]`;
    }
    if (isInputObjectType(type)) {
      const texts = fieldsOf(type.getFields()).map(({ name, type: inside }) => {
        const text = chance(0.1)
          ? variable(String(inside), constant(inside, depth - 1), json(inside, depth - 1))
          : written(inside, depth - 1);
        return `${name}: ${text}`;
      });
      return `{ ${texts.join(', ')} }`;
    }
    if (isEnumType(type)) return oneOf(random, type.getValues()).name;
    return JSON.stringify(leaf(type.name));
  }

  function json(type: GraphQLInputType, depth: number): unknown {
    if (chance(0.01)) return wrong();
    if (isNonNullType(type)) return json(type.ofType, depth);
    if (isListType(type))
      return Array.from({ length: between(random, 0, 3) }, () => json(type.ofType, depth));
    if (isInputObjectType(type)) {
      return Object.fromEntries(
        fieldsOf(type.getFields()).map((field) => [field.name, json(field.type, depth - 1)]),
      );
    }
    return isEnumType(type) ? oneOf(random, type.getValues()).name : leaf(type.name);
  }

  function fieldsOf<Field extends { type: GraphQLInputType }>(fields: Record<string, Field>): Field[] {
    return Object.values(fields).filter(({ type }) => isNonNullType(type) || chance(0.3));
  }

  function leaf(name: string): unknown {
    if (name === 'Int') return oneOf(random, [1, 2, 8, 50, 1_000, 0, -1, 1_001]);
    if (name === 'Float' || name === 'MinorUnits') return oneOf(random, [0, 1, 100, -1, 9007199254740991]);
    if (name === 'Boolean') return chance(0.5);
    if (name === 'DateTime')
      return oneOf(random, [
        '2026-01-15T12:00:00Z',
        '2026-03-10T12:00:00Z',
        '1900-01-01T00:00:00Z',
        '2026-02-30T00:00:00Z',
        '2026',
      ]);
    if (name === 'YearMonth') return oneOf(random, ['2026-01', '2026-03', '2026-13', '1900-01']);
    if (name === 'ID')
      return chance(0.8) ? oneOf(random, ids) : oneOf(random, ['0', 'x', '', '9007199254740993', 'a\u0000']);
    return oneOf(random, [
      'anna',
      'SEK',
      'åäö',
      '',
      'x'.repeat(300),
      'a\u0000b',
      `n${between(random, 1, 1e6)}`,
    ]);
  }

  function wrong(): unknown {
    return oneOf<unknown>(random, [
      null,
      1.5,
      'x',
      [],
      {},
      [[null]],
      { a: { b: 1 } },
      'y'.repeat(5_000),
      Array.from({ length: 30 }, () => ({ wrong: true })),
    ]);
  }

  function mangled(text: string): string {
    if (!slip(0.1)) return text;
    const at = between(random, 0, text.length);
    return (
      text.slice(0, at) + oneOf(random, ['', '{', '}', '"', '$', '@', '...', '\u0000']) + text.slice(at + 1)
    );
  }

  return { request };
}

const kinds = [OperationTypeNode.QUERY, OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION] as const;
const absent = Symbol('absent');
const slips = [
  'null',
  '[]',
  '{}',
  '1e3',
  '"',
  '"\\u0000"',
  '$nowhere',
  'NOTHING',
  '-1',
  '99999999999999999999',
];

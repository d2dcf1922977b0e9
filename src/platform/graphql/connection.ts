import { ArgsType, type ClassType, Field, Int, ObjectType } from 'type-graphql';
import { AppError } from '../errors';
import { checkPageSize, isLine, isUuid, limits } from '../values/checks';
import { earliestInstantMs, firstMonth, lastMonth, latestInstantMs } from '../values/months';

@ObjectType({ description: 'The position of a page in its list.' })
export class PageInfo {
  @Field({ description: 'Whether more follows this page.' })
  hasNextPage: boolean;

  @Field({ description: 'Whether the page was asked for with `after`, so that something lies before it.' })
  hasPreviousPage: boolean;

  @Field(() => String, {
    nullable: true,
    description: 'The cursor of the first node; null on an empty page.',
  })
  startCursor: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The cursor of the last node, for `after` of the next page; null on an empty page.',
  })
  endCursor: string | null;
}

export interface Edge<Node> {
  cursor: string;
  node: Node;
}

export interface Connection<Node> {
  nodes: Node[];
  edges: Edge<Node>[];
  pageInfo: PageInfo;
}

/**
 * Declares the GraphQL types of a list of nodes, as in Relay: `<Name>Edge`, and the fields of `<Name>Connection` for a
 * class to extend.
 */
export function connectionOf<Node extends object>(
  name: string,
  node: ClassType<Node>,
): abstract new () => Connection<Node> {
  @ObjectType(`${name}Edge`, { description: `One ${name} and its place in the list.` })
  class NodeEdge implements Edge<Node> {
    @Field({ description: 'The place in the list, for `after`. Opaque: do not build or read it.' })
    cursor: string;

    @Field(() => node, { description: 'The element itself.' })
    node: Node;
  }

  @ObjectType()
  abstract class NodeConnection implements Connection<Node> {
    @Field(() => [node], { description: 'The elements of the page, in order.' })
    nodes: Node[];

    @Field(() => [NodeEdge], { description: 'The elements of the page, each with its cursor.' })
    edges: NodeEdge[];

    @Field({ description: 'The position of the page in the list.' })
    pageInfo: PageInfo;
  }
  return NodeConnection;
}

const firstDescription = 'How many to return: 1 to 1000.';
const defaultFirst = 50;
/** Of the rows of the report, of which a page shows more. */
export const defaultFirstRows = 100;

@ArgsType()
class AfterArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Start after this cursor: `pageInfo.endCursor` of the page before.',
  })
  after: string | null;
}

/** The arguments of every list. */
@ArgsType()
export class PageArgs extends AfterArgs {
  @Field(() => Int, { nullable: true, defaultValue: defaultFirst, description: firstDescription })
  first: number | null;
}

/** The same for the rows of the report. */
@ArgsType()
export class RowPageArgs extends AfterArgs {
  @Field(() => Int, { nullable: true, defaultValue: defaultFirstRows, description: firstDescription })
  first: number | null;
}

/** What a page is asked for with. */
export interface PageArguments<Cursor> {
  first: number;
  after: Cursor | undefined;
}

/** What a part of a cursor can be: no more than the service puts there itself, so that every engine can look for it. */
const cursorParts = {
  id: (value) => isInteger(value, 1, Number.MAX_SAFE_INTEGER),
  instant: (value) => isInteger(value, earliestInstantMs, latestInstantMs),
  month: (value) => isInteger(value, firstMonth, lastMonth) && isInteger(value % 100, 1, 12),
  // A name in small letters may be longer than the name.
  text: (value) => typeof value === 'string' && isLine(value, 3 * limits.textCharacters),
  uuid: (value) => typeof value === 'string' && isUuid(value),
  currency: (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
} satisfies Record<string, (value: unknown) => boolean>;

type CursorPart = keyof typeof cursorParts;

/** What the parts of a cursor are, in their order. */
type CursorShape = readonly CursorPart[];
type CursorOf<Shape extends CursorShape> = {
  -readonly [Place in keyof Shape]: Shape[Place] extends 'id' | 'instant' | 'month' ? number : string;
};

/**
 * Reads a page's arguments.
 * @param instead stands in for an explicit null
 * @throws AppError BAD_USER_INPUT naming `first` or `after`
 */
export function readPage<const Shape extends CursorShape>(
  first: number | null,
  after: string | null | undefined,
  shape: Shape,
  instead = defaultFirst,
): PageArguments<CursorOf<Shape>> {
  return {
    first: checkPageSize(first ?? instead),
    after: after === null || after === undefined ? undefined : readCursor(after, shape),
  };
}

/**
 * Makes a page of records, one more of which than asked for tells that another page follows.
 * @param cursorOf the values that the list is ordered by
 */
export function toConnection<Item, Node>(
  records: readonly Item[],
  page: PageArguments<unknown>,
  toNode: (record: Item) => Node,
  cursorOf: (record: Item) => (number | string)[],
): Connection<Node> {
  const edges = records.slice(0, page.first).map((record) => ({
    cursor: writeCursor(cursorOf(record)),
    node: toNode(record),
  }));
  return {
    nodes: edges.map((edge) => edge.node),
    edges,
    pageInfo: {
      hasNextPage: records.length > page.first,
      hasPreviousPage: page.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function writeCursor(values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

function readCursor<Shape extends CursorShape>(text: string, shape: Shape): CursorOf<Shape> {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(values) &&
      values.length === shape.length &&
      shape.every((part, place) => cursorParts[part](values[place])) &&
      // Written as the service writes it: neither 1e0 for 1, nor base64 of another kind.
      writeCursor(values) === text;
    if (fits) return values as CursorOf<Shape>;
  } catch {
    // Falls through to the one answer for everything that is no cursor of this list.
  }
  throw new AppError('BAD_USER_INPUT', 'after must be a cursor that this list has answered.', 'after');
}

function isInteger(value: unknown, from: number, to: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
}

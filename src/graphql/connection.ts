import { type ClassType, Field, ObjectType } from 'type-graphql';
import { AppError } from '../errors';
import { checkPageSize } from '../values/checks';

@ObjectType({ description: 'Where a page lies in its list.' })
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
  @ObjectType(`${name}Edge`, { description: `A ${name} with its place in the list.` })
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

    @Field({ description: 'Where the page lies in the list.' })
    pageInfo: PageInfo;
  }
  return NodeConnection;
}

/** The arguments of every list, with their limits. */
export const firstDescription = 'How many to answer: 1 to 1000.';
export const afterDescription = 'Begin behind this cursor: `pageInfo.endCursor` of the page before.';

/** What a page is asked for with. */
export interface PageArguments<Cursor> {
  first: number;
  after: Cursor | undefined;
}

/** What the parts of a cursor must be. */
type CursorShape = readonly ('number' | 'string')[];

/**
 * Reads a page's arguments.
 * @param defaultFirst stands in for an explicit null
 * @throws AppError BAD_USER_INPUT naming `first` or `after`
 */
export function readPage(
  first: number | null,
  after: string | null | undefined,
  shape: CursorShape,
  defaultFirst: number,
): PageArguments<(number | string)[]> {
  return {
    first: checkPageSize(first ?? defaultFirst),
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
    cursor: Buffer.from(JSON.stringify(cursorOf(record))).toString('base64url'),
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

function readCursor(text: string, shape: CursorShape): (number | string)[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const fits =
      Array.isArray(values) &&
      values.length === shape.length &&
      values.every(
        (value, index) =>
          typeof value === shape[index] &&
          // No text that the service has stored holds what PostgreSQL cannot.
          (typeof value === 'string' ? !/\p{Cc}|\p{Cs}/u.test(value) : Number.isSafeInteger(value)),
      );
    if (fits) return values as (number | string)[];
  } catch {
    // Falls through to the one answer for everything that is no cursor of this list.
  }
  throw new AppError('BAD_USER_INPUT', 'after must be a cursor that this list has answered.', 'after');
}

/** Relay connections (https://relay.dev/graphql/connections.htm) over keyset pagination: a cursor
 *  is the sort key of its row, so that the cost of a page does not depend on its position, and rows
 *  written in between shift nothing. */
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { DEFAULT_PAGE, invalid, requireK } from './parameters';

@ObjectType({ description: 'Position of a page within the list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more items follow `endCursor`.' })
  hasNextPage: boolean;

  @Field(() => Boolean, {
    description: 'Whether items precede this page, that is, `after` was given.',
  })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first item; null on an empty page.' })
  startCursor: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Cursor of the last item, for the next `after`; null on an empty page.',
  })
  endCursor: string | null;
}

export interface Edge<Node> {
  readonly node: Node;
  readonly cursor: string;
}

export interface Connection<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
  /** Counts when asked for, and only then. */
  totalCount(): number | Promise<number>;
}

/** Makes the GraphQL types `<name>Edge` and `<name>Connection` of a node type, whose rows are
 *  `Node`.
 *  @param one for the descriptions, such as `movie` */
export function connectionType<Node extends object>(
  node: () => abstract new () => object,
  name: string,
  one: string,
) {
  @ObjectType(`${name}Edge`, { description: `A ${one} and its cursor.` })
  class EdgeType implements Edge<Node> {
    @Field(() => node(), { description: `The ${one}.` })
    readonly node: Node;

    @Field(() => String, { description: 'Opaque cursor of this item, for `after`.' })
    readonly cursor: string;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${one}s.` })
  class ConnectionType implements Connection<Node> {
    @Field(() => [EdgeType], { description: 'Edges of this page, in order.' })
    readonly edges: readonly EdgeType[];

    @Field(() => PageInfo, { description: 'Where the page lies in the whole list.' })
    readonly pageInfo: PageInfo;

    constructor(
      page: Page<Node>,
      private readonly count: () => number | Promise<number>,
    ) {
      this.edges = page.edges;
      this.pageInfo = page.pageInfo;
    }

    @Field(() => Int, {
      description: 'Number of items in the whole list. Counted only if requested.',
      complexity: 5,
    })
    totalCount(): number | Promise<number> {
      return this.count();
    }
  }
  return ConnectionType;
}

export interface Page<Node> {
  readonly edges: readonly Edge<Node>[];
  readonly pageInfo: PageInfo;
}

/** The sort key of the row before a page. */
export type Key = readonly number[];

/** @param rows first + 1 of them where there are more than `first`
 *  @param keyOf the sort key of a row */
export function pageOf<Node>(
  rows: readonly Node[],
  request: PageRequest,
  keyOf: (row: Node) => Key,
): Page<Node> {
  const edges = rows.slice(0, request.first).map((node) => ({ node, cursor: encodeCursor(keyOf(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > request.first,
      hasPreviousPage: request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

export interface PageRequest {
  readonly first: number;
  readonly after: Key | null;
}

/** The arguments of a list. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE, description: 'Number of items, 1 to 100.' })
  first: number;

  @Field(() => String, { nullable: true, description: 'Returns the items after this cursor.' })
  after?: string | null;
}

/** @param keyLength how many numbers a key of this list has
 *  @throws BadUserInputError on a size outside 1 to 100 or a cursor that this list did not give */
export function pageRequest({ first, after }: PageArgs, keyLength: number): PageRequest {
  return {
    first: requireK(first, 'first'),
    after: after === null || after === undefined ? null : decodeCursor(after, keyLength),
  };
}

function encodeCursor(key: Key): string {
  return Buffer.from(key.join(',')).toString('base64url');
}

function decodeCursor(cursor: string, keyLength: number): Key {
  const text = cursor.length <= 100 ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const key = /^-?\d{1,16}(,-?\d{1,16})*$/.test(text) ? text.split(',').map(Number) : [];
  if (
    key.length !== keyLength ||
    !key.every((part) => Number.isSafeInteger(part)) ||
    encodeCursor(key) !== cursor
  ) {
    throw invalid('after', 'must be a cursor returned by this list.');
  }
  return key;
}

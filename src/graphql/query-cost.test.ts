import { buildSchema, type DocumentNode, type OperationDefinitionNode, parse } from 'graphql';
import { costOfOperations } from './query-cost';

const schema = buildSchema(`
  type Query { movies(first: Int = 20): MovieConnection!  near(k: Int! = 10): [Movie!]!  genres: [String!]!  all: [Movie!]!  node: Node }
  type MovieConnection { edges: [Edge!]! totalCount: Int! }
  type Edge { node: Movie! }
  interface Node { id: ID! }
  type Movie implements Node { id: ID! title: String! near(k: Int! = 10): [Movie!]! }
`);
const costOf = costOfOperations(schema);
function cost(query: string, variables: Record<string, unknown> = {}): number {
  const document: DocumentNode = parse(query);
  return costOf(document, document.definitions[0] as OperationDefinitionNode, variables);
}

describe('the cost of a query', () => {
  it.each([
    ['{ genres }', 1],
    ['{ near(k: 3) { id title } }', 1 + 3 * 2],
    ['{ near { id title } }', 1 + 10 * 2],
    ['{ all { id } }', 1 + 10],
    ['{ near(k: 2) { near(k: 3) { id } } }', 1 + 2 * (1 + 3)],
    ['{ movies(first: 5) { edges { node { id } } totalCount } }', 1 + 5 * (1 + (1 + 1) + 1)],
    ['{ movies { totalCount } }', 1 + 20],
    ['{ a: genres b: genres }', 2],
    ['{ node { id ... on Movie { near(k: 4) { id } } } }', 1 + 1 + (1 + 4)],
    ['{ near(k: 2) { ...F } } fragment F on Movie { id title }', 1 + 2 * 2],
    ['{ near(k: 0) { id } }', 2],
    ['{ near(k: -5) { id } }', 2],
    ['{ __typename }', 0],
    ['{ __schema { types { name } } }', 500],
  ])('%s', (query, expected) => {
    expect(cost(query)).toBe(expected);
  });

  it('takes sizes from variables, their defaults, and the defaults of the schema, in this order', () => {
    expect(cost('query ($k: Int! = 7) { near(k: $k) { id } }', { k: 3 })).toBe(4);
    expect(cost('query ($k: Int! = 7) { near(k: $k) { id } }')).toBe(8);
    expect(cost('query ($first: Int) { movies(first: $first) { totalCount } }', { first: null })).toBe(21);
    expect(cost('query ($k: Int!) { near(k: $k) { id } }', { k: 'many' })).toBe(11);
  });

  it('evaluates a cached document anew for other variables', () => {
    const document = parse(
      'query ($k: Int!) { near(k: $k) { ...F } } fragment F on Movie { near(k: $k) { id } }',
    );
    const operation = document.definitions[0] as OperationDefinitionNode;
    expect(costOf(document, operation, { k: 2 })).toBe(1 + 2 * 3);
    expect(costOf(document, operation, { k: 10 })).toBe(1 + 10 * 11);
  });

  it('needs no exponential time for fragments that spread others twice', () => {
    const levels = 60;
    const fragments = Array.from(
      { length: levels },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join('\n');
    expect(cost(`{ ...F0 } ${fragments} fragment F${levels} on Query { genres }`)).toBe(2 ** levels);
  });
});

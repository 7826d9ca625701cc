import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { cachePolicies, NO_STORE, PERSONAL } from './cache-policy';

const schema = buildSchema(`
  type Query { movie: Movie, secret: Movie }
  type Mutation { change: Movie }
  type Movie { title: String, ratings: RatingConnection }
  type RatingConnection { edges: [RatingEdge], totalCount: Int }
  type RatingEdge { cursor: String, node: Rating }
  type Rating { value: Float, user: User }
  type User { id: ID }
`);
schema.getQueryType()!.getFields().movie.extensions = { cacheControl: { maxAgeSeconds: 60 } };
const policyOf = cachePolicies(schema);

it.each([
  ['{ movie { title } }', 'public, max-age=60'],
  ['{ movie { title } secret { title } }', PERSONAL],
  ['{ movie { ratings { edges { node { value } } } } }', PERSONAL],
  ['{ movie { ratings { edges { cursor } } } }', PERSONAL],
  ['{ movie { ...r } } fragment r on Movie { ratings { edges { node { user { id } } } } }', PERSONAL],
  ['mutation { change { title } }', NO_STORE],
])('of %s is %s', (query, policy) => {
  const document = parse(query);
  expect(policyOf(document, document.definitions[0] as OperationDefinitionNode)).toBe(policy);
});

import { buildSchema, parse, validate } from 'graphql';
import { QueryTooCostlyError } from '../errors';
import { aliasLimit, depthLimit } from './limits';

const schema = buildSchema('type Query { me: Query name: String }');
const problems = (query: string) => validate(schema, parse(query), [depthLimit(3), aliasLimit(2)]);

describe('limits of a document', () => {
  it.each([
    '{ me { me { name } } }',
    '{ a: name b: name }',
    '{ ...F } fragment F on Query { me { ... on Query { me { name } } } }',
  ])('lets pass %s', (query) => {
    expect(problems(query)).toEqual([]);
  });

  it.each([
    ['{ me { me { me { name } } } }', /4 levels deep; the limit is 3/],
    ['{ me { ...F } } fragment F on Query { me { me { name } } }', /4 levels deep/],
    ['{ ... { me { ... { me { me { name } } } } } }', /4 levels deep/],
    ['{ a: name b: name c: name }', /more than 2 aliases/],
  ])('refuses %s', (query, message) => {
    const [error, ...others] = problems(query);
    expect(others).toEqual([]);
    expect(error.message).toMatch(message);
    expect(error.originalError).toBeInstanceOf(QueryTooCostlyError);
  });

  it('ends on fragments that go in circles, and on ones that double at each step', () => {
    expect(
      problems('{ ...F } fragment F on Query { me { ...G } } fragment G on Query { me { ...F } }'),
    ).toEqual([]);
    const doubling = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join('\n');
    expect(problems(`{ ...F0 } ${doubling} fragment F60 on Query { name }`)).toEqual([]);
  });

  it('does not count the depth of introspection', () => {
    expect(problems('{ __schema { types { fields { type { ofType { name } } } } } }')).toEqual([]);
  });
});

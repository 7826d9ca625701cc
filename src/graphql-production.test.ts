/** What graphql-js does with an object of another copy of itself tells which of its two bodies was
 *  loaded. */
const foreign = { [Symbol.toStringTag]: 'GraphQLObjectType' };

function isObjectType(prepare: () => void): boolean {
  let answer: boolean | undefined;
  jest.isolateModules(() => {
    prepare();
    const graphql: typeof import('graphql') = require('graphql');
    answer = graphql.isObjectType(foreign);
  });
  return answer!;
}

it('loads graphql-js as in production, and leaves NODE_ENV as it was', () => {
  expect(() => isObjectType(() => undefined)).toThrow('from another module or realm');
  expect(isObjectType(() => require('./graphql-production'))).toBe(false);
  expect(process.env.NODE_ENV).toBe('test');
});

/** Which fields graphql-js resolves by itself: what a list has hundreds of must not pass through
 *  type-graphql's promises. */
import 'reflect-metadata';
import { isObjectType } from 'graphql';
import { RESOLVERS } from '../compose';
import { buildNearfieldSchema } from './schema';

describe('fields of objects', () => {
  const schema = buildNearfieldSchema(RESOLVERS);
  const resolverOf = (typeName: string, field: string) => {
    const type = schema.getType(typeName);
    return isObjectType(type) ? type.getFields()[field].resolve : null;
  };

  it.each([
    ['Recommendation', 'rank'],
    ['Recommendation', 'explanation'],
    ['RatedNeighbour', 'contribution'],
    ['Movie', 'title'],
  ])('%s.%s needs no resolver: it is there, or the object has a method for it', (type, field) => {
    expect(resolverOf(type, field)).toBeUndefined();
  });

  it.each([
    ['Movie', 'ratings', 'a resolver class answers it'],
    ['UserProfile', 'neighbours', 'it has a rule and an argument'],
  ])('%s.%s keeps its resolver: %s', (type, field) => {
    expect(resolverOf(type, field)).toBeInstanceOf(Function);
  });
});

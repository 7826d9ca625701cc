/** The schema is what is checked in, says what everything is. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GraphQLSchema, isEnumType, isInputObjectType, isIntrospectionType, isObjectType, isSpecifiedScalarType } from 'graphql';
import { RESOLVERS } from '../src/graphql/resolvers';
import { buildNearfieldSchema, printNearfieldSchema } from '../src/graphql/schema';

const schema: GraphQLSchema = buildNearfieldSchema(RESOLVERS);
const CONTRACT = {
  Query:
    'recommendations recommendationsFor tagRecommendations similarMovies similarUsers popularMovies user movie tag users movies tags ' +
    'experiments experiment compareExperiments leaderboard report search searches models activeModel serverInfo apiKeys ' +
    'trafficSplit trafficSplits splitReport retraining',
  Mutation:
    'trainModel cancelTraining cancelSearch promoteModel rollbackModel rateMovie unrateMovie tagMovie untagMovie createUser createMovie ' +
    'createApiKey revokeApiKey deleteModel trafficSplit',
  Subscription: 'trainingProgress',
};

it('is the one of schema/schema.graphql (else: npm run build && node scripts/emit-schema.mjs)', () => {
  expect(printNearfieldSchema(schema)).toBe(readFileSync(join(__dirname, '..', 'schema', 'schema.graphql'), 'utf8'));
});

it.each(Object.entries(CONTRACT))('%s has every name that clients may rely on', (root, names) => {
  const type = schema.getType(root);
  const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
  expect(fields).toEqual(expect.arrayContaining(names.split(' ')));
});

it('describes every type, field, argument, enum value and input field', () => {
  const bare: string[] = [];
  const check = (place: string, description: string | null | undefined) => {
    if (!description || description.length < 3) bare.push(place);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    check(type.name, type.description);
    if (isEnumType(type)) for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field.description);
      for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument.description);
    }
  }
  expect(bare).toEqual([]);
});

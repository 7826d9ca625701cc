/** The schema is what is checked in, says what everything is. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { RESOLVERS } from '../src/compose';
import { costOfOperations } from '../src/graphql/query-cost';
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
  expect(printNearfieldSchema(schema)).toBe(
    readFileSync(join(__dirname, '..', 'schema', 'schema.graphql'), 'utf8'),
  );
});

it.each(Object.entries(CONTRACT))('%s has every name that clients may rely on', (root, names) => {
  const type = schema.getType(root);
  const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
  expect(fields).toEqual(expect.arrayContaining(names.split(' ')));
});

it('prices lists and explanations by what they make the server do', () => {
  const price = (selection: string) => {
    const document = parse(`{ ${selection} }`);
    return costOfOperations(schema)(document, document.definitions[0] as OperationDefinitionNode, {});
  };
  const list = (arguments_: string, fields: string) =>
    price(`recommendations(userId: "1", ${arguments_}) { ${fields} }`);
  expect(list('k: 1', 'rank')).toBeGreaterThanOrEqual(20); // a scan of the catalog, however few are asked for
  expect(list('k: 50', 'rank')).toBeGreaterThan(list('k: 10', 'rank'));
  expect(list('k: 10', 'rank explanation { distancePercentile }')).toBeGreaterThan(
    list('k: 10', 'rank') + 10,
  );
  expect(price('recommendationsFor(taste: {}, k: 1) { rank }')).toBeGreaterThanOrEqual(20);
  // Many lists in one request do not come for the price of one.
  expect(
    price('a: recommendations(userId: "1") { rank } b: recommendations(userId: "2") { rank }'),
  ).toBeGreaterThanOrEqual(40);
});

it('describes every type, field, argument, enum value and input field', () => {
  const bare: string[] = [];
  const check = (place: string, description: string | null | undefined) => {
    if (!description || description.length < 3) bare.push(place);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    check(type.name, type.description);
    if (isEnumType(type))
      for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description);
    if (isInputObjectType(type))
      for (const field of Object.values(type.getFields()))
        check(`${type.name}.${field.name}`, field.description);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      check(`${type.name}.${field.name}`, field.description);
      for (const argument of field.args)
        check(`${type.name}.${field.name}(${argument.name})`, argument.description);
    }
  }
  expect(bare).toEqual([]);
});

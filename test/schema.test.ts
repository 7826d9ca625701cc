/** The schema is what is checked in, says what everything is, and lets nobody in without a rule. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  graphql,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  parse,
  subscribe,
} from 'graphql';
import { Query, Resolver } from 'type-graphql';
import { ServerContext } from '../src/graphql/request-context';
import { RESOLVERS } from '../src/graphql/resolvers';
import { buildNearfieldSchema, printNearfieldSchema } from '../src/graphql/schema';

const never = {
  get: () =>
    new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : () => Promise.reject(new Error(`${String(name)} was reached`))) }),
};
const schema: GraphQLSchema = buildNearfieldSchema(RESOLVERS, never);
const CONTRACT = {
  Query:
    'recommendations recommendationsFor tagRecommendations similarMovies similarUsers popularMovies user movie tag users movies tags ' +
    'experiments experiment compareExperiments leaderboard report search searches models activeModel serverInfo',
  Mutation:
    'trainModel cancelTraining cancelSearch promoteModel rollbackModel rateMovie unrateMovie tagMovie untagMovie createUser createMovie',
  Subscription: 'trainingProgress',
};
const ADMIN_ONLY = ['trainModel', 'cancelTraining', 'cancelSearch', 'promoteModel', 'rollbackModel'];

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

describe('who may call what', () => {
  const rootFields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) =>
    root ? Object.values(root.getFields()).map((field) => [`${root.name}.${field.name}`, root.name, field] as const) : [],
  );

  async function codesOf(root: string, field: GraphQLField<unknown, unknown>, role: 'ANONYMOUS' | 'MEMBER'): Promise<unknown[]> {
    const contextValue = new ServerContext(role, 'test');
    const source = `${root.toLowerCase()} { ${callOf(field)} }`;
    const result =
      root === 'Subscription'
        ? await subscribe({ schema, document: parse(source), contextValue })
        : await graphql({ schema, source, contextValue });
    if (!('errors' in result)) return ['answered'];
    return result.errors!.map((error) => (error.originalError as { code?: string } | undefined)?.code ?? error.message);
  }

  it.each(rootFields)('%s is closed to strangers', async (_name, root, field) => {
    expect(await codesOf(root, field, 'ANONYMOUS')).toEqual(['UNAUTHENTICATED']);
  });

  it.each(rootFields.filter(([, root]) => root === 'Mutation'))(
    '%s: what changes models is for admins, the rest for members',
    async (_name, root, field) => {
      const codes = await codesOf(root, field, 'MEMBER');
      if (ADMIN_ONLY.includes(field.name)) expect(codes).toEqual(['FORBIDDEN']);
      else expect(codes).not.toEqual(['FORBIDDEN']);
    },
  );

  it('is asked of every root field when the schema is built', () => {
    @Resolver()
    class Careless {
      @Query(() => String, { description: 'Open to all.' })
      open(): string {
        return '';
      }
    }
    expect(() => buildNearfieldSchema([Careless])).toThrow('Root fields without @Authorized(role): open.');
  });
});

/** A call with the least that the schema asks for. */
function callOf(field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter((argument: GraphQLArgument) => isNonNullType(argument.type) && argument.defaultValue === undefined);
  const given = required.map((argument) => `${argument.name}: ${literalOf(argument.type)}`);
  const selection = isObjectType(getNamedType(field.type)) ? ' { __typename }' : '';
  return `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${selection}`;
}

function literalOf(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return '[]';
  if (isEnumType(nullable)) return nullable.getValues()[0].name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter((field) => isNonNullType(field.type) && field.defaultValue === undefined);
    return `{ ${fields.map((field) => `${field.name}: ${literalOf(field.type)}`).join(', ')} }`;
  }
  return nullable.name === 'String' ? '"a"' : nullable.name === 'Boolean' ? 'true' : '1';
}

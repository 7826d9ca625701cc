/** Calls of root fields with the least that the schema asks for: every id in them is 1. */
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** @returns GraphQL, such as `movie(id: 1) { __typename }` */
export function callOf(field: GraphQLField<unknown, unknown>): string {
  const required = field.args.filter(
    (argument: GraphQLArgument) => isNonNullType(argument.type) && argument.defaultValue === undefined,
  );
  const given = required.map((argument) => `${argument.name}: ${literalOf(argument.type)}`);
  const selection = isObjectType(getNamedType(field.type)) ? ' { __typename }' : '';
  return `${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''}${selection}`;
}

function literalOf(type: GraphQLInputType): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return '[]';
  if (isEnumType(nullable)) return nullable.getValues()[0].name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(
      (field) => isNonNullType(field.type) && field.defaultValue === undefined,
    );
    return `{ ${fields.map((field) => `${field.name}: ${literalOf(field.type)}`).join(', ')} }`;
  }
  if (nullable.name === 'DateTime') return '"2030-01-01T00:00:00Z"';
  return nullable.name === 'String' ? '"a"' : nullable.name === 'Boolean' ? 'true' : '1';
}

/** Reading a document with its schema: shared by the limits, the cost and the cache policy. */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
} from 'graphql';

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/** @param name of a type condition; `otherwise` where there is none, or no such type */
export function typeNamed(
  schema: GraphQLSchema,
  name: string | undefined,
  otherwise: GraphQLCompositeType,
): GraphQLCompositeType {
  const type = name === undefined ? otherwise : schema.getType(name);
  return isCompositeType(type) ? type : otherwise;
}

export function fieldOf(
  parent: GraphQLCompositeType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}

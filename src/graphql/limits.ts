/** What one document may ask for, checked once per document: nesting, aliases, and (at run time)
 *  introspection. */
import {
  type ASTVisitor,
  type DocumentNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { QueryTooCostlyError } from '../errors';
import { fragmentsOf } from './document';

/** Aliases multiply work without adding depth. */
export const MAX_ALIASES = 50;

/** Refuses selections nested deeper than `limit`; a root field is at depth 1. The schema's own
 *  description (`__schema`, `__type`) does not count: graphql-js bounds it
 *  (MaxIntrospectionDepthRule), and tools need 13 levels of it. */
export function depthLimit(limit: number): ValidationRule {
  return (context: ValidationContext): ASTVisitor => ({
    Document(document) {
      const depth = documentDepth(document);
      if (depth > limit)
        context.reportError(tooCostly(`The query is ${depth} levels deep; the limit is ${limit}.`));
    },
  });
}

export function aliasLimit(limit: number): ValidationRule {
  return (context: ValidationContext): ASTVisitor => {
    let aliases = 0;
    return {
      Field(node) {
        if (node.alias && ++aliases === limit + 1) {
          context.reportError(
            tooCostly(`The query has more than ${limit} aliases. Send several requests instead.`),
          );
        }
      },
    };
  };
}

export const noIntrospection: ValidationRule = (context) => ({
  Field(node) {
    if (node.name.value === '__schema' || node.name.value === '__type') {
      context.reportError(new GraphQLError('Introspection is disabled on this server.', { nodes: [node] }));
    }
  },
});

function tooCostly(message: string): GraphQLError {
  return new GraphQLError(message, { originalError: new QueryTooCostlyError(message) });
}

/** Fragments are measured once each, so that fragments in fragments stay linear; a cycle is another
 *  rule's error. */
function documentDepth(document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  const measured = new Map<string, number>();
  const depthOf = (set: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of set.selections) deepest = Math.max(deepest, selectionDepth(selection));
    return deepest;
  };
  const selectionDepth = (selection: SelectionSetNode['selections'][number]): number => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet);
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value.startsWith('__')) return 1;
      return 1 + (selection.selectionSet ? depthOf(selection.selectionSet) : 0);
    }
    const name = selection.name.value;
    const known = measured.get(name);
    if (known !== undefined) return known;
    measured.set(name, 0);
    const fragment = fragments.get(name);
    const depth = fragment ? depthOf(fragment.selectionSet) : 0;
    measured.set(name, depth);
    return depth;
  };
  return Math.max(
    0,
    ...document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? depthOf(definition.selectionSet) : 0,
    ),
  );
}

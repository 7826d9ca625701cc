/** What an answer's `Cache-Control` says (RFC 9111). A root field that anyone with a key may cache
 *  declares for how long: `@Extensions({ cacheControl: { maxAgeSeconds: 60 } })`. The policy of a
 *  document is worked out once. */
import {
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { fieldOf, fragmentsOf, typeNamed } from './document';

/** Types that tell of single users. */
const OF_SOMEBODY: ReadonlySet<string> = new Set([
  'User',
  'Rating',
  'RatingConnection',
  'Tagging',
  'TaggingConnection',
]);

/** Of failures, and of what was changed. */
export const NO_STORE = 'no-store';
/** Of one person's answer, and of what the next request may see changed. */
export const PERSONAL = 'private, no-cache';

export type CachePolicyOf = (document: DocumentNode, operation: OperationDefinitionNode) => string;

/** @returns a function that gives an operation's `Cache-Control` where nothing failed */
export function cachePolicies(schema: GraphQLSchema): CachePolicyOf {
  const known = new WeakMap<OperationDefinitionNode, string>();
  return (document, operation) => {
    let policy = known.get(operation);
    if (policy === undefined) {
      policy = policyOf(schema, document, operation);
      known.set(operation, policy);
    }
    return policy;
  };
}

/** Cacheable is what consists of cacheable root fields only and shows no user. */
function policyOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): string {
  if (operation.operation !== 'query') return NO_STORE;
  const fragments = fragmentsOf(document);
  const root = schema.getQueryType();
  const seen = new Set<SelectionSetNode>();
  let maxAge = Number.POSITIVE_INFINITY;

  const visit = (set: SelectionSetNode, parent: GraphQLCompositeType): void => {
    if (seen.has(set)) return;
    seen.add(set);
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = fragments.get(selection.name.value);
        if (fragment)
          visit(fragment.selectionSet, typeNamed(schema, fragment.typeCondition.name.value, parent));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        visit(selection.selectionSet, typeNamed(schema, selection.typeCondition?.name.value, parent));
      } else {
        const { value: name } = selection.name;
        if (name === '__typename') continue;
        const field = fieldOf(parent, name);
        if (parent === root) maxAge = Math.min(maxAge, maxAgeOf(field?.extensions));
        if (!field || !selection.selectionSet) continue;
        const type = getNamedType(field.type);
        if (OF_SOMEBODY.has(type.name)) maxAge = 0;
        if (isCompositeType(type)) visit(selection.selectionSet, type);
      }
    }
  };
  if (root) visit(operation.selectionSet, root);
  return maxAge > 0 && Number.isFinite(maxAge) ? `public, max-age=${maxAge}` : PERSONAL;
}

/** @returns seconds; 0 for a field that does not say */
export function maxAgeOf(extensions: Readonly<Record<string, unknown>> | undefined): number {
  const stated = extensions?.cacheControl;
  if (typeof stated !== 'object' || stated === null || !('maxAgeSeconds' in stated)) return 0;
  return typeof stated.maxAgeSeconds === 'number' ? stated.maxAgeSeconds : 0;
}

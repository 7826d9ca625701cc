/** A caller with the role USER may see only their own `User`, by whatever field it enters the
 *  answer (raters, taggers, neighbours). Rules of root fields check arguments; this checks results,
 *  so a new field needs no extra rule. */
import { defaultFieldResolver, type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { ForbiddenError } from '../errors';
import type { RequestContext } from '../request/context';

/** Wraps each field that answers with users. Callers of other roles pay one comparison. */
export function guardUsers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (getNamedType(field.type).name !== 'User') continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: RequestContext, info) => {
        const value: unknown = resolve(source, args, context, info);
        if (context.role !== 'USER') return value;
        return value instanceof Promise
          ? value.then((user) => themselves(user, context))
          : themselves(value, context);
      };
    }
  }
}

function themselves(value: unknown, context: RequestContext): unknown {
  if (value === null || value === undefined) return value;
  const users = Array.isArray(value) ? value : [value];
  if (users.every((user: { readonly id?: unknown } | null) => user === null || user.id === context.userId))
    return value;
  throw new ForbiddenError(
    `The caller is user ${context.userId}, who may not see the identity of other users.`,
  );
}

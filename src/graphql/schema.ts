/** The schema: resolver classes in, one executable GraphQLSchema out. Every root field must say who
 *  may call it. */

import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { buildSchemaSync, type ContainerType, getMetadataStorage } from 'type-graphql';
import { type AccessRule, admits, checkAccess, ROLES, type Role, readRule } from '../request/access-rules';
import { guardUsers } from './own-user';

const ROOT_DESCRIPTIONS: Readonly<Record<string, string>> = {
  Query:
    'Read operations. Users, movies and tags are points in one space, and lists are ' +
    'ranked by distance.',
  Mutation: 'Write operations. Each mutation returns a payload object.',
  Subscription: 'Subscriptions over WebSocket (graphql-transport-ws) at the same address.',
};

export type ResolverClass = abstract new (...parameters: never[]) => object;

/** Gives each resolver class its instance.
 *  @throws Error from `get`, naming the class that has no instance */
export function containerOf(instances: readonly object[]): { get(resolverClass: unknown): object } {
  const byClass = new Map<unknown, object>(instances.map((instance) => [instance.constructor, instance]));
  return {
    get(resolverClass: unknown): object {
      const instance = byClass.get(resolverClass);
      if (!instance)
        throw new Error(
          `The container has no instance of resolver ${(resolverClass as { name?: string }).name}.`,
        );
      return instance;
    },
  };
}

/** @param resolvers instances; or classes, when the schema is only printed or `container` is given
 *  @throws Error on a root field without `@Authorized` */
export function buildNearfieldSchema(
  resolvers: readonly (ResolverClass | object)[],
  container: ContainerType = containerOf(resolvers),
): GraphQLSchema {
  const classes = resolvers.map((it) => (typeof it === 'function' ? it : it.constructor) as ResolverClass);
  const schema = buildSchemaSync({
    resolvers: classes as unknown as [ResolverClass, ...ResolverClass[]],
    validate: false, // inputs are checked by hand, with the field's name in the error
    authChecker: ({ context, args }, roles) => checkAccess(context, args, roles as unknown as AccessRule),
    scalarsMap: [
      { type: Date, scalar: GraphQLDateTime },
      { type: Object, scalar: GraphQLJSON },
    ],
    pubSub: NO_BROADCAST,
    container,
  });
  readAccessRules(schema, classes);
  describeRoots(schema);
  useDefaultResolvers(schema);
  guardUsers(schema);
  return schema;
}

/** The text of `schema/schema.graphql`. */
export function printNearfieldSchema(schema: GraphQLSchema): string {
  const header =
    '# Emitted from src/ by `npm run schema`; do not edit. A test fails when the two differ.\n\n';
  return `${header}${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** Subscriptions here bring their own `subscribe`; type-graphql asks for a broadcaster all the
 *  same. */
const NO_BROADCAST = {
  publish(topic: string): never {
    throw new Error(`Topic ${topic} has no source. Give the subscription a "subscribe" function.`);
  },
  subscribe(topic: string): never {
    throw new Error(`Topic ${topic} has no source. Give the subscription a "subscribe" function.`);
  },
};

/** Keeps each root field's rule in its extensions (`accessOf` reads it).
 *  @throws Error naming the root fields without a rule, or with one that cannot be */
function readAccessRules(schema: GraphQLSchema, resolvers: readonly ResolverClass[]): void {
  const { queries, mutations, subscriptions } = getMetadataStorage();
  const open: string[] = [];
  for (const [root, fields] of [
    [schema.getQueryType(), queries],
    [schema.getMutationType(), mutations],
    [schema.getSubscriptionType(), subscriptions],
  ] as const) {
    for (const { target, schemaName, roles } of fields) {
      if (!resolvers.includes(target as ResolverClass)) continue;
      const field = root?.getFields()[schemaName];
      if (!field || !roles?.length) open.push(schemaName);
      else field.extensions = { ...field.extensions, access: checkRule(field, readRule(roles)) };
    }
  }
  if (open.length > 0) throw new Error(`Root fields without @Authorized(role): ${open.join(', ')}.`);
}

/** A rule with a nonexistent argument would silently refuse every user. */
function checkRule(field: GraphQLField<unknown, unknown>, rule: AccessRule): AccessRule {
  const path = admits(rule, 'USER');
  if (typeof path === 'boolean') return rule;
  const [argument, ...rest] = path.split('.');
  let type: GraphQLInputType | undefined = field.args.find(({ name }) => name === argument)?.type;
  for (const name of rest) {
    const input = type && getNullableType(type);
    type = isInputObjectType(input) ? input.getFields()[name]?.type : undefined;
  }
  if (!type || getNamedType(type).name !== 'ID')
    throw new Error(`The access rule of ${field.name} refers to ${path}, which is not an id.`);
  return rule;
}

/** The rule of a root field of a built schema. */
export function accessOf(field: GraphQLField<unknown, unknown>): AccessRule {
  return readRule(field.extensions.access as readonly string[]);
}

function describeRoots(schema: GraphQLSchema): void {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) root.description = ROOT_DESCRIPTIONS[root.name];
  }
}

/** type-graphql wraps every property in an async middleware chain. A plain property needs none, nor
 *  does a method of the object itself that takes nothing, which graphql-js calls as it is; and
 *  lists have thousands of them. */
function useDefaultResolvers(schema: GraphQLSchema): void {
  const { objectTypes, fieldResolvers } = getMetadataStorage();
  for (const metadata of objectTypes) {
    const type = schema.getType(metadata.name);
    if (!isObjectType(type)) continue;
    for (const field of metadata.fields ?? []) {
      const computed = fieldResolvers.some(
        (it) =>
          it.methodName === field.name &&
          it.getObjectType?.() === field.target &&
          (it.kind === 'external' || it.params?.length),
      );
      const plain =
        !computed && !field.roles && !field.middlewares?.length && field.name === field.schemaName;
      const built = type.getFields()[field.schemaName];
      if (plain && built) delete built.resolve;
    }
  }
}

/** Who may call each root field, as the table `schema/access.md`: one row a root field, one column
 *  a role. */
export function printAccessTable(schema: GraphQLSchema): string {
  const rows: string[] = [];
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (!root) continue;
    const fields = Object.values(root.getFields()).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const field of fields)
      rows.push(
        `| \`${root.name}.${field.name}\` | ${ROLES.map((role) => cell(field, role)).join(' | ')} |`,
      );
  }
  return [
    '<!-- Emitted from src/ by `npm run schema`; do not edit. A test fails when the two differ. -->',
    '# Who may call what',
    '',
    '`own`: for the user whom the key or token is bound to, and who must be the one that the ' +
      'argument in parentheses names.',
    'What the roles are for, and how a caller gets one: [docs/security.md](../docs/security.md).',
    '',
    `| Root field | ${ROLES.join(' | ')} |`,
    `| --- |${' --- |'.repeat(ROLES.length)}`,
    ...rows,
    '',
  ].join('\n');
}

function cell(field: GraphQLField<unknown, unknown>, role: Role): string {
  const admitted = admits(accessOf(field), role);
  return typeof admitted === 'string' ? `own (\`${admitted}\`)` : admitted ? 'yes' : '';
}

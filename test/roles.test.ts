/** Who may call what: every root field is called by every role, and the answers are what
 *  schema/access.md says. */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, type GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { Arg, Authorized, ID, Mutation, Query, Resolver } from 'type-graphql';
import { RESOLVERS } from '../src/compose';
import { buildNearfieldSchema, printAccessTable } from '../src/graphql/schema';
import { type CallerRole, ROLES } from '../src/request/access-rules';
import { RequestContext } from '../src/request/context';
import { callOf } from './support/minimal-call';

/** Stands for every resolver: it tells that it was reached. */
const reached = {
  get: () =>
    new Proxy(
      {},
      {
        get: (_, name) =>
          name === 'then' ? undefined : () => Promise.reject(new Error(`${String(name)} was reached`)),
      },
    ),
};
const schema: GraphQLSchema = buildNearfieldSchema(RESOLVERS, reached);
const table = readFileSync(join(__dirname, '..', 'schema', 'access.md'), 'utf8');
const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
const rootFields = roots.flatMap((root) =>
  Object.values(root?.getFields() ?? {}).map(
    (field) => [`${root!.name}.${field.name}`, root!.name, field] as const,
  ),
);

/** The user whom every minimal call speaks of. */
const NAMED = 1;
const SOMEONE_ELSE = 2;

async function outcome(
  root: string,
  call: string,
  role: CallerRole['role'],
  userId: number | null = null,
): Promise<string> {
  const document = parse(`${root.toLowerCase()} { ${call} }`);
  expect(validate(schema, document)).toEqual([]);
  const contextValue = new RequestContext(role, 'test', userId);
  const result = await (root === 'Subscription' ? subscribe : execute)({ schema, document, contextValue });
  const errors = 'errors' in result ? (result.errors ?? []) : [];
  const codes = errors.map(({ originalError }) => (originalError as { code?: string } | undefined)?.code);
  return codes.find((code) => code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') ?? 'admitted';
}

it('is what schema/access.md says (else: npm run schema)', () => {
  expect(printAccessTable(schema)).toBe(table);
});

describe.each(rootFields)('%s', (name, root, field) => {
  const row = table.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
  const cells = new Map(ROLES.map((role, i) => [role, row?.split('|')[i + 2]?.trim() ?? 'no row']));
  const call = callOf(field);

  it('is closed to strangers', async () => {
    expect(await outcome(root, call, 'ANONYMOUS')).toBe('UNAUTHENTICATED');
  });

  it.each(ROLES.filter((role) => role !== 'USER'))('treats %s as the table says', async (role) => {
    expect(await outcome(root, call, role)).toBe(cells.get(role) === 'yes' ? 'admitted' : 'FORBIDDEN');
  });

  it('treats users as the table says', async () => {
    const cell = cells.get('USER');
    const [theirs, others] = [
      await outcome(root, call, 'USER', NAMED),
      await outcome(root, call, 'USER', SOMEONE_ELSE),
    ];
    if (cell === 'yes') expect([theirs, others]).toEqual(['admitted', 'admitted']);
    else if (cell?.startsWith('own')) expect([theirs, others]).toEqual(['admitted', 'FORBIDDEN']);
    else expect([theirs, others]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
});

it('no mutation is open to readers, and none about others to users', async () => {
  for (const [name, root, field] of rootFields.filter(([, root]) => root === 'Mutation')) {
    expect([name, await outcome(root, callOf(field), 'READER')]).toEqual([name, 'FORBIDDEN']);
    expect([name, await outcome(root, callOf(field), 'USER', SOMEONE_ELSE)]).toEqual([name, 'FORBIDDEN']);
  }
});

it("a movie's ratings are not for users, since a cursor names who rated", async () => {
  const finder = {
    get: () =>
      new Proxy(reached.get(), {
        get: (target, name) =>
          name === 'movie' ? () => Promise.resolve({ id: 1 }) : Reflect.get(target, name),
      }),
  };
  const found = buildNearfieldSchema(RESOLVERS, finder);
  const document = parse('{ movie(id: 1) { ratings { pageInfo { endCursor } } } }');
  const messageFor = async (role: CallerRole['role'], userId: number | null) => {
    const contextValue = new RequestContext(role, 'test', userId);
    return (await execute({ schema: found, document, contextValue })).errors?.map(
      ({ originalError }) => originalError,
    );
  };
  expect(await messageFor('USER', NAMED)).toEqual([expect.objectContaining({ code: 'FORBIDDEN' })]);
  expect(await messageFor('READER', null)).toEqual([new Error('ratings was reached')]);
});

describe('a schema is not built', () => {
  it('with a root field without a rule', () => {
    @Resolver()
    class Careless {
      @Query(() => String, { description: 'Open to all.' })
      open(): string {
        return '';
      }
    }
    expect(() => buildNearfieldSchema([Careless])).toThrow('Root fields without @Authorized(role): open.');
  });

  it('with a rule about an argument that is not there', () => {
    @Resolver()
    class Mistaken {
      @Authorized('READER', 'USER')
      @Query(() => String, { description: 'Something.' })
      some(): string {
        return '';
      }

      @Authorized('MEMBER', 'own:user')
      @Mutation(() => String, { description: 'Meant for the user themselves.' })
      mistaken(@Arg('userId', () => ID, { description: 'Who.' }) userId: string): string {
        return userId;
      }
    }
    expect(() => buildNearfieldSchema([Mistaken])).toThrow(
      'The access rule of mistaken refers to user, which is not an id.',
    );
  });
});

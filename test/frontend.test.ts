/** What a frontend leans on, over real HTTP: persisted queries, what a query costs, and which
 *  answers may be cached. */
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { Arg, Authorized, Extensions, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { User } from '../src/catalog/user.entity';
import { NotFoundError } from '../src/errors';
import { PersistedQueries } from '../src/graphql/apollo';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { startTestServer, type TestServer } from './support/graphql-server';

@Resolver()
class ShopResolver {
  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => String, { description: 'The same for everyone.' })
  shelf(@Arg('id', () => ID, { nullable: true, description: 'Which.' }) id: string | null): string {
    if (id === 'gone') throw new NotFoundError('shelf', id);
    return `shelf ${id}`;
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 10 } })
  @Query(() => [Int], { description: 'The same for everyone, for a while.' })
  prices(@Arg('k', () => Int, { defaultValue: 10, description: 'How many.' }) k: number): number[] {
    return Array.from({ length: k }, (_, i) => i);
  }

  @Authorized('READER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [User], { description: 'Customers.' })
  customers(@Arg('k', () => Int, { defaultValue: 10, description: 'How many.' }) k: number): object[] {
    return Array.from({ length: k }, (_, i) => ({ id: i + 1 }));
  }

  @Authorized('READER')
  @Query(() => String, { description: 'One person’s.' })
  basket(): string {
    return 'mine';
  }

  @Authorized('MEMBER')
  @Mutation(() => Boolean, { description: 'Changes something.' })
  buy(): boolean {
    return true;
  }
}

const ORIGIN = 'https://shop.example';
let server: TestServer;
beforeAll(async () => {
  const schema = buildNearfieldSchema([new ShopResolver()]);
  server = await startTestServer({ schema, config: { maxQueryCost: 100, allowedOrigins: [ORIGIN] } });
});
afterAll(() => server.close());

const sha256 = (query: string) => createHash('sha256').update(query).digest('hex');
const persisted = (hash: unknown, version: unknown = 1) => ({
  persistedQuery: { version, sha256Hash: hash },
});

async function send(body: object): Promise<{ status: number; headers: Headers; body: Body }> {
  const response = await fetch(`${server.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}
interface Body {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { extensions: { code: string } }[];
  readonly extensions?: { cost: { requested: number; limit: number } };
}
const codes = ({ body }: { body: Body }) => body.errors?.map(({ extensions }) => extensions.code);

describe('persisted queries', () => {
  const query = 'query Shelf($id: ID) { shelf(id: $id) }';
  const variables = { id: '7' };

  it('are unknown, are told once, and then asked for by their hash, by POST and by GET', async () => {
    const unknown = await send({ extensions: persisted(sha256(query)), variables });
    expect([unknown.status, codes(unknown)]).toEqual([200, ['PERSISTED_QUERY_NOT_FOUND']]);
    expect(unknown.headers.get('cache-control')).toBe('no-store');
    expect((await send({ query, extensions: persisted(sha256(query)), variables })).body.data).toEqual({
      shelf: 'shelf 7',
    });
    expect((await send({ extensions: persisted(sha256(query)), variables })).body.data).toEqual({
      shelf: 'shelf 7',
    });

    const search = new URLSearchParams({
      variables: JSON.stringify(variables),
      extensions: JSON.stringify(persisted(sha256(query))),
    });
    const got = await fetch(`${server.origin}/graphql?${search}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(await got.json()).toMatchObject({ data: { shelf: 'shelf 7' } });
    expect(got.headers.get('cache-control')).toBe('public, max-age=60');
  });

  it('are refused under a hash that is not theirs', async () => {
    const wrong = [
      persisted(sha256('{ basket }')),
      persisted(42),
      persisted(sha256(query), 2),
      { persistedQuery: true },
    ];
    for (const extensions of wrong) {
      const answer = await send({ query, extensions });
      expect([answer.status, codes(answer)]).toEqual([400, ['BAD_REQUEST']]);
    }
  });

  it('are not remembered when a limit refuses them', async () => {
    const costly = '{ customers(k: 1000) { id } }';
    expect(codes(await send({ query: costly, extensions: persisted(sha256(costly)) }))).toEqual([
      'QUERY_TOO_COSTLY',
    ]);
    expect(codes(await send({ extensions: persisted(sha256(costly)) }))).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
    ]);
  });

  it('pay for their variables like others', async () => {
    const sized = 'query Sized($k: Int!) { customers(k: $k) { id } }';
    expect(
      (await send({ query: sized, variables: { k: 1 }, extensions: persisted(sha256(sized)) })).body.errors,
    ).toBeUndefined();
    expect(codes(await send({ variables: { k: 1000 }, extensions: persisted(sha256(sized)) }))).toEqual([
      'QUERY_TOO_COSTLY',
    ]);
  });

  it('are bounded in number and size', async () => {
    const queries = new PersistedQueries();
    for (let i = 0; i <= 1_000; i++) await queries.set(`${i}`, '{ a }');
    expect([await queries.get('0'), await queries.get('1000')]).toEqual([undefined, '{ a }']);
    for (let i = 0; i < 5; i++) await queries.set(`long ${i}`, 'x'.repeat(2_000_000));
    expect([await queries.get('1000'), await queries.get('long 0')]).toEqual([undefined, undefined]);
    expect(await queries.get('long 4')).toHaveLength(2_000_000);
  });
});

describe('the cost of a query', () => {
  it.each([
    ['{ shelf }', 1],
    ['{ shelf customers(k: 7) { id } }', 9],
    ['{ shelf(id: "gone") }', 1],
  ])('stands in the answer to %s', async (query, requested) => {
    expect((await send({ query })).body.extensions).toEqual({ cost: { requested, limit: 100 } });
  });

  it('stands also in the answer that refuses it, and in none to what is no query', async () => {
    const refused = await send({ query: '{ customers(k: 100) { id } }' });
    expect([refused.status, refused.body.extensions]).toEqual([
      400,
      { cost: { requested: 101, limit: 100 } },
    ]);
    expect((await send({ query: '{ nonsense }' })).body.extensions).toBeUndefined();
  });
});

describe('which answers may be cached', () => {
  it.each([
    ['{ shelf }', 'public, max-age=60'],
    ['{ shelf prices(k: 3) __typename }', 'public, max-age=10'],
    ['query A { ...All } fragment All on Query { prices ... on Query { shelf } }', 'public, max-age=10'],
    ['{ basket }', 'private, no-cache'],
    ['{ shelf basket }', 'private, no-cache'],
    ['{ shelf ... { ... { basket } } }', 'private, no-cache'],
    ['{ shelf customers(k: 1) { id } }', 'private, no-cache'],
    ['{ __typename }', 'private, no-cache'],
    ['mutation { buy }', 'no-store'],
    ['{ shelf(id: "gone") }', 'no-store'],
    ['{ nonsense }', 'no-store'],
    ['{', 'no-store'],
  ])('%s: %s', async (query, expected) => {
    const { headers } = await send({ query });
    expect(headers.get('cache-control')).toBe(expected);
    expect(headers.get('vary')).toBe(expected.startsWith('public') ? 'Origin, authorization' : 'Origin');
  });

  it('depends on the origin too where one is listed', async () => {
    const { headers } = await server.ask('{ shelf }', {}, { origin: ORIGIN });
    expect(headers.get('vary')).toBe('Origin, authorization');
  });
});

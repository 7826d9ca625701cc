/** Lists under random filters and options, through the whole API: each obeys its filter and is full
 *  when it can be. */
import fc from 'fast-check';
import { type ExecutionResult, graphql } from 'graphql';
import { checkFilter, type MovieFilter } from '../src/catalog/movie-filter.input';
import { createCatalogResolvers } from '../src/catalog/resolvers';
import type { Database } from '../src/database/database';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { Random } from '../src/numeric/random';
import { NeighbourResolver } from '../src/recommendations/neighbour.resolver';
import { RecommendationResolver } from '../src/recommendations/recommendation.resolver';
import { RequestContext } from '../src/request/context';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';
import { type FilteredMovie, matchesFilter } from './support/matches-filter';

const MOVIES = 60;
const USERS = 12;
const TAGS = 6;
const GENRES = ['Horror', 'Comedy', 'Drama', 'War'];
const BOTH = { seen: true, nearTags: true };

interface World {
  readonly facts: readonly Omit<FilteredMovie, 'seen'>[];
  /** Movie ids by user id. */
  readonly rated: ReadonlyMap<number, ReadonlySet<number>>;
}

async function seed(database: Database): Promise<World> {
  const random = new Random(11);
  const ids = Array.from({ length: MOVIES }, (_, i) => i + 1);
  const movies = ids.map((id) => ({
    id,
    year: random.integerBelow(6) === 0 ? null : 1980 + random.integerBelow(30),
    genres: GENRES.filter(() => random.integerBelow(3) === 0),
  }));
  const taggings = ids.flatMap((movie) =>
    Array.from({ length: TAGS }, (_, t) => ({ movie, tag: t + 1 })).filter(
      () => random.integerBelow(5) === 0,
    ),
  );
  // User 12 has rated nothing.
  const ratings = ids.flatMap((movie) =>
    Array.from({ length: USERS - 1 }, (_, u) => ({ user: u + 1, movie })).filter(
      () => random.integerBelow(4) === 0,
    ),
  );
  await database.query('insert into app_user (id) select generate_series(1, $1)', [USERS]);
  await database.query(
    `insert into movie (id, title, year, genres)
     select id, 'Movie ' || id, year, coalesce(string_to_array(nullif(genres, ''), '|'), '{}')
     from unnest($1::int[], $2::int[], $3::text[]) as m (id, year, genres)`,
    [ids, movies.map(({ year }) => year), movies.map(({ genres }) => genres.join('|'))],
  );
  await database.query(
    "insert into tag (id, name, key) select id, 'tag ' || id, 'tag ' || id from generate_series(1, $1) as t (id)",
    [TAGS],
  );
  await database.query("select setval(pg_get_serial_sequence('tag', 'id'), 100)");
  await database.query(
    'insert into tagging (user_id, movie_id, tag_id, tagged_at) select 1, m, t, now() from unnest($1::int[], $2::int[]) as x (m, t)',
    [taggings.map(({ movie }) => movie), taggings.map(({ tag }) => tag)],
  );
  await database.query(
    'insert into rating (user_id, movie_id, value, rated_at) select u, m, 4, now() from unnest($1::int[], $2::int[]) as x (u, m)',
    [ratings.map(({ user }) => user), ratings.map(({ movie }) => movie)],
  );
  return {
    facts: movies.map((movie) => ({
      ...movie,
      tagIds: taggings.filter((it) => it.movie === movie.id).map(({ tag }) => tag),
      ratings: ratings.filter((it) => it.movie === movie.id).length,
    })),
    rated: new Map(
      Array.from({ length: USERS }, (_, u) => [
        u + 1,
        new Set(ratings.filter(({ user }) => user === u + 1).map(({ movie }) => movie)),
      ]),
    ),
  };
}

const id = (most: number) => fc.integer({ min: 1, max: most }).map(String);
const conditions = {
  genresAnyOf: fc.subarray([...GENRES, 'Western']),
  genresNoneOf: fc.subarray(GENRES, { maxLength: 2 }),
  tagsAnyOf: fc.array(id(TAGS + 1), { maxLength: 4 }),
  tagsNoneOf: fc.array(id(TAGS + 1), { maxLength: 2 }),
  yearFrom: fc.integer({ min: 1975, max: 2012 }),
  yearTo: fc.integer({ min: 1975, max: 2012 }),
  minRatings: fc.integer({ min: 0, max: 5 }),
  excludeIds: fc.array(id(MOVIES), { maxLength: 10 }),
};
const personal = fc.record(
  {
    ...conditions,
    seen: fc.constantFrom('UNSEEN', 'SEEN', 'ANY'),
    nearTagIds: fc.array(id(TAGS), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const options = fc.option(
  fc.record(
    {
      diversity: fc.double({ min: 0, max: 1, noNaN: true }),
      novelty: fc.double({ min: -1, max: 1, noNaN: true }),
      freshness: fc.double({ min: 0, max: 1, noNaN: true }),
      exploration: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer({ min: -1_000, max: 1_000 }),
    },
    { requiredKeys: [] },
  ),
);
const NOBODY: ReadonlySet<number> = new Set();

describeEachDatabase('lists', (getDatabase) => {
  let world: World;
  let recommender: Recommender;
  let schema: ReturnType<typeof buildNearfieldSchema>;
  let statements: string[] = [];

  beforeAll(async () => {
    const real = getDatabase();
    world = await seed(real);
    const random = new Random(3);
    const place = (n: number) => ({ id: n, x: random.normal(), y: random.normal() });
    // The model knows most movies and tags; the others came later.
    const artifact = handMadeArtifact(
      world.facts.slice(0, 50).map((movie) => place(movie.id)),
      [1, 2, 3, 4].map(place),
    );
    const other = handMadeArtifact(
      world.facts.map((movie) => place(movie.id)),
      [1, 2, 3, 4].map(place),
    );
    const database = new Proxy(real, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name !== 'query') return value.bind(target);
        return (sql: string, parameters?: unknown[]) => {
          statements.push(sql);
          return real.query(sql, parameters);
        };
      },
    });
    recommender = new Recommender({
      database,
      models: {
        active: async () => ({ activationId: 1, modelId: 1 }),
        loadArtifact: async (modelId) => (modelId === 1 ? artifact : other),
      },
      readSpace: readHandMade,
      log: { info: () => undefined, warn: () => undefined },
      pollMs: 0,
    });
    await recommender.start();
    const instances = [
      ...createCatalogResolvers(database, recommender),
      new RecommendationResolver(recommender),
      new NeighbourResolver(recommender),
    ];
    schema = buildNearfieldSchema(instances);
  });
  afterAll(() => recommender?.close());

  async function data<T>(source: string, variableValues: Record<string, unknown>): Promise<T> {
    const contextValue = new RequestContext('MEMBER', 'test');
    const { data: found, errors } = (await graphql({
      schema,
      source,
      variableValues,
      contextValue,
    })) as ExecutionResult;
    if (errors) throw errors[0];
    return JSON.parse(JSON.stringify(found)) as T;
  }
  const fieldOf = async (source: string, variables: Record<string, unknown>): Promise<unknown> =>
    data(source, variables).then(
      () => null,
      (error: { originalError?: { field?: string } }) => error.originalError?.field,
    );

  function allowed(
    filter: MovieFilter,
    seenBy: ReadonlySet<number>,
    without: readonly number[] = [],
  ): number[] {
    const checked = checkFilter('filter', filter, BOTH);
    return world.facts
      .filter(
        (movie) =>
          !without.includes(movie.id) && matchesFilter({ ...movie, seen: seenBy.has(movie.id) }, checked),
      )
      .map((movie) => movie.id);
  }
  function expectFull(found: readonly string[], possible: readonly number[], k: number): void {
    expect(found).toHaveLength(Math.min(k, possible.length));
    expect(new Set(found).size).toBe(found.length);
    expect(possible).toEqual(expect.arrayContaining(found.map(Number)));
  }
  type List = { list: { rank: number; distance: number; source: string; movie: { id: string } }[] };
  const RECOMMENDATIONS = `query ($userId: ID!, $k: Int!, $filter: MovieFilter, $options: RecommendationOptions) {
    list: recommendations(userId: $userId, k: $k, filter: $filter, options: $options) { rank distance source movie { id } } }`;

  it('recommendations obey their filter and are full when they can be, under any options', async () => {
    const k = fc.integer({ min: 1, max: MOVIES });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: USERS }),
        k,
        personal,
        options,
        async (userId, count, filter, wish) => {
          const { list } = await data<List>(RECOMMENDATIONS, {
            userId: String(userId),
            k: count,
            filter,
            options: wish,
          });
          expectFull(
            list.map(({ movie }) => movie.id),
            allowed(filter, world.rated.get(userId)!),
            count,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('so do lists for a taste, movies like a movie, popular movies, and pages of the catalog', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(id(MOVIES), { maxLength: 5 }),
        id(MOVIES),
        fc.integer({ min: 1, max: MOVIES }),
        personal,
        async (liked, movieId, k, filter) => {
          const { seen, nearTagIds, ...general } = filter;
          const near = { ...general, nearTagIds };
          const source = `query ($liked: [ID!], $movieId: ID!, $k: Int!, $filter: MovieFilter, $near: MovieFilter, $general: MovieFilter) {
          taste: recommendationsFor(taste: { likedMovieIds: $liked }, k: $k, filter: $filter) { movie { id } }
          similar: similarMovies(movieId: $movieId, k: $k, filter: $near) { movie { id } }
          popular: popularMovies(k: $k, filter: $general) { id }
          page: movies(first: $k, where: $general) { totalCount edges { node { id } } } }`;
          type Movies = { movie: { id: string } }[];
          const answer = await data<{
            taste: Movies;
            similar: Movies;
            popular: { id: string }[];
            page: { totalCount: number; edges: { node: { id: string } }[] };
          }>(source, { liked, movieId, k, filter, near, general });
          const anybody = { ...general, seen: 'ANY' as const };
          expectFull(
            answer.taste.map(({ movie }) => movie.id),
            allowed(filter, new Set(liked.map(Number))),
            k,
          );
          expectFull(
            answer.similar.map(({ movie }) => movie.id),
            allowed(anybody, NOBODY, [Number(movieId)]),
            k,
          );
          expectFull(
            answer.popular.map((movie) => movie.id),
            allowed(anybody, NOBODY),
            k,
          );
          expectFull(
            answer.page.edges.map(({ node }) => node.id),
            allowed(anybody, NOBODY),
            k,
          );
          expect(answer.page.totalCount).toBe(allowed(anybody, NOBODY).length);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('options of nothing are the plain list, and the distance stays true under all others', async () => {
    const list = async (wish: object | null, filter: object = {}) =>
      (await data<List>(RECOMMENDATIONS, { userId: '3', k: 8, filter, options: wish })).list;
    const plain = await list(null);
    expect(await list({})).toEqual(plain);
    expect(await list({ diversity: 0, novelty: 0, freshness: 0, exploration: 0, seed: 5 })).toEqual(plain);
    const all = new Map(
      (await data<List>(RECOMMENDATIONS, { userId: '3', k: MOVIES, filter: {} })).list.map((row) => [
        row.movie.id,
        row.distance,
      ]),
    );
    for (const wish of [
      { diversity: 0.7 },
      { novelty: 0.9 },
      { freshness: 1 },
      { exploration: 1, seed: 4 },
    ]) {
      const other = await list(wish);
      expect(other.map(({ movie }) => movie.id)).not.toEqual(plain.map(({ movie }) => movie.id));
      for (const { movie, distance } of other) expect(distance).toBeCloseTo(all.get(movie.id)!, 5);
      expect(await list(wish)).toEqual(other);
    }
    expect(await list({ exploration: 1, seed: 5 })).not.toEqual(await list({ exploration: 1, seed: 4 }));
    const steered = await list(null, { nearTagIds: ['2'] });
    for (const { movie, distance } of steered) expect(distance).toBeCloseTo(all.get(movie.id)!, 5);
  });

  it('tags lead someone of whom nothing is known', async () => {
    const list = async (filter: object) =>
      (await data<List>(RECOMMENDATIONS, { userId: String(USERS), k: 5, filter })).list;
    expect((await list({}))[0].source).toBe('POPULAR');
    const led = await list({ nearTagIds: ['1'] });
    expect(led.map(({ source }) => source)).toEqual(Array(5).fill('FOLD_IN'));
    expect(led.map(({ distance }) => distance)).toEqual(
      led.map(({ distance }) => distance).sort((a, b) => a - b),
    );
    // Tag 5 came after training: it lies where its movies lie.
    expect((await list({ nearTagIds: ['5'] }))[0].source).toBe('FOLD_IN');
  });

  it('a tag that is put on a movie, or taken off it, changes the very next filtered list', async () => {
    const found = async () =>
      (
        await data<List>(RECOMMENDATIONS, { userId: '2', k: 60, filter: { tagsAnyOf: ['7'], seen: 'ANY' } })
      ).list.map(({ movie }) => movie.id);
    expect(await found()).toEqual([]);
    const tagged = await data<{ tagMovie: { tagging: { tag: { id: string } } } }>(
      'mutation { tagMovie(input: { userId: "1", movieId: "9", tag: "brand new" }) { tagging { tag { id } } } }',
      {},
    );
    const tagId = tagged.tagMovie.tagging.tag.id;
    const carrying = async () =>
      (
        await data<List>(RECOMMENDATIONS, {
          userId: '2',
          k: 60,
          filter: { tagsAnyOf: [tagId], seen: 'ANY' },
        })
      ).list;
    expect((await carrying()).map(({ movie }) => movie.id)).toEqual(['9']);
    await data(
      'mutation ($tagId: ID!) { untagMovie(input: { userId: "1", movieId: "9", tagId: $tagId }) { removed } }',
      { tagId },
    );
    expect(await carrying()).toEqual([]);
  });

  it('answers from the model that is asked for', async () => {
    const list = async (wish: object | null) =>
      (await data<List>(RECOMMENDATIONS, { userId: '3', k: 8, filter: {}, options: wish })).list;
    expect(await list({ modelId: '1' })).toEqual(await list(null));
    expect(await list({ modelId: '2' })).not.toEqual(await list(null));
  });

  it('names the field that is at fault', async () => {
    const badOption = (wish: object) => fieldOf(RECOMMENDATIONS, { userId: '1', k: 5, options: wish });
    expect(await badOption({ diversity: 1.1 })).toBe('options.diversity');
    expect(await badOption({ novelty: -1.5 })).toBe('options.novelty');
    expect(await badOption({ freshness: -0.1 })).toBe('options.freshness');
    expect(await badOption({ exploration: 2 })).toBe('options.exploration');
    expect(await badOption({ modelId: 'x' })).toBe('options.modelId');
    const badFilter = (filter: object) => fieldOf(RECOMMENDATIONS, { userId: '1', k: 5, filter });
    expect(await badFilter({ minRatings: -1 })).toBe('filter.minRatings');
    expect(await badFilter({ tagsAnyOf: ['1', 'x'] })).toBe('filter.tagsAnyOf.1');
    expect(await badFilter({ nearTagIds: ['1', '999'] })).toBe('filter.nearTagIds.1');
    expect(await badFilter({ nearTagIds: Array(11).fill('1') })).toBe('filter.nearTagIds');
    expect(await fieldOf('{ popularMovies(filter: { seen: ANY }) { id } }', {})).toBe('filter.seen');
    expect(await fieldOf('{ movies(where: { nearTagIds: ["1"] }) { totalCount } }', {})).toBe(
      'where.nearTagIds',
    );
    expect(await fieldOf('{ similarMovies(movieId: "1", filter: { seen: SEEN }) { rank } }', {})).toBe(
      'filter.seen',
    );
  });

  describe('whatIf', () => {
    type Change = {
      movie: { id: string };
      rankBefore: number | null;
      rankAfter: number | null;
      distanceBefore: number;
      distanceAfter: number;
    };
    type Answer = {
      whatIf: { recommendations: List['list']; entered: Change[]; left: Change[]; moved: Change[] };
    };
    const CHANGE = '{ movie { id } rankBefore rankAfter distanceBefore distanceAfter }';
    const WHAT_IF = `query ($userId: ID!, $add: [TasteRatingInput!]!, $remove: [ID!]!, $k: Int!) {
      whatIf(userId: $userId, add: $add, remove: $remove, k: $k) {
        recommendations { rank distance source movie { id } } entered ${CHANGE} left ${CHANGE} moved ${CHANGE} } }`;
    const plain = async (userId: string, k: number) =>
      (await data<List>(RECOMMENDATIONS, { userId, k, filter: {} })).list;

    it('foretells the list, says what moves where, and leaves everything as it is', async () => {
      const before = await plain('4', 10);
      const [dropped] = world.rated.get(4)!;
      const add = [
        { movieId: before[0].movie.id, value: 5 },
        { movieId: before[7].movie.id, value: 4 },
      ];
      const rows = () =>
        getDatabase().query('select user_id, movie_id, value, rated_at from rating order by 1, 2');
      const stored = await rows();
      statements = [];
      const { whatIf } = await data<Answer>(WHAT_IF, {
        userId: '4',
        add,
        remove: [String(dropped)],
        k: 10,
      });
      expect(statements).toEqual([]);
      expect(await rows()).toEqual(stored);
      expect(await plain('4', 10)).toEqual(before);

      const idsBefore = before.map(({ movie }) => movie.id);
      const idsAfter = whatIf.recommendations.map(({ movie }) => movie.id);
      expect(whatIf.entered.map(({ movie }) => movie.id)).toEqual(
        idsAfter.filter((it) => !idsBefore.includes(it)),
      );
      expect(whatIf.left.map(({ movie }) => movie.id)).toEqual(
        idsBefore.filter((it) => !idsAfter.includes(it)),
      );
      expect(whatIf.left.map(({ movie }) => movie.id)).toEqual(
        expect.arrayContaining(add.map(({ movieId }) => movieId)),
      );
      for (const { movie, rankBefore, rankAfter } of [...whatIf.entered, ...whatIf.left, ...whatIf.moved]) {
        expect(rankBefore).toBe(idsBefore.indexOf(movie.id) + 1 || null);
        expect(rankAfter).toBe(idsAfter.indexOf(movie.id) + 1 || null);
        expect(rankBefore).not.toBe(rankAfter);
      }
      for (const { movie, distanceAfter } of whatIf.entered) {
        expect(distanceAfter).toBeCloseTo(
          whatIf.recommendations.find((it) => it.movie.id === movie.id)!.distance,
          5,
        );
      }

      // And so it comes when the ratings are made.
      await getDatabase().query('delete from rating where user_id = 4 and movie_id = $1', [dropped]);
      for (const { movieId, value } of add) {
        await data('mutation ($input: RateMovieInput!) { rateMovie(input: $input) { rating { value } } }', {
          input: { userId: '4', movieId, value },
        });
      }
      expect(await plain('4', 10)).toEqual(whatIf.recommendations);
    });

    it('gives someone without ratings a list of their own', async () => {
      const { whatIf } = await data<Answer>(WHAT_IF, {
        userId: String(USERS),
        add: [{ movieId: '1', value: 5 }],
        remove: [],
        k: 5,
      });
      expect(whatIf.recommendations[0].source).toBe('PERSONAL');
      expect(
        whatIf.entered.every(
          ({ distanceBefore, distanceAfter }) => distanceBefore === null && distanceAfter >= 0,
        ),
      ).toBe(true);
      expect((await plain(String(USERS), 5))[0].source).toBe('POPULAR');
    });

    it('names what it does not know', async () => {
      const ask = (add: object[], remove: string[], userId = '1') =>
        fieldOf(WHAT_IF, { userId, add, remove, k: 5 });
      expect(
        await ask(
          [
            { movieId: '1', value: 5 },
            { movieId: '999', value: 5 },
          ],
          [],
        ),
      ).toBe('add.1.movieId');
      expect(await ask([{ movieId: '1', value: 5.2 }], [])).toBe('add.0.value');
      expect(await ask([], ['1', '999'])).toBe('remove.1');
      await expect(data(WHAT_IF, { userId: '999', add: [], remove: [], k: 5 })).rejects.toMatchObject({
        originalError: { code: 'NOT_FOUND' },
      });
    });
  });
});

/** Newcomers and films of today through GraphQL: first ratings, priors, movies with tags, profiles.
 *  On a space whose answers are known. */
import { graphql } from 'graphql';
import { createCatalogResolvers } from '../src/catalog/resolvers';
import type { Database } from '../src/database/database';
import { loadTrainingData } from '../src/experiments/load-training-data';
import { buildNearfieldSchema } from '../src/graphql/schema';
import {
  NearMovieResolver,
  NearTagResolver,
  NeighbourResolver,
} from '../src/recommendations/neighbour.resolver';
import { ProfileResolver, UserWithProfileResolver } from '../src/recommendations/profile.resolver';
import { RecommendationResolver } from '../src/recommendations/recommendation.resolver';
import { RequestContext } from '../src/request/context';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import type { Data } from './support/graphql-server';
import { handMadeArtifact, type PlacedMovie, readHandMade } from './support/hand-made-space';

// Five horror films near (10, 0), five comedies near (0, 10).
const MOVIES: PlacedMovie[] = Array.from({ length: 10 }, (_, i) => ({
  id: i + 1,
  x: i < 5 ? 10 : 0.1 * i,
  y: i < 5 ? 0.1 * i : 10,
}));
const TAGS: PlacedMovie[] = [
  { id: 1, x: 10, y: 0 },
  { id: 2, x: 0, y: 10 },
];

async function seed(database: Database): Promise<void> {
  await database.query(
    `insert into movie (id, title, year, genres)
     select i, 'Movie ' || i, 2000, case when i <= 5 then '{Horror}' else '{Comedy}' end::text[] from generate_series(1, 10) as i`,
  );
  await database.query(
    "insert into tag (id, name, key) values (1, 'Scary', 'scary'), (2, 'funny', 'funny')",
  );
  // Twelve women rate horror, twenty men comedies, and most of all the film 6; nobody knows
  // anything of user 33.
  await database.query(
    `insert into app_user (id, gender, age) select i, case when i <= 12 then 'F' else 'M' end, 20 + i from generate_series(1, 32) as i`,
  );
  await database.query('insert into app_user (id) values (33)');
  await database.query(
    `insert into rating (user_id, movie_id, value, rated_at)
     select u, m, 4, now() from generate_series(1, 32) u, generate_series(1, 10) m
     where (u <= 12 and m <= 5 and (m <= 2 or u % 2 = 0)) or (u > 12 and m > 5 and (m = 6 or u % 3 = 0))`,
  );
  for (const table of ['movie', 'app_user', 'tag'])
    await database.query(`select setval(pg_get_serial_sequence('${table}', 'id'), 1000)`);
}

describeEachDatabase('cold start', (getDatabase) => {
  let recommender: Recommender;
  let schema: ReturnType<typeof buildNearfieldSchema>;
  let activation: { activationId: number; modelId: number } | null = null;

  beforeAll(async () => {
    const database = getDatabase();
    await seed(database);
    recommender = new Recommender({
      database,
      models: { active: async () => activation, loadArtifact: async () => handMadeArtifact(MOVIES, TAGS) },
      readSpace: readHandMade,
      log: { info: () => undefined, warn: () => undefined },
      pollMs: 0,
    });
    await recommender.start();
    const instances = [
      ...createCatalogResolvers(database, recommender),
      new RecommendationResolver(recommender),
      new NeighbourResolver(recommender),
      new NearMovieResolver(recommender),
      new NearTagResolver(recommender),
      new ProfileResolver(recommender),
      new UserWithProfileResolver(recommender),
    ];
    schema = buildNearfieldSchema(instances);
  });
  afterAll(() => recommender?.close());

  async function run(
    source: string,
    variableValues: object = {},
  ): Promise<{ data: Data; code: unknown; field: unknown }> {
    const contextValue = new RequestContext('MEMBER', 'test');
    const { data, errors } = await graphql({
      schema,
      source,
      contextValue,
      variableValues: variableValues as Record<string, unknown>,
    });
    const error = errors?.[0].originalError as { code?: string; field?: string } | undefined;
    if (errors && error?.code === undefined) throw errors[0];
    return { data: JSON.parse(JSON.stringify(data ?? null)), code: error?.code, field: error?.field };
  }
  const createUser = async (input: object): Promise<string> =>
    (
      await run('mutation ($input: CreateUserInput) { createUser(input: $input) { user { id } } }', {
        input,
      })
    ).data.createUser.user.id;
  const recommend = async (
    userId: string,
    k = 3,
  ): Promise<{ source: string; distance: number; movie: { id: string } }[]> =>
    (await run(`{ recommendations(userId: "${userId}", k: ${k}) { source distance movie { id } } }`)).data
      .recommendations;
  const idsOf = (list: { movie: { id: string } }[]) => list.map(({ movie }) => movie.id);

  it('answers somebody of whom only a group is known by what that group rates, without a model and with one', async () => {
    const woman = await createUser({ gender: 'F' });
    const nobody = await createUser({});
    const stranger = await createUser({ occupation: 'astronaut' });
    for (const modelId of [0, 1]) {
      activation = modelId === 0 ? null : { activationId: 1, modelId };
      await recommender.refresh();
      const list = await recommend(woman, 4);
      expect(new Set(list.map(({ source }) => source))).toEqual(new Set(['DEMOGRAPHIC']));
      expect(list.every(({ distance }) => distance === 0)).toBe(true);
      expect(idsOf(list).slice(0, 2)).toEqual(['1', '2']);
      for (const unknown of [nobody, stranger, '33']) {
        const popular = await recommend(unknown, 3);
        expect(popular.map(({ source }) => source)).toEqual(['POPULAR', 'POPULAR', 'POPULAR']);
        expect(idsOf(popular)).toEqual(['6', '1', '2']);
      }
    }
    const horror = await run(
      `{ recommendations(userId: "${woman}", k: 9, filter: { genresAnyOf: ["Comedy"] }) { movie { id } } }`,
    );
    expect(idsOf(horror.data.recommendations)).toHaveLength(5);
  });

  it('gives personal answers in the request after createUser with ratings', async () => {
    const id = await createUser({
      gender: 'M',
      ratings: [
        { movieId: '1', value: 5 },
        { movieId: '2', value: 4 },
      ],
    });
    const list = await recommend(id);
    expect(list[0].source).toBe('PERSONAL');
    expect(idsOf(list)).toEqual(['3', '4', '5']);
  });

  it('knows a user as written: the nearest tags, genres and people, and how many ratings say so', async () => {
    const id = await createUser({
      ratings: [
        { movieId: '1', value: 5 },
        { movieId: '2', value: 4 },
      ],
    });
    const profile =
      '{ profile { source ratingCount nearTags(k: 1) { rank distance tag { name } } genres { genre share catalogShare } neighbours(k: 1) { rank distance user { id } } } }';
    const { data } = await run(`{ user(id: "${id}") ${profile} }`);
    expect(data.user.profile).toMatchObject({
      source: 'PERSONAL',
      ratingCount: 2,
      nearTags: [{ rank: 1, tag: { name: 'Scary' } }],
    });
    expect(data.user.profile.nearTags[0].distance).toBeCloseTo(0.05, 5);
    expect(data.user.profile.neighbours[0].distance).toBeCloseTo(0, 5);
    const woman = await createUser({ gender: 'F' });
    const prior = (await run(`{ user(id: "${woman}") ${profile} }`)).data.user.profile;
    expect(prior).toMatchObject({ source: 'DEMOGRAPHIC', ratingCount: 0, nearTags: [], neighbours: [] });
  });

  it('tells the genres by what is more frequent near the user than in the catalog', async () => {
    const db = getDatabase();
    // 200 dramas at (0, 0), which the space has not: of the 100 nearest to a friend of comedies ten
    // at most are others.
    await db.query(
      `insert into movie (id, title, genres) select i, 'Drama ' || i, '{Drama}' from generate_series(2001, 2200) as i`,
    );
    await recommender.catalogChanged();
    const id = await createUser({ ratings: [{ movieId: '8', value: 5 }] });
    const { genres } = (
      await run(`{ user(id: "${id}") { profile { genres { genre share catalogShare } } } }`)
    ).data.user.profile;
    expect(genres).toEqual([
      {
        genre: 'Comedy',
        share: expect.closeTo(0.05, 10) as number,
        catalogShare: expect.closeTo(5 / 210, 10) as number,
      },
    ]);
    await db.query('delete from movie where id > 2000');
    await recommender.catalogChanged();
  });

  it('places a film of today by genres and tags, lists it, and counts it when it is rated', async () => {
    const input = {
      title: 'Fright (2026)',
      genres: ['Horror'],
      tags: ['  SCARY ', 'scary', 'Haunted  House'],
      tagIds: ['1', '2'],
    };
    const { data } = await run(
      'mutation ($input: CreateMovieInput!) { createMovie(input: $input) { movie { id tags { count tag { id name } } } } }',
      { input },
    );
    const { id, tags } = data.createMovie.movie;
    expect(tags.map((it: { count: number; tag: { name: string } }) => [it.tag.name, it.count])).toEqual([
      ['Scary', 0],
      ['funny', 0],
      ['Haunted  House', 0],
    ]);
    const similar = (await run(`{ similarMovies(movieId: "${id}", k: 1) { distance movie { id } } }`)).data
      .similarMovies[0];
    expect(similar.movie.id).toBe('1');
    // Three tags, a hundredth of a unit each.
    expect(similar.distance).toBeCloseTo(0.03, 5);
    const fan = await createUser({ ratings: [{ movieId: '1', value: 5 }] });
    expect(idsOf(await recommend(fan, 1))).toEqual([id]);
    const tagged = await run(
      `{ movies(where: { tagsAnyOf: ["1"] }) { edges { node { id } } } recommendations(userId: "33", k: 5, filter: { tagsAnyOf: ["1"] }) { movie { id } } }`,
    );
    expect(tagged.data.movies.edges.map(({ node }: Data) => node.id)).toEqual([id]);
    expect(idsOf(tagged.data.recommendations)).toEqual([id]);

    // Nobody trained a model with the third tag: whoever likes it likes what carries it, which may
    // be recommended to them.
    const haunted = tags[2].tag.id;
    const liked = await run(
      `{ recommendationsFor(taste: { likedTagIds: ["${haunted}"] }, k: 1) { source distance movie { id } } }`,
    );
    expect(liked.data.recommendationsFor).toEqual([{ source: 'FOLD_IN', distance: 0, movie: { id } }]);

    // Rated, it moves who rates it, before any training.
    const first = await createUser({ ratings: [{ movieId: id, value: 5 }] });
    const list = await recommend(first, 1);
    expect(list[0]).toMatchObject({ source: 'PERSONAL', movie: { id: '1' } });
    expect(list[0].distance).toBeCloseTo(0.03, 5);

    const training = await loadTrainingData(getDatabase());
    const { tags: vocabulary, userIndex, itemIndex, tagIndex } = training.taggings;
    expect(Array.from(tagIndex, (tag) => vocabulary.ids[tag]).slice(0, 2)).toEqual([1, 2]);
    expect(Array.from(userIndex)).toEqual([-1, -1, -1]);
    expect(training.interactions.items.ids[itemIndex[0]]).toBe(Number(id));
  });

  it.each([
    [{ tags: ['fine', ' '] }, 'input.tags.1'],
    [{ tags: ['x'.repeat(256)] }, 'input.tags.0'],
    [{ tags: Array.from({ length: 51 }, (_, i) => `tag ${i}`) }, 'input.tags'],
    [{ tagIds: ['1', '999'] }, 'input.tagIds.1'],
    [{ tagIds: ['x'] }, 'input.tagIds.0'],
  ])('refuses a film whose tags are at fault (%#), and adds nothing', async (tags, field) => {
    const count = async () =>
      (
        await getDatabase().query<{ n: number }>(
          'select (select count(*) from movie)::int + (select count(*) from tag)::int as n',
        )
      )[0].n;
    const before = await count();
    const input = { title: 'Nothing', ...tags };
    const refused = await run(
      'mutation ($input: CreateMovieInput!) { createMovie(input: $input) { movie { id } } }',
      { input },
    );
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await count()).toBe(before);
  });
});

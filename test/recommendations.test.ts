/** The recommendation queries through GraphQL, on a space whose answers are known by
 *  construction. */
import { type ExecutionResult, graphql } from 'graphql';
import type { Database } from '../src/database/database';
import { buildNearfieldSchema } from '../src/graphql/schema';
import type { Artifact } from '../src/models/artifact';
import { CorruptArtifactError } from '../src/models/artifact';
import {
  NearMovieResolver,
  NearTagResolver,
  NeighbourResolver,
} from '../src/recommendations/neighbour.resolver';
import { RecommendationResolver } from '../src/recommendations/recommendation.resolver';
import { ServerInfoResolver } from '../src/recommendations/server-info.resolver';
import { RequestContext } from '../src/request/context';
import type { ActiveModel, ModelSource } from '../src/serving/models/model-source';
import { moviesNearTag, tagsNearTag } from '../src/serving/ranker/neighbours';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { handMadeArtifact, type PlacedMovie, readHandMade } from './support/hand-made-space';

// Ten horror films on a line near (10, 0), ten comedies near (0, 10), ten dramas near (0, 0); ids
// 101 …, 201 …, 301 …
const GENRES = ['Horror', 'Comedy', 'Drama'] as const;
const MOVIES = GENRES.flatMap((genre, g) =>
  Array.from({ length: 10 }, (_, i) => ({
    id: 100 * (g + 1) + i + 1,
    genre,
    year: 1990 + i,
    x: genre === 'Horror' ? 10 : 0.1 * i,
    y: genre === 'Comedy' ? 10 : 0.1 * i,
  })),
);
const TAGS: readonly PlacedMovie[] = [
  { id: 1, x: 10, y: 0 },
  { id: 2, x: 0, y: 10 },
  { id: 3, x: 9, y: 0 },
];
const COMEDY_FAN = 1;
const NEWCOMER = 2;
const SECOND_COMEDY_FAN = 3;

async function seed(database: Database): Promise<void> {
  await database.query('insert into app_user (id) values (1), (2), (3)');
  await database.query(
    `insert into movie (id, title, year, genres)
     select id, 'Movie ' || id, year, array[genre] from unnest($1::int[], $2::int[], $3::text[]) as m (id, year, genre)`,
    [MOVIES.map(({ id }) => id), MOVIES.map(({ year }) => year), MOVIES.map(({ genre }) => genre)],
  );
  await database.query(
    "insert into tag (id, name, key) values (1, 'scary', 'scary'), (2, 'funny', 'funny'), (3, 'dark', 'dark')",
  );
  await rate(database, COMEDY_FAN, [201, 202, 203]);
  await rate(database, SECOND_COMEDY_FAN, [202, 301]);
  await database.query(`select setval(pg_get_serial_sequence('movie', 'id'), 1000)`);
}

async function rate(database: Database, userId: number, movieIds: readonly number[]): Promise<void> {
  await database.query(
    `insert into rating (user_id, movie_id, value, rated_at)
     select $1, id, 4, timestamptz '2024-01-01' + id * interval '1 second' from unnest($2::int[]) as r (id)`,
    [userId, movieIds],
  );
}

class FakeModels implements ModelSource {
  now: ActiveModel | null = null;
  readonly artifacts = new Map<number, () => Promise<Artifact>>();
  async active(): Promise<ActiveModel | null> {
    return this.now;
  }
  loadArtifact(modelId: number): Promise<Artifact> {
    return this.artifacts.get(modelId)?.() ?? Promise.reject(new Error(`No model ${modelId}.`));
  }
  activate(modelId: number, artifact: () => Promise<Artifact>): void {
    this.artifacts.set(modelId, artifact);
    this.now = { activationId: (this.now?.activationId ?? 0) + 1, modelId };
  }
}

const MEMBER = new RequestContext('MEMBER', 'test');
type Row = {
  rank: number;
  distance: number;
  source: string;
  movie: { id: string; genres: string[]; year: number };
};
const ROWS = '{ rank distance source movie { id genres year } }';

describeEachDatabase('recommendations', (getDatabase) => {
  const models = new FakeModels();
  const warnings: string[] = [];
  let statements = 0;
  let database: Database;
  let recommender: Recommender;
  let schema: ReturnType<typeof buildNearfieldSchema>;

  beforeAll(async () => {
    const real = getDatabase();
    await seed(real);
    database = new Proxy(real, {
      get: (target, name) => {
        if (name === 'query') statements++;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    recommender = new Recommender({
      database,
      models,
      readSpace: readHandMade,
      log: { info: () => undefined, warn: (message) => void warnings.push(message) },
      pollMs: 0,
    });
    await recommender.start();
    const instances = [
      new RecommendationResolver(recommender),
      new NeighbourResolver(recommender),
      new NearMovieResolver(recommender),
      new NearTagResolver(recommender),
      new ServerInfoResolver(recommender, {
        version: '0',
        revision: null,
        database: real.version,
        backend: () => null,
      }),
    ];
    schema = buildNearfieldSchema(instances);
  });
  afterAll(() => recommender?.close());

  const run = (source: string): Promise<ExecutionResult> =>
    graphql({ schema, source, contextValue: MEMBER });

  async function data<T>(source: string): Promise<T> {
    const { data: found, errors } = await run(source);
    if (errors) throw errors[0];
    return JSON.parse(JSON.stringify(found)) as T;
  }
  const recommend = async (args: string): Promise<Row[]> =>
    (await data<{ recommendations: Row[] }>(`{ recommendations(${args}) ${ROWS} }`)).recommendations;

  async function codeOf(source: string): Promise<unknown> {
    const { errors } = await run(source);
    return (errors?.[0].originalError as { code?: string } | undefined)?.code;
  }

  describe('before the first model', () => {
    it('answers by popularity and says so, without what was rated', async () => {
      const answer = await recommend(`userId: "${COMEDY_FAN}", k: 3`);
      expect(answer.map(({ source }) => source)).toEqual(['POPULAR', 'POPULAR', 'POPULAR']);
      // 202 has two ratings, but the user's own is among them; 301 has one; then all have none.
      expect(answer.map(({ movie }) => movie.id)).toEqual(['301', '101', '102']);
      expect(answer.map(({ rank, distance }) => [rank, distance])).toEqual([
        [1, 0],
        [2, 0],
        [3, 0],
      ]);
      const { popularMovies } = await data<{ popularMovies: { id: string }[] }>(
        '{ popularMovies(k: 2) { id } }',
      );
      expect(popularMovies.map(({ id }) => id)).toEqual(['202', '201']);
    });

    it('has no distances between movies, tags or users', async () => {
      expect(await codeOf('{ similarMovies(movieId: "101") { rank } }')).toBe('MODEL_NOT_READY');
      expect(await codeOf(`{ tagRecommendations(userId: "${COMEDY_FAN}") { rank } }`)).toBe(
        'MODEL_NOT_READY',
      );
      expect(await codeOf(`{ similarUsers(userId: "${COMEDY_FAN}") { rank } }`)).toBe('MODEL_NOT_READY');
      expect(await codeOf('{ popularMovies { nearTags { rank } } }')).toBe('MODEL_NOT_READY');
      expect(await data('{ serverInfo { status activeModelId movies } }')).toEqual({
        serverInfo: { status: 'NO_MODEL', activeModelId: null, movies: 30 },
      });
    });
  });

  describe('with a model', () => {
    beforeAll(async () => {
      models.activate(1, async () => handMadeArtifact(MOVIES, TAGS));
      await recommender.refresh();
    });

    it('answers in order of true distance, from rank 1, without what was rated', async () => {
      const answer = await recommend(`userId: "${COMEDY_FAN}", k: 30`);
      expect(answer).toHaveLength(27);
      expect(answer.every(({ source }) => source === 'PERSONAL')).toBe(true);
      expect(answer.map(({ rank }) => rank)).toEqual(answer.map((_, i) => i + 1));
      expect(answer.map(({ movie }) => movie.id)).not.toEqual(expect.arrayContaining(['201']));
      // The mean of (0, 10), (0.1, 10), (0.2, 10) is (0.1, 10); the next comedy lies at (0.3, 10).
      expect(answer.slice(0, 7).map(({ movie }) => movie.id)).toEqual([
        '204',
        '205',
        '206',
        '207',
        '208',
        '209',
        '210',
      ]);
      expect(answer[0].distance).toBeCloseTo(0.2, 5);
      for (let i = 1; i < answer.length; i++)
        expect(answer[i].distance).toBeGreaterThanOrEqual(answer[i - 1].distance);
    });

    it('filters before it ranks', async () => {
      const answer = await recommend(
        `userId: "${COMEDY_FAN}", k: 4, filter: { genresAnyOf: ["Horror"], yearFrom: 1996, excludeIds: ["109"] }`,
      );
      expect(answer.map(({ movie }) => movie.id).sort()).toEqual(['107', '108', '110']);
    });

    it('asks the database for nothing when the history is in memory', async () => {
      await recommend(`userId: "${COMEDY_FAN}"`);
      statements = 0;
      await recommend(`userId: "${COMEDY_FAN}"`);
      await data(
        `{ recommendations(userId: "${COMEDY_FAN}") { rank explanation { nearestRated { distance } nearTags { tag { name } } } } }`,
      );
      expect(statements).toBe(0);
      recommender.historyChanged(COMEDY_FAN);
      await Promise.all([recommend(`userId: "${COMEDY_FAN}"`), recommend(`userId: "${COMEDY_FAN}", k: 3`)]);
      expect(statements).toBe(1);
    });

    it('answers a user without ratings by popularity, and an unknown one not at all', async () => {
      const answer = await recommend(`userId: "${NEWCOMER}", k: 2`);
      expect(answer.map(({ movie, source }) => [movie.id, source])).toEqual([
        ['202', 'POPULAR'],
        ['201', 'POPULAR'],
      ]);
      expect(await codeOf('{ recommendations(userId: "999") { rank } }')).toBe('NOT_FOUND');
      expect(await codeOf('{ recommendations(userId: "abc") { rank } }')).toBe('BAD_USER_INPUT');
      expect(await codeOf('{ recommendations(userId: "1", k: 0) { rank } }')).toBe('BAD_USER_INPUT');
      expect(await codeOf('{ recommendations(userId: "1", k: 101) { rank } }')).toBe('BAD_USER_INPUT');
    });

    it('three horror films change the very next answer, and their withdrawal changes it back', async () => {
      expect((await recommend(`userId: "${NEWCOMER}", k: 5`))[0].source).toBe('POPULAR');
      await rate(getDatabase(), NEWCOMER, [101, 102, 103]);
      recommender.historyChanged(NEWCOMER);
      const answer = await recommend(`userId: "${NEWCOMER}", k: 7`);
      expect(answer.map(({ movie }) => movie.id)).toEqual([
        '104',
        '105',
        '106',
        '107',
        '108',
        '109',
        '110',
      ]);
      expect(answer.every(({ source }) => source === 'PERSONAL')).toBe(true);
      await getDatabase().query('delete from rating where user_id = $1', [NEWCOMER]);
      recommender.historyChanged(NEWCOMER);
      expect((await recommend(`userId: "${NEWCOMER}", k: 5`))[0].source).toBe('POPULAR');
    });

    it('folds in a taste that nobody stored', async () => {
      const fold = async (taste: string) =>
        (await data<{ recommendationsFor: Row[] }>(`{ recommendationsFor(taste: ${taste}, k: 3) ${ROWS} }`))
          .recommendationsFor;
      const liked = await fold('{ likedMovieIds: ["101", "102"] }');
      expect(liked.map(({ movie, source }) => [movie.id, source])).toEqual([
        ['103', 'FOLD_IN'],
        ['104', 'FOLD_IN'],
        ['105', 'FOLD_IN'],
      ]);
      // The tag lies where the first horror films lie: it stands for 101 to 105, and 103 is their
      // middle.
      const tagged = await fold('{ likedTagIds: ["1"] }');
      expect(tagged[0].movie.id).toBe('103');
      expect(
        await fold('{ ratings: [{ movieId: "101", value: 4.5 }, { movieId: "102", value: 1 }] }'),
      ).toEqual(liked);
      expect((await fold('{}')).map(({ source }) => source)).toEqual(['POPULAR', 'POPULAR', 'POPULAR']);
      expect(await codeOf('{ recommendationsFor(taste: { likedMovieIds: ["5555"] }) { rank } }')).toBe(
        'BAD_USER_INPUT',
      );
      expect(
        await codeOf(
          '{ recommendationsFor(taste: { ratings: [{ movieId: "101", value: 4.2 }] }) { rank } }',
        ),
      ).toBe('BAD_USER_INPUT');
    });

    it('ranks tags by distance, without those that the user put on the movie', async () => {
      type Tags = { tagRecommendations: { rank: number; distance: number; tag: { name: string } }[] };
      const query = `{ tagRecommendations(userId: "${COMEDY_FAN}", movieId: "101") { rank distance tag { name } } }`;
      // Half way between (0.1, 10) and (10, 0).
      expect((await data<Tags>(query)).tagRecommendations.map(({ tag }) => tag.name)).toEqual([
        'dark',
        'scary',
        'funny',
      ]);
      await getDatabase().query(
        'insert into tagging (user_id, movie_id, tag_id, tagged_at) values (1, 101, 1, now())',
      );
      expect((await data<Tags>(query)).tagRecommendations.map(({ tag }) => tag.name)).toEqual([
        'dark',
        'funny',
      ]);
      const general = await data<Tags>(
        `{ tagRecommendations(userId: "${COMEDY_FAN}", k: 1) { rank distance tag { name } } }`,
      );
      expect(general.tagRecommendations[0]).toMatchObject({ rank: 1, tag: { name: 'funny' } });
      expect(general.tagRecommendations[0].distance).toBeCloseTo(0.1, 5);
      expect(await data(`{ tagRecommendations(userId: "${NEWCOMER}") { rank } }`)).toEqual({
        tagRecommendations: [],
      });
      expect(await codeOf(`{ tagRecommendations(userId: "1", movieId: "5555") { rank } }`)).toBe(
        'NOT_FOUND',
      );
    });

    it('finds similar movies and similar users, and keeps the users fresh', async () => {
      const { similarMovies } = await data<{
        similarMovies: { distance: number; movie: { id: string } }[];
      }>('{ similarMovies(movieId: "105", k: 4) { distance movie { id } } }');
      expect(similarMovies.map(({ movie }) => movie.id).sort()).toEqual(['103', '104', '106', '107']);
      expect(similarMovies[0].distance).toBeCloseTo(0.1, 5);

      type Users = { similarUsers: { rank: number; distance: number; user: { id: string } }[] };
      const query = `{ similarUsers(userId: "${COMEDY_FAN}") { rank distance user { id } } }`;
      expect((await data<Users>(query)).similarUsers.map(({ user }) => user.id)).toEqual([
        String(SECOND_COMEDY_FAN),
      ]);
      await rate(getDatabase(), NEWCOMER, [201, 203]);
      recommender.historyChanged(NEWCOMER);
      const { similarUsers } = await data<Users>(query);
      expect(similarUsers.map(({ user }) => user.id)).toEqual([
        String(NEWCOMER),
        String(SECOND_COMEDY_FAN),
      ]);
      expect(similarUsers[0].distance).toBeCloseTo(0, 5);
      await getDatabase().query('delete from rating where user_id = $1', [NEWCOMER]);
      recommender.historyChanged(NEWCOMER);
      expect((await data<Users>(query)).similarUsers.map(({ user }) => user.id)).toEqual([
        String(SECOND_COMEDY_FAN),
      ]);
    });

    it('has tags near a movie, and movies and tags near a tag', async () => {
      type Near = { distance: number; tag: { name: string } }[];
      const names = (near: Near) => near.map(({ tag }) => tag.name);
      const { recommendations } = await data<{ recommendations: { movie: { nearTags: Near } }[] }>(
        `{ recommendations(userId: "${COMEDY_FAN}", k: 1) { movie { nearTags(k: 2) { rank distance tag { name nearMovies(k: 2) { movie { id } } } } } } }`,
      );
      // 204 lies at (0.3, 10).
      const [{ movie }] = recommendations;
      expect(names(movie.nearTags)).toEqual(['funny', 'dark']);
      expect(movie.nearTags[0]).toMatchObject({
        rank: 1,
        tag: { nearMovies: [{ movie: { id: '201' } }, { movie: { id: '202' } }] },
      });
      expect(movie.nearTags[0].distance).toBeCloseTo(0.3, 5);
      const [horror] = (
        await data<{ tagRecommendations: { tag: { name: string; nearTags: Near } }[] }>(
          `{ tagRecommendations(userId: "${COMEDY_FAN}", movieId: "102", k: 1) { tag { name nearTags { distance tag { name } } } } }`,
        )
      ).tagRecommendations;
      expect(horror.tag.name).toBe('dark');
      expect(names(horror.tag.nearTags)).toEqual(['scary', 'funny']);
      expect(horror.tag.nearTags[0].distance).toBeCloseTo(1, 5);
    });

    it('puts a tag that came after training in the middle of its movies, and nowhere without any', async () => {
      const db = getDatabase();
      await db.query("insert into tag (id, name, key) values (50, 'new', 'new')");
      await recommender.tagsChanged(101);
      expect(moviesNearTag(recommender.live, 50, 3)).toEqual([]);
      expect(tagsNearTag(recommender.live, 50, 3)).toEqual([]);
      await db.query(
        'insert into tagging (user_id, movie_id, tag_id, tagged_at) values (3, 101, 50, now()), (3, 105, 50, now()), (1, 101, 50, now())',
      );
      for (const movieId of [101, 105]) await recommender.tagsChanged(movieId);
      // 101 and 105 lie at (10, 0) and (10, 0.4), however many people say so.
      const near = moviesNearTag(recommender.live, 50, 3);
      expect(near[0]).toMatchObject({ movie: { id: 103 } });
      expect(near[0].distance).toBeCloseTo(0, 5);
      expect(tagsNearTag(recommender.live, 50, 5).map(({ tag }) => tag.name)).toEqual([
        'scary',
        'dark',
        'funny',
      ]);
      await db.query('delete from tagging where tag_id = 50');
      for (const movieId of [101, 105]) await recommender.tagsChanged(movieId);
    });

    it('explains with what was rated, tags and a percentile', async () => {
      const { recommendations } = await data<{
        recommendations: {
          explanation: {
            distancePercentile: number;
            nearestRated: {
              stars: number;
              distance: number;
              contribution: number;
              movie: { id: string };
            }[];
            nearTags: { distance: number; tag: { name: string } }[];
          };
        }[];
      }>(`{ recommendations(userId: "${COMEDY_FAN}", k: 1) { explanation {
            distancePercentile nearestRated { stars distance contribution movie { id } } nearTags { distance tag { name } } } } }`);
      const [{ explanation }] = recommendations;
      expect(explanation.nearestRated.map(({ movie }) => movie.id)).toEqual(['203', '202', '201']);
      expect(explanation.nearestRated[0]).toMatchObject({ stars: 4 });
      expect(explanation.nearestRated[0].distance).toBeCloseTo(0.1, 5);
      // Without 203 the point is the mean of (0, 10) and (0.1, 10); the movie lies at (0.3, 10).
      expect(explanation.nearestRated[0].contribution).toBeCloseTo(0.25 - 0.2, 4);
      expect(explanation.nearTags.map(({ tag }) => tag.name)).toEqual(['funny', 'dark', 'scary']);
      // Of 30 movies, 201, 202 and 203 lie nearer.
      expect(explanation.distancePercentile).toBeCloseTo(10, 10);
    });

    it('places a movie that came after training by its features and tags', async () => {
      const [{ id }] = await getDatabase().query<{ id: number }>(
        "insert into movie (title, year, genres, changed_at) values ('New horror', 2024, '{Horror}', now()) returning id",
      );
      await recommender.movieChanged(id);
      const nearest = async () =>
        (
          await data<{ similarMovies: { distance: number; movie: { id: string } }[] }>(
            `{ similarMovies(movieId: "${id}", k: 1) { distance movie { id } } }`,
          )
        ).similarMovies[0];
      expect(await nearest()).toMatchObject({ movie: { id: '101' }, distance: 0 });
      await getDatabase().query(
        'insert into tagging (user_id, movie_id, tag_id, tagged_at) values (3, $1, 2, now())',
        [id],
      );
      await recommender.tagsChanged(id);
      expect((await nearest()).distance).toBeCloseTo(0.01, 5);
      const answer = await recommend(`userId: "${COMEDY_FAN}", k: 31, filter: { yearFrom: 2020 }`);
      expect(answer.map(({ movie }) => movie.id)).toEqual([String(id)]);
      // Rated, it is not recommended again, and counts with the point that it has: (0.1, 10) three
      // times and (10.01, 0) make (2.5775, 7.5).
      await rate(getDatabase(), COMEDY_FAN, [id]);
      recommender.historyChanged(COMEDY_FAN);
      expect(await recommend(`userId: "${COMEDY_FAN}", filter: { yearFrom: 2020 }`)).toEqual([]);
      const [moved] = await recommend(`userId: "${COMEDY_FAN}", k: 1`);
      expect(moved).toMatchObject({ source: 'PERSONAL', movie: { id: '210' } });
      expect(moved.distance).toBeCloseTo(Math.hypot(2.5775 - 0.9, 2.5), 4);
      const { recommendations } = await data<{
        recommendations: {
          explanation: { nearestRated: { contribution: number; movie: { id: string } }[] };
        }[];
      }>(
        `{ recommendations(userId: "${COMEDY_FAN}", k: 1, filter: { genresAnyOf: ["Horror"] }) {
           explanation { nearestRated { contribution movie { id } } } } }`,
      );
      const [reason] = recommendations[0].explanation.nearestRated;
      expect(reason.movie.id).toBe(String(id));
      expect(reason.contribution).toBeGreaterThan(3);
      await getDatabase().query('delete from rating where user_id = $1 and movie_id = $2', [
        COMEDY_FAN,
        id,
      ]);
      recommender.historyChanged(COMEDY_FAN);
    });

    it('no answer mixes two models while they are swapped', async () => {
      let running = true;
      let swaps = 0;
      const swapping = (async () => {
        while (running) {
          const factor = swaps % 2 === 0 ? 1_000 : 1;
          models.activate(10 + swaps++, async () => handMadeArtifact(MOVIES, TAGS, factor));
          await recommender.refresh();
          // In earnest a refresh asks the database, and lets others have their turn.
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const seen = new Set<number>();
      for (let i = 0; i < 300; i++) {
        if (i % 3 === 0) recommender.historyChanged(COMEDY_FAN);
        const answer = await recommend(`userId: "${COMEDY_FAN}", k: 20`);
        // Comedies lie 0.2 to 0.8 away, dramas about 10: times 1 or times 1,000, never both.
        const factor = answer[0].distance > 100 ? 1_000 : 1;
        seen.add(factor);
        expect(answer[0].distance / factor).toBeCloseTo(0.2, 4);
        expect(answer[19].distance / factor).toBeGreaterThan(9);
        expect(answer[19].distance / factor).toBeLessThan(20);
        if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      running = false;
      await swapping;
      expect(swaps).toBeGreaterThan(10);
      expect(seen).toEqual(new Set([1, 1_000]));
    });

    it('refuses a model that cannot be read, keeps the old one, and says so', async () => {
      models.activate(50, async () => handMadeArtifact(MOVIES, TAGS));
      await recommender.refresh();
      warnings.length = 0;
      models.activate(51, () => Promise.reject(new CorruptArtifactError('Its checksum is wrong.')));
      await recommender.refresh();
      expect((await recommend(`userId: "${COMEDY_FAN}", k: 1`))[0].source).toBe('PERSONAL');
      const { serverInfo } = await data<{
        serverInfo: { status: string; activeModelId: string; modelProblem: string };
      }>('{ serverInfo { status activeModelId modelProblem } }');
      expect(serverInfo).toMatchObject({ status: 'DEGRADED', activeModelId: '50' });
      expect(serverInfo.modelProblem).toMatch(
        /Model 51 .* model 50 remains in service: Its checksum is wrong/,
      );
      expect(warnings).toEqual([serverInfo.modelProblem]);
      models.activate(52, async () =>
        handMadeArtifact([...MOVIES.slice(0, 5), { id: 6, x: Number.NaN, y: 0 }], TAGS),
      );
      await recommender.refresh();
      expect(recommender.status()).toMatchObject({
        activeModelId: 50,
        modelProblem: expect.stringMatching(/not finite/) as string,
      });
      models.activate(53, async () => handMadeArtifact(MOVIES, TAGS));
      await recommender.refresh();
      expect(recommender.status()).toMatchObject({ activeModelId: 53, modelProblem: null });
    });
  });
});

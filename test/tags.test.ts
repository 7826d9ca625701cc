/** Tag models, over HTTP: trained and measured, put in service, answering with what was tagged a
 *  moment ago, and taken out again. */
import { createCatalogResolvers } from '../src/catalog/resolvers';
import type { Database } from '../src/database/database';
import { ModelNotReadyError } from '../src/errors';
import type { ModelStore } from '../src/experiments/model-store';
import { createExperimentResolvers } from '../src/experiments/resolvers';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { readTowerSpace } from '../src/models/metric-tower/space';
import { NeighbourResolver } from '../src/recommendations/neighbour.resolver';
import { TagServing } from '../src/serving/models/tag-serving';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { ADMIN_KEY, bearer, type Data, startTestServer, type TestServer } from './support/graphql-server';
import { forgetExperiments } from './support/tiny-catalog';
import { type Laboratory, laboratory, SILENT, until } from './support/training-runner';

const [USERS, MOVIES] = [8, 9];
/** Has tagged everything but the last movie. */
const TAGGER = 1;
/** Has tagged nothing, and rated nothing. */
const NEWCOMER = USERS + 1;
const UNTAGGED_MOVIE = MOVIES + 1;
const SMALL_TOWER = { embeddingSize: 4, epochs: 40, batchSize: 8 };

/** User u puts a tag of their own (id u) and the movie's tag (id 100 + i) on every movie; users 1
 *  to 4 leave out the last one. */
async function seed(database: Database): Promise<void> {
  await forgetExperiments(database);
  await database.query('truncate app_user, movie, tag restart identity cascade');
  await database.query('insert into app_user (id) select generate_series(1, $1::int)', [USERS + 1]);
  await database.query(
    `insert into movie (id, title) select i, 'Movie ' || i from generate_series(1, $1::int) as i`,
    [MOVIES + 1],
  );
  await database.query(
    `insert into tag (id, name, key) select i, 'tag ' || i, 'tag ' || i
     from (select generate_series(1, $1::int) union all select 100 + generate_series(1, $2::int)) as t (i)`,
    [USERS, MOVIES],
  );
  await database.query(
    `insert into tagging (user_id, movie_id, tag_id, tagged_at)
     select u, m, tag, to_timestamp(1000000 + u) from generate_series(1, $1::int) as u, generate_series(1, $2::int) as m,
       lateral (values (u), (100 + m)) as t (tag)
     where m < $2 or u > 4`,
    [USERS, MOVIES],
  );
  await database.query(`select setval(pg_get_serial_sequence('tag', 'id'), 1000)`);
}

function serviceOver(database: Database, store: ModelStore, pollMs: number): Recommender {
  const models = {
    active: () => store.active('TAGS'),
    loadArtifact: (id: number) => store.loadArtifact(id),
  };
  const tags = new TagServing({ database, models, log: SILENT });
  return new Recommender({
    database,
    models: store,
    readSpace: readTowerSpace,
    tags,
    log: SILENT,
    pollMs,
  });
}

describeEachDatabase('tag models', (getDatabase) => {
  let lab: Laboratory;
  let recommender: Recommender;
  /** A second server on the same database. */
  let elsewhere: Recommender;
  let server: TestServer;

  beforeAll(async () => {
    const database = getDatabase();
    await seed(database);
    lab = laboratory(database);
    await lab.runner.start({ soleOwner: true });
    recommender = serviceOver(database, lab.store, 0);
    elsewhere = serviceOver(database, lab.store, 300);
    await recommender.start();
    await elsewhere.start();
    lab.store.onActivation = () => recommender.refresh();
    const resolvers = [
      ...createCatalogResolvers(database, recommender),
      ...createExperimentResolvers(database, lab.service, lab.store),
      new NeighbourResolver(recommender),
    ];
    const schema = buildNearfieldSchema(resolvers);
    server = await startTestServer({ schema });
  }, 60_000);
  afterAll(async () => {
    await lab?.stop();
    await server?.close();
    await recommender?.close();
    await elsewhere?.close();
  });

  const asAdmin = (query: string, variables: object = {}) =>
    server.ask(query, variables, bearer(ADMIN_KEY));
  async function ask(query: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await asAdmin(query, variables);
    expect(errors).toBeUndefined();
    return data;
  }
  async function train(input: object): Promise<Data> {
    const { trainModel } = await ask(
      `mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment {
        id status error protocol datasetHash backend publicationNote precisionAt5 recallAt10 ndcgAt20 coldStart { knownRatings }
        datasetCounts { users movies ratings taggings } epochs { epoch validationMetric }
        metrics { protocol split name mean ciLow ciHigh users } model { id task servable active } } } }`,
      { input: { ...input, wait: true } },
    );
    return trainModel.experiment;
  }
  async function tagsFor(
    userId: number,
    movieId: number | null,
    k = 3,
  ): Promise<{ id: string; source: string; distance: number }[]> {
    const { tagRecommendations } = await ask(
      'query ($u: ID!, $m: ID, $k: Int!) { tagRecommendations(userId: $u, movieId: $m, k: $k) { rank distance source tag { id } } }',
      { u: String(userId), m: movieId === null ? null : String(movieId), k },
    );
    return tagRecommendations.map(({ tag, source, distance }: Data) => ({ id: tag.id, source, distance }));
  }
  const tag = (userId: number, movieId: number, name: string): Promise<Data> =>
    ask('mutation ($i: TagMovieInput!) { tagMovie(input: $i) { tagging { tag { id } } } }', {
      i: { userId: String(userId), movieId: String(movieId), tag: name },
    }).then(({ tagMovie }) => tagMovie.tagging.tag.id);
  const ids = (tags: readonly { id: string }[]) => tags.map(({ id }) => id);
  const activeTagModel = async () => (await ask('{ activeModel(task: TAGS) { id task } }')).activeModel;

  let mix: Data;
  let tower: Data;

  it('refuses a protocol that does not fit what the algorithm ranks', async () => {
    for (const input of [
      '{ algorithm: TAG_TOWER, protocol: FULL_LAST_ITEM }',
      '{ algorithm: ITEM_KNN, protocol: TAG_POSTS }',
    ]) {
      const { errors } = await asAdmin(`mutation { trainModel(input: ${input}) { experiment { id } } }`);
      expect(errors?.[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.protocol' });
    }
    const { errors } = await asAdmin(
      'mutation { trainModel(input: { algorithm: TAG_TOWER, hyperparameters: { epochs: 0 } }) { experiment { id } } }',
    );
    expect(errors?.[0].extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'input.hyperparameters.epochs',
    });
  });

  it('trains on taggings alone, measures by held-out posts, and publishes nothing that does not beat the popular tags', async () => {
    mix = await train({ algorithm: 'POPULAR_TAGS_MIX' });
    tower = await train({ algorithm: 'TAG_TOWER', hyperparameters: SMALL_TOWER, seed: 1 });
    const taggings = 2 * (USERS * MOVIES - 4);
    expect(tower).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      protocol: 'TAG_POSTS',
      backend: 'plain TypeScript',
    });
    expect(tower.datasetCounts).toEqual({ users: USERS, movies: MOVIES, ratings: 0, taggings });
    expect(tower.epochs).toHaveLength(SMALL_TOWER.epochs);
    expect(tower.epochs[0].validationMetric).toBeGreaterThan(0);
    // The two tags of every post are known by construction.
    expect(tower.recallAt10).toBe(1);
    expect(tower.precisionAt5).toBeCloseTo(2 / 5, 6);
    const own = tower.metrics.filter(({ name }: Data) => name === 'NDCG_AT_20');
    expect(own.map(({ protocol, split, users }: Data) => [protocol, split, users])).toEqual([
      ['TAG_POSTS', 'TEST', USERS],
      ['TAG_POSTS', 'VALIDATION', USERS],
    ]);
    expect(own.every(({ mean, ciLow, ciHigh }: Data) => ciLow <= mean && mean <= ciHigh)).toBe(true);
    expect(tower.model).toMatchObject({ task: 'TAGS', servable: true });
    expect(mix.model).toMatchObject({ task: 'TAGS', servable: false, active: false });
    expect(tower.datasetHash).toBe(mix.datasetHash);
    expect(tower.model.active).toBe(
      tower.publicationNote.startsWith('Beats the popular tags of user and movie'),
    );
    if (tower.model.active) await ask('mutation { rollbackModel(task: TAGS) { model { id } } }');
  }, 120_000);

  it('compares and ranks tag experiments like others, and keeps the active movie model out of it', async () => {
    const { compareExperiments: found, leaderboard } = await ask(
      `query ($a: ID!, $b: ID!) { compareExperiments(baselineId: $a, candidateId: $b, metric: RECALL_AT_10) { users candidateMean }
        leaderboard(protocol: TAG_POSTS, metric: NDCG_AT_10) { algorithm users } }`,
      { a: mix.id, b: tower.id },
    );
    expect(found).toEqual({ users: USERS, candidateMean: 1 });
    expect(leaderboard.map(({ algorithm }: Data) => algorithm).sort()).toEqual([
      'POPULAR_TAGS_MIX',
      'TAG_TOWER',
    ]);
    expect((await ask('{ activeModel { id } }')).activeModel).toBeNull();
    const { errors } = await asAdmin('mutation { rollbackModel { model { id } } }');
    expect(errors?.[0].extensions?.code).toBe('CONFLICT');
  });

  it('is promoted, and answers by its own distances', async () => {
    const { errors } = await server.ask('{ tagRecommendations(userId: "1", movieId: "9") { rank } }');
    expect(errors?.[0].extensions?.code).toBe('MODEL_NOT_READY');
    await ask('mutation ($id: ID!) { promoteModel(modelId: $id) { model { id } } }', {
      id: tower.model.id,
    });
    expect(await activeTagModel()).toEqual({ id: tower.model.id, task: 'TAGS' });
    const tags = await tagsFor(TAGGER, MOVIES);
    expect(new Set(ids(tags).slice(0, 2))).toEqual(new Set(['1', String(100 + MOVIES)]));
    expect(new Set(tags.map(({ source }) => source))).toEqual(new Set(['TAG_MODEL']));
    const distances = tags.map(({ distance }) => distance);
    expect(distances[0]).toBeGreaterThan(0);
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    // Without a movie: their own tag before all others.
    expect(ids(await tagsFor(TAGGER, null))[0]).toBe('1');
    expect(
      (await asAdmin('{ tagRecommendations(userId: "99") { rank } }')).errors?.[0].extensions?.code,
    ).toBe('NOT_FOUND');
  });

  it('counts a tag in the next answer: one that is new, of a user who is new, on a movie that is new', async () => {
    const made = await tag(2, UNTAGGED_MOVIE, 'brand new');
    expect(ids(await tagsFor(NEWCOMER, UNTAGGED_MOVIE))[0]).toBe(made);
    await tag(NEWCOMER, 1, 'mine');
    const mine = await tag(NEWCOMER, 2, 'mine');
    expect(ids(await tagsFor(NEWCOMER, 3)).slice(0, 2)).toContain(mine);
    await until(async () => {
      const answer = elsewhere.tagRecommendations({ userId: NEWCOMER, movieId: 3, k: 2 });
      // It may not have the tag model yet, which it has as long to come to know.
      const { tags } = await answer.catch((error: unknown) => {
        if (error instanceof ModelNotReadyError) return { tags: [] };
        throw error;
      });
      return tags.some(({ tag: { id } }) => String(id) === mine);
    }, 2_000);
  });

  it('never recommends what the user has put there, and does again when it is taken back', async () => {
    expect(ids(await tagsFor(TAGGER, 1, 50))).not.toContain('1');
    await ask('mutation ($i: UntagMovieInput!) { untagMovie(input: $i) { removed } }', {
      i: { userId: '1', movieId: '1', tagId: '1' },
    });
    expect(ids(await tagsFor(TAGGER, 1))[0]).toBe('1');
  });

  it('goes back to none: the movie space answers again', async () => {
    const { rollbackModel } = await ask('mutation { rollbackModel(task: TAGS) { model { id active } } }');
    expect(rollbackModel.model).toEqual({ id: tower.model.id, active: false });
    expect(await activeTagModel()).toBeNull();
    const { errors } = await server.ask('{ tagRecommendations(userId: "1", movieId: "9") { rank } }');
    expect(errors?.[0].extensions?.code).toBe('MODEL_NOT_READY');
    const again = await asAdmin('mutation { rollbackModel(task: TAGS) { model { id } } }');
    expect(again.errors?.[0].extensions?.code).toBe('CONFLICT');
    expect(
      (await ask('mutation ($id: ID!) { deleteModel(modelId: $id) { modelId } }', { id: tower.model.id }))
        .deleteModel,
    ).toEqual({
      modelId: tower.model.id,
    });
  });
});

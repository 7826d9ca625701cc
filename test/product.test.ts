/** The main job, end to end, on both databases: an empty place, MovieLens, a trained tower,
 *  answers, experiments, stops and starts. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { readOperations } from '../src/http/landing-page';
import { DATABASE_KINDS } from './support/databases';
import { ADMIN_KEY } from './support/graphql-server';
import { emptyPlace, type Place, type Product, startProduct } from './support/product';

/** Small and short: whether the tower is good is for `src/models` and `bench/`; here it must beat
 *  popularity and be served. */
const QUICK_TOWER = { embeddingSize: 16, epochs: 6, negatives: 128 };
const TRAIN = `mutation Train($input: TrainModelInput) {
  trainModel(input: $input) { experiment { id status error publicationNote precisionAt5 model { id active } epochs { epoch loss } } }
}`;
const LIST =
  'query ($userId: ID!) { recommendations(userId: $userId, k: 20) { rank distance source movie { id title genres } } }';

describe.each(DATABASE_KINDS)('the product (%s)', (kind) => {
  let place: Place;
  let product: Product;

  beforeAll(async () => {
    place = await emptyPlace(kind);
    product = await startProduct(place.environment);
  }, 120_000);
  afterAll(async () => {
    await product?.stop('SIGKILL');
    await place?.remove();
  });

  /** Answers within a second of a publication: the service looks every second. */
  async function personalList(userId: string) {
    for (let attempt = 0; ; attempt++) {
      const { data, errors } = await product.ask(LIST, { userId });
      expect(errors).toBeUndefined();
      if (data.recommendations[0].source === 'PERSONAL' || attempt === 40) return data.recommendations;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it('has seeded MovieLens and answers by popularity before the first training', async () => {
    const { data } = await product.ask(
      `{ movies { totalCount } users { totalCount } serverInfo { status } }`,
    );
    expect(data).toEqual({
      movies: { totalCount: 9742 },
      users: { totalCount: 610 },
      serverInfo: { status: 'NO_MODEL' },
    });
    const { data: list } = await product.ask(LIST, { userId: '42' });
    expect(list.recommendations).toHaveLength(20);
    expect(new Set(list.recommendations.map(({ source }: { source: string }) => source))).toEqual(
      new Set(['POPULAR']),
    );
    expect(
      (await product.ask('{ similarMovies(movieId: "1") { rank } }')).errors?.[0].extensions?.code,
    ).toBe('MODEL_NOT_READY');
  });

  it('trains a tower that beats popularity, publishes it, and serves it without a restart', async () => {
    for (const seed of [1, 2]) {
      const { data, errors } = await product.asAdmin(TRAIN, {
        input: { hyperparameters: QUICK_TOWER, seed, wait: true },
      });
      expect(errors).toBeUndefined();
      const { experiment } = data.trainModel;
      expect(experiment).toMatchObject({ status: 'SUCCEEDED', error: null, model: { active: true } });
      expect(experiment.precisionAt5).toBeGreaterThan(0);
      expect(experiment.epochs).toHaveLength(QUICK_TOWER.epochs);
    }
    const list = await personalList('42');
    expect(list[0].source).toBe('PERSONAL');
  }, 300_000);

  it('answers twenty users with twenty different lists, in order of distance, without anything they rated', async () => {
    const firstMovies = new Map<string, number>();
    for (let userId = 1; userId <= 20; userId++) {
      const list = await personalList(String(userId));
      const distances = list.map(({ distance }: { distance: number }) => distance);
      expect(distances).toEqual([...distances].sort((a, b) => a - b));
      const { data } = await product.ask(
        'query ($id: ID!) { user(id: $id) { ratings(first: 100) { edges { node { movie { id } } } } } }',
        {
          id: String(userId),
        },
      );
      const rated = new Set(
        data.user.ratings.edges.map((edge: { node: { movie: { id: string } } }) => edge.node.movie.id),
      );
      for (const { movie } of list) {
        expect(rated).not.toContain(movie.id);
        firstMovies.set(movie.id, (firstMovies.get(movie.id) ?? 0) + 1);
      }
    }
    expect(firstMovies.size).toBeGreaterThan(80); // 20 lists of 20; one list for all would make it 20
  });

  it('lets three horror films change the very next answer', async () => {
    const created = await product.ask('mutation { createUser { user { id } } }');
    const userId = created.data.createUser.user.id;
    expect((await product.ask(LIST, { userId })).data.recommendations[0].source).toBe('POPULAR');
    const horrors = (list: { movie: { genres: string[] } }[]) =>
      list.filter(({ movie }) => movie.genres.includes('Horror')).length;
    const before = horrors((await product.ask(LIST, { userId })).data.recommendations);
    for (const movieId of ['1258', '1214', '1219']) {
      const { errors } = await product.ask(
        'mutation ($input: RateMovieInput!) { rateMovie(input: $input) { rating { value } } }',
        {
          input: { userId, movieId, value: 5 },
        },
      );
      expect(errors).toBeUndefined();
    }
    const after = (await product.ask(LIST, { userId })).data.recommendations;
    expect(after[0].source).toBe('PERSONAL');
    expect(horrors(after)).toBeGreaterThan(before);
    expect(after.map(({ movie }: { movie: { id: string } }) => movie.id)).not.toContain('1258');
  });

  it('keeps the keys of the models to the admin', async () => {
    const { errors } = await product.ask('mutation { trainModel { experiment { id } } }');
    expect(errors?.[0].extensions?.code).toBe('FORBIDDEN');
  });

  describe('every example of schema/operations runs as written', () => {
    beforeAll(async () => {
      // The examples speak of experiment 4, still open, and of models 1, 2 and 3; the last one is
      // for deletion.
      await product.asAdmin(TRAIN, { input: { algorithm: 'POPULARITY', wait: true } });
      const { data } = await product.asAdmin(TRAIN, { input: { hyperparameters: { epochs: 500 } } });
      expect(data.trainModel.experiment.id).toBe('4');
    });

    it.each(readOperations().filter(({ query }) => !query.startsWith('subscription')))(
      '$name',
      async ({ query, variables }) => {
        const answer = await product.asAdmin(query, variables);
        expect(answer.errors).toBeUndefined();
        expect(Object.values(answer.data)).not.toHaveLength(0);
        for (const value of Object.values(answer.data)) expect(value).not.toBeNull();
      },
    );

    it.each(readOperations().filter(({ query }) => query.startsWith('subscription')))(
      '$name',
      async ({ query, variables }) => {
        const connectionParams = { authorization: `Bearer ${ADMIN_KEY}` };
        const client = createClient({
          url: product.url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          connectionParams,
        });
        const seen = [];
        for await (const { data, errors } of client.iterate({ query, variables })) {
          expect(errors).toBeUndefined();
          seen.push(data);
        }
        await client.dispose();
        expect(seen.at(-1)).toEqual({
          trainingProgress: { status: 'SUCCEEDED', stage: null, progress: 1 },
        });
      },
    );
  });

  it('rolls back and forth between the models', async () => {
    await product.asAdmin('mutation { promoteModel(modelId: "2", force: true) { model { id } } }');
    await product.asAdmin('mutation { promoteModel(modelId: "1", force: true) { model { id } } }');
    expect((await product.ask('{ serverInfo { activeModelId } }')).data.serverInfo.activeModelId).toBe('1');
    const { data } = await product.asAdmin('mutation { rollbackModel { model { id } } }');
    expect(data.rollbackModel.model.id).toBe('2');
    expect((await product.ask('{ serverInfo { activeModelId } }')).data.serverInfo.activeModelId).toBe('2');
  });

  it('ends cleanly on SIGTERM with a training under way, and goes on with it at the next start', async () => {
    const { data } = await product.asAdmin(TRAIN, { input: { hyperparameters: { epochs: 500 } } });
    const id = data.trainModel.experiment.id;
    expect(await product.stop('SIGTERM')).toBe(0);

    product = await startProduct(place.environment);
    const { data: now } = await product.ask(
      'query ($id: ID!) { experiment(id: $id) { status } serverInfo { status } }',
      { id },
    );
    expect(now.serverInfo.status).toBe('OK');
    expect(['QUEUED', 'RUNNING']).toContain(now.experiment.status);
    await product.asAdmin(
      'mutation ($id: ID!) { cancelTraining(experimentId: $id) { experiment { id } } }',
      {
        id,
      },
    );
  }, 120_000);

  it('is there again after kill -9, with what it had answered', async () => {
    const rate =
      'mutation { rateMovie(input: { userId: "42", movieId: "3", value: 4.5 }) { rating { value } } }';
    expect((await product.ask(rate)).errors).toBeUndefined();
    await product.stop('SIGKILL');
    product = await startProduct(place.environment);
    const { data } = await product.ask(
      '{ user(id: "42") { ratings(first: 1) { edges { node { value movie { id } } } } } }',
    );
    expect(data.user.ratings.edges).toEqual([{ node: { value: 4.5, movie: { id: '3' } } }]);
    expect((await personalList('42'))[0].source).toBe('PERSONAL');
  }, 120_000);
});

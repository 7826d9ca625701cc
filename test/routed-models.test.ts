/** Several models in memory: users whom a router sends to another model, requests that name one,
 *  and models that cannot be had. */
import type { Database } from '../src/database/database';
import { NotFoundError } from '../src/errors';
import { type Artifact, CorruptArtifactError } from '../src/models/artifact';
import type { ActiveModel } from '../src/serving/models/model-source';
import type { ServedList } from '../src/serving/models/served-models';
import type { RankedMovies } from '../src/serving/ranker/ranking';
import { Recommender } from '../src/serving/recommender';
import { describeEachDatabase } from './support/databases';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';

const MOVIES = Array.from({ length: 8 }, (_, i) => ({ id: i + 1, x: i, y: 0 }));
const ODD = 1;
const EVEN = 2;

async function seed(database: Database): Promise<void> {
  await database.query('insert into app_user (id) values (1), (2), (3)');
  await database.query(
    `insert into movie (id, title, year, genres) select id, 'Movie ' || id, 2000, '{Drama}' from unnest($1::int[]) as m (id)`,
    [MOVIES.map(({ id }) => id)],
  );
  await database.query(
    `insert into rating (user_id, movie_id, value, rated_at) values (1, 1, 5, now()), (2, 1, 5, now()), (3, 3, 5, now())`,
  );
  await database.query(`select setval(pg_get_serial_sequence('movie', 'id'), 1000)`);
}

describeEachDatabase('several models', (getDatabase) => {
  const served: ServedList[] = [];
  const warnings: string[] = [];
  const loads: number[] = [];
  let statements = 0;
  // Model m is m times as large as model 1, so that a distance tells which one measured it.
  const artifacts = new Map<number, () => Artifact>(
    [1, 2, 3, 4, 5, 6].map((id) => [id, () => handMadeArtifact(MOVIES, [], id)]),
  );
  let split = new Map<number, number>();
  let active: ActiveModel = { activationId: 1, modelId: 1 };
  let recommender: Recommender;

  beforeAll(async () => {
    await seed(getDatabase());
    artifacts.set(7, () => {
      throw new CorruptArtifactError('Its checksum is wrong.');
    });
    recommender = new Recommender({
      database: new Proxy(getDatabase(), {
        get: (target, name) => {
          if (name === 'query') statements++;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      }),
      models: {
        active: async () => active,
        loadArtifact: async (id) => {
          loads.push(id);
          const make = artifacts.get(id);
          if (!make) throw new NotFoundError('model', id);
          return make();
        },
      },
      readSpace: readHandMade,
      router: {
        modelIds: () => [...split.values()],
        modelFor: (userId) => split.get(userId) ?? null,
        served: (event) => void served.push(event),
      },
      log: { info: () => undefined, warn: (message) => void warnings.push(message) },
      pollMs: 0,
    });
    await recommender.start();
  });
  afterAll(() => recommender?.close());

  const listOf = async (userId: number, modelId?: number): Promise<RankedMovies> =>
    recommender.recommend({ userId, k: 3, ...(modelId !== undefined && { modelId }) });

  it('sends each user to the model of their share, and tells what was served', async () => {
    expect([modelIdOf(await listOf(ODD)), modelIdOf(await listOf(EVEN))]).toEqual([1, 1]);
    split = new Map([[EVEN, 2]]);
    await recommender.refresh();
    served.length = 0;
    expect([modelIdOf(await listOf(ODD)), modelIdOf(await listOf(EVEN))]).toEqual([1, 2]);
    expect(served).toEqual([
      { userId: ODD, modelId: 1, movieIds: [2, 3, 4], source: 'PERSONAL' },
      { userId: EVEN, modelId: 2, movieIds: [2, 3, 4], source: 'PERSONAL' },
    ]);
    expect(recommender.status().activeModelId).toBe(1);
  });

  it('says who is like a user by the model from which the user is answered, films that came later included', async () => {
    const likeThem = async (userId: number) =>
      (await recommender.similarUsers(userId, 2)).map(({ user, distance }) => [user.id, distance]);
    expect(await likeThem(ODD)).toEqual([
      [EVEN, 0],
      [3, 2],
    ]);
    expect(await likeThem(EVEN)).toEqual([
      [ODD, 0],
      [3, 4],
    ]);
    // A drama lies at the origin.
    await getDatabase().query(
      "insert into movie (id, title, genres, changed_at) values (40, 'Later', '{Drama}', now())",
    );
    await recommender.movieChanged(40);
    await getDatabase().query(
      'insert into rating (user_id, movie_id, value, rated_at) values (3, 40, 5, now())',
    );
    recommender.historyChanged(3);
    expect(await likeThem(EVEN)).toEqual([
      [ODD, 0],
      [3, 2],
    ]);
    await getDatabase().query('delete from movie where id = 40');
    await recommender.catalogChanged();
  });

  it('answers a routed user from memory at once, after a change of their history and of the catalog too', async () => {
    await listOf(EVEN);
    const before = [statements, loads.length];
    await listOf(EVEN);
    expect([statements, loads.length]).toEqual(before);
    await getDatabase().query(
      "insert into movie (id, title, genres, changed_at) values (50, 'New', '{Drama}', now())",
    );
    await recommender.movieChanged(50);
    recommender.historyChanged(EVEN);
    const ranked = await listOf(EVEN);
    expect(modelIdOf(ranked)).toBe(2);
    // A drama that training did not know lies at the origin, where the user is.
    expect(ranked.rows.map((row) => ranked.viewer.state.catalog.movies[row].id)).toEqual([50, 2, 3]);
    expect(ranked.distances).toEqual([0, 2, 4]);
  });

  it('asks a model by its id, without telling the router, and forgets those that were asked for longest ago', async () => {
    served.length = 0;
    loads.length = 0;
    for (const id of [3, 4, 3, 1, 2]) expect((await listOf(ODD, id)).viewer.state.model?.modelId).toBe(id);
    expect(loads).toEqual([3, 4]);
    const before = statements;
    await listOf(ODD, 4);
    expect([statements, loads]).toEqual([before, [3, 4]]);
    for (const id of [5, 6, 4]) await listOf(ODD, id);
    expect(loads).toEqual([3, 4, 5, 6]);
    await listOf(ODD, 3);
    expect(loads).toEqual([3, 4, 5, 6, 3]);
    expect(served).toEqual([]);
  });

  it('reads a model once for all who ask at the same time', async () => {
    loads.length = 0;
    const lists = await Promise.all(Array.from({ length: 5 }, () => listOf(ODD, 5)));
    expect(new Set(lists.map(({ viewer }) => viewer.state.model?.modelId))).toEqual(new Set([5]));
    expect(loads.length).toBeLessThanOrEqual(1);
  });

  it('says that a model is not there, or cannot be served', async () => {
    await expect(listOf(ODD, 99)).rejects.toMatchObject({ code: 'NOT_FOUND', entity: 'model', id: 99 });
    await expect(listOf(ODD, 7)).rejects.toMatchObject({
      code: 'MODEL_NOT_SERVABLE',
      message: expect.stringMatching(/checksum/) as string,
    });
    await expect(listOf(99, 3)).rejects.toMatchObject({ code: 'NOT_FOUND', entity: 'user' });
  });

  it('answers the users of a routed model that cannot be read from the active one, and logs it', async () => {
    split = new Map([[EVEN, 7]]);
    warnings.length = 0;
    served.length = 0;
    await recommender.refresh();
    expect((await listOf(EVEN)).viewer.state.model?.modelId).toBe(1);
    expect(served[0].modelId).toBe(1);
    expect(warnings).toEqual([expect.stringMatching(/Model 7 of the traffic split .*checksum/)]);
  });

  it('promotes a model that is in memory without reading it again, and goes back likewise', async () => {
    split = new Map([[EVEN, 2]]);
    await recommender.refresh();
    loads.length = 0;
    active = { activationId: 2, modelId: 2 };
    await recommender.refresh();
    expect([modelIdOf(await listOf(ODD)), modelIdOf(await listOf(EVEN))]).toEqual([2, 2]);
    active = { activationId: 3, modelId: 1 };
    await recommender.refresh();
    expect([modelIdOf(await listOf(ODD)), modelIdOf(await listOf(EVEN))]).toEqual([1, 2]);
    expect(loads).toEqual([]);
    expect(recommender.status()).toMatchObject({ activeModelId: 1, activationId: 3 });
  });
});

function modelIdOf(ranked: RankedMovies): number | undefined {
  return ranked.viewer.state.model?.modelId;
}

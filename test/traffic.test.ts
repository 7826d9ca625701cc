/** Traffic splits: who is answered from which model, on this server and on another, what was shown,
 *  and what came of it. */
import type { Database } from '../src/database/database';
import { ModelStore } from '../src/experiments/model-store';
import { encodeArtifact } from '../src/models/artifact';
import { Random } from '../src/numeric/random';
import { Recommender } from '../src/serving/recommender';
import { createTraffic, type Traffic } from '../src/traffic/traffic';
import { describeEachDatabase } from './support/databases';
import { handMadeArtifact, readHandMade } from './support/hand-made-space';
import { until } from './support/training-runner';

const USERS = 40;
const MOVIES = Array.from({ length: 12 }, (_, i) => ({ id: i + 1, x: i, y: 0 }));
const BOTH = [
  { modelId: 1, weight: 1 },
  { modelId: 2, weight: 1 },
];

interface Server {
  readonly traffic: Traffic;
  readonly recommender: Recommender;
  readonly store: ModelStore;
  /** The model that answers each user. */
  models(): Promise<number[]>;
  stop(): Promise<void>;
}

async function startServer(database: Database, pollMs: number, capacity?: number): Promise<Server> {
  const store = new ModelStore(database);
  const warn = () => undefined;
  const traffic = createTraffic(database, store, {
    warn,
    pollMs,
    ...(capacity !== undefined && { capacity }),
  });
  const log = { info: () => undefined, warn };
  const recommender = new Recommender({
    database,
    models: store,
    readSpace: readHandMade,
    router: traffic.router,
    log,
    pollMs,
  });
  await traffic.router.start();
  await recommender.start();
  store.onActivation = () => recommender.refresh();
  traffic.router.onModels = () => recommender.refresh();
  const modelOf = async (userId: number) =>
    (await recommender.recommend({ userId, k: 3 })).viewer.state.model?.modelId ?? 0;
  return {
    traffic,
    recommender,
    store,
    models: () => Promise.all(Array.from({ length: USERS }, (_, u) => modelOf(u + 1))),
    stop: async () => {
      await traffic.router.stop();
      await recommender.close();
    },
  };
}

describeEachDatabase('a traffic split', (getDatabase) => {
  let server: Server;
  const split = (shares: readonly { modelId: number; weight: number }[]) =>
    server.traffic.service.set(shares);
  const written = () => getDatabase().query<{ times: number }>('select times from impression order by id');

  beforeAll(async () => {
    const database = getDatabase();
    await database.query('insert into app_user (id) select generate_series(1, $1::int)', [USERS]);
    await database.query(
      `insert into movie (id, title, year, genres) select id, 'Movie ' || id, 2000, '{Drama}' from unnest($1::int[]) as m (id)`,
      [MOVIES.map(({ id }) => id)],
    );
    await database.query(
      `insert into rating (user_id, movie_id, value, rated_at) select id, 1, 5, now() - interval '1 day' from app_user`,
    );
    server = await startServer(database, 0);
    for (const factor of [1, 2, 3]) {
      const [{ id: experimentId }] = await database.query<{ id: number }>(
        `insert into experiment (algorithm, protocol, seed) values ('TWO_TOWER', 'FULL_LAST_ITEM', 1) returning id`,
      );
      const artifact = encodeArtifact(handMadeArtifact(MOVIES, [], factor));
      const model = { experimentId, algorithm: 'TWO_TOWER' as const, servable: true, artifact };
      await database.transaction((client) => server.store.save(client, model, factor === 1));
    }
    await server.recommender.refresh();
  });
  afterEach(async () => {
    await split([]);
    await getDatabase().query('truncate impression');
  });
  afterAll(() => server?.stop());

  it('sends each user to one model, the same each time, and everyone back when it ends', async () => {
    expect(new Set(await server.models())).toEqual(new Set([1]));
    await split(BOTH);
    const models = await server.models();
    expect(new Set(models)).toEqual(new Set([1, 2]));
    expect(await server.models()).toEqual(models);
    await split([
      { modelId: 1, weight: 1 },
      { modelId: 2, weight: 3 },
    ]);
    const later = await server.models();
    expect(later.filter((model) => model === 2).length).toBeGreaterThan(
      models.filter((model) => model === 2).length,
    );
    expect(later.every((model, user) => model === models[user] || model === 2)).toBe(true);
    expect(await split([])).toBeNull();
    expect(new Set(await server.models())).toEqual(new Set([1]));
  });

  it('keeps its users over a restart, and the same on another server, which follows within two seconds', async () => {
    const other = await startServer(getDatabase(), 500);
    try {
      await split(BOTH);
      const models = await server.models();
      const changedAt = performance.now();
      await until(async () => JSON.stringify(await other.models()) === JSON.stringify(models));
      expect(performance.now() - changedAt).toBeLessThan(2_000);
      const restarted = await startServer(getDatabase(), 0);
      expect(await restarted.models()).toEqual(models);
      await restarted.stop();
    } finally {
      await other.stop();
    }
  });

  it('says what is wrong with a share, and changes nothing', async () => {
    const [first] = BOTH;
    const wrong: [object[], object][] = [
      [[first, first], { code: 'BAD_USER_INPUT', field: 'shares.1.modelId' }],
      [[{ modelId: 1, weight: 0 }], { code: 'BAD_USER_INPUT', field: 'shares.0.weight' }],
      [[{ modelId: 1, weight: Number.NaN }], { code: 'BAD_USER_INPUT', field: 'shares.0.weight' }],
      [[first, { modelId: 99, weight: 1 }], { code: 'NOT_FOUND' }],
      [
        Array.from({ length: 9 }, (_, i) => ({ modelId: i + 1, weight: 1 })),
        { code: 'BAD_USER_INPUT', field: 'shares' },
      ],
    ];
    for (const [shares, error] of wrong)
      await expect(split(shares as typeof BOTH)).rejects.toMatchObject(error);
    expect(await server.traffic.service.running()).toBeNull();
  });

  it('protects its models from deletion while it runs, and reports on a deleted one afterwards', async () => {
    const [{ id }] = await getDatabase().query<{ id: number }>(
      `with e as (insert into experiment (algorithm, protocol, seed) values ('TWO_TOWER', 'FULL_LAST_ITEM', 1) returning id)
       insert into model (experiment_id, algorithm, servable, artifact, sha256)
       select e.id, 'TWO_TOWER', true, artifact, sha256 from e, model where model.id = 3 returning id`,
    );
    const running = await split([BOTH[0], { modelId: id, weight: 1 }]);
    await expect(server.store.delete(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await split([BOTH[0]]);
    await server.store.delete(id);
    const { outcomes } = await server.traffic.service.report(running!.id);
    expect(outcomes.map(({ modelId, weight }) => [modelId, weight])).toEqual([
      [1, 1],
      [id, 0],
    ]);
    await expect(split([{ modelId: id, weight: 1 }])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('runs one split however many ask at once', async () => {
    await Promise.all([split(BOTH), split([BOTH[0]]), split(BOTH)]);
    const rows = await getDatabase().query('select id from traffic_split where ended_at is null');
    expect(rows).toHaveLength(1);
  });

  it('writes what was shown: the same list asked for again as one row, nothing outside of a split', async () => {
    await server.models();
    await split(BOTH);
    await server.models();
    await server.models();
    await server.traffic.impressions.flush();
    expect((await written()).map(({ times }) => times)).toEqual(new Array(USERS).fill(2));
  });

  it('finds what a user was shown without reading what everyone was, as the removal of a user must', async () => {
    const rows = await getDatabase().query<{ definition: string }>(
      `select indexdef as definition from pg_indexes where tablename = 'impression'`,
    );
    expect(rows.map(({ definition }) => definition)).toContainEqual(expect.stringMatching(/\(user_id\)$/));
  });

  it("counts no list of a model that stood in for the user's own, though it has a share too", async () => {
    await split(BOTH);
    const { router, impressions } = server.traffic;
    const assigned = router.modelFor(1);
    for (const modelId of [1, 2])
      router.served({ userId: 1, modelId, movieIds: [2, 3], source: 'PERSONAL' });
    await impressions.flush();
    const noted = await getDatabase().query<{ model: number }>('select model_id as model from impression');
    expect(noted).toEqual([{ model: assigned }]);
  });

  it('loses nothing at an orderly stop, nor while the database is away for a moment', async () => {
    await split(BOTH);
    const other = await startServer(getDatabase(), 0);
    await other.models();
    await getDatabase().query('alter table impression rename to impression_away');
    await expect(other.traffic.impressions.flush()).rejects.toThrow('impression');
    await getDatabase().query('alter table impression_away rename to impression');
    expect(await written()).toHaveLength(0);
    await other.stop();
    expect(await written()).toHaveLength(USERS);
    expect(other.traffic.impressions.lost).toBe(0);
  });

  it('notes no more than it has room for, and counts the rest', async () => {
    await split(BOTH);
    const other = await startServer(getDatabase(), 0, 10);
    await other.models();
    expect(other.traffic.impressions.lost).toBe(USERS - 10);
    await other.stop();
    expect(await written()).toHaveLength(10);
  });

  describe('its report', () => {
    it('attributes a rating of today to the model that showed the film', async () => {
      const running = await split(BOTH);
      const models = await server.models();
      await server.traffic.impressions.flush();
      const rater = models.indexOf(2) + 1;
      await getDatabase().query(
        'insert into rating (user_id, movie_id, value, rated_at) values ($1, 2, 4.5, now())',
        [rater],
      );
      const { outcomes } = await server.traffic.service.report(running!.id);
      await getDatabase().query('delete from rating where movie_id = 2');
      const counted = models.filter((model) => model === 2).length;
      expect(outcomes[0]).toMatchObject({
        modelId: 1,
        ratings: 0,
        meanRating: null,
        rate: 0,
        difference: null,
      });
      expect(outcomes[1]).toMatchObject({
        modelId: 2,
        users: counted,
        lists: counted,
        shownMovies: 3 * counted,
        ratings: 1,
        meanRating: 4.5,
      });
      expect(outcomes[1].rate).toBeCloseTo(1 / 3 / counted, 10);
      expect(outcomes[1].difference).toBeCloseTo(1 / 3 / counted, 10);
      expect(outcomes[1].differenceInterval!.low).toBeLessThan(0);
    });

    it('agrees with a plain count over random impressions and ratings, those after its end left out', async () => {
      const random = new Random(3);
      const below = (n: number) => Math.floor(random.uniform() * n);
      const shows = Array.from({ length: 300 }, () => ({
        modelId: 1 + below(2),
        userId: 1 + below(USERS),
        at: below(1_000),
        movieIds: [...new Set(Array.from({ length: 4 }, () => 2 + below(11)))],
      }));
      const ratings = Array.from({ length: USERS * 11 }, (_, i) => ({
        userId: 1 + Math.floor(i / 11),
        movieId: 2 + (i % 11),
        at: below(1_500) + 0.5,
        value: (1 + below(10)) / 2,
      })).filter(() => random.uniform() < 0.5);
      const END = 1_200;
      const { id } = (await split(BOTH))!;
      await split([]);
      const database = getDatabase();
      await database.query(
        `update traffic_split set started_at = to_timestamp(0), ended_at = to_timestamp($2) where id = $1`,
        [id, END],
      );
      await database.query(
        `insert into impression (split_id, model_id, user_id, shown_at, times, source, movie_ids)
         select $1, "modelId", "userId", to_timestamp(at), 2, 'PERSONAL', array(select json_array_elements_text("movieIds")::int)
         from json_to_recordset($2) as show ("modelId" int, "userId" int, at float8, "movieIds" json)`,
        [id, JSON.stringify(shows)],
      );
      await database.query(
        `insert into rating (user_id, movie_id, value, rated_at) select "userId", "movieId", value, to_timestamp(at)
         from json_to_recordset($1) as rating ("userId" int, "movieId" int, value real, at float8)`,
        [JSON.stringify(ratings)],
      );
      const { outcomes } = await server.traffic.service.report(id);
      await database.query('delete from rating where movie_id > 1');

      const attributed = ratings.flatMap(({ userId, movieId, at, value }) => {
        const before = shows.filter(
          (show) => show.userId === userId && show.movieIds.includes(movieId) && show.at < at,
        );
        const latest = Math.max(...before.map((show) => show.at));
        const last = before.filter((show) => show.at === latest);
        return before.length === 0 || at > END
          ? []
          : [{ userId, value, modelIds: new Set(last.map(({ modelId }) => modelId)) }];
      });
      expect(attributed.every(({ modelIds }) => modelIds.size === 1)).toBe(true); // no two models at the same moment: one answer is right
      for (const { modelId, ...outcome } of outcomes) {
        const own = attributed.filter(({ modelIds }) => modelIds.has(modelId));
        const users = [
          ...new Set(shows.filter((show) => show.modelId === modelId).map(({ userId }) => userId)),
        ];
        const shown = users.map(
          (user) =>
            new Set(
              shows.filter((s) => s.modelId === modelId && s.userId === user).flatMap((s) => s.movieIds),
            ).size,
        );
        const rates = users.map((user, u) => own.filter(({ userId }) => userId === user).length / shown[u]);
        expect(outcome).toMatchObject({
          users: users.length,
          lists: 2 * shows.filter((show) => show.modelId === modelId).length,
          shownMovies: shown.reduce((a, b) => a + b, 0),
          ratings: own.length,
        });
        expect(outcome.meanRating).toBeCloseTo(
          own.reduce((sum, { value }) => sum + value, 0) / own.length,
          6,
        );
        expect(outcome.rate).toBeCloseTo(rates.reduce((a, b) => a + b, 0) / users.length, 10);
        expect(outcome.interval!.low).toBeLessThan(outcome.rate!);
      }
    });

    it('does not know a split that never was', async () => {
      await expect(server.traffic.service.report(9_999)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });
});

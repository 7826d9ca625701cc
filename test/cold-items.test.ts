/** How new movies warm up, as a part of an experiment: over HTTP, stored, refused where it has no
 *  meaning, and interrupted. */
import { describeEachDatabase } from './support/databases';
import { type LaboratoryServer, startLaboratory } from './support/laboratory-server';
import { laboratory, until } from './support/training-runner';

const TRAIN = `mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment {
  id status error progress measureColdItems coldStart { knownRatings name mean ciLow ciHigh users } } } }`;
/** Long enough to be met in the middle. */
const LONG = {
  algorithm: 'BPR_MF',
  hyperparameters: { embeddingSize: 16, epochs: 60, patience: 60 },
  protocol: 'COLD_ITEMS',
  measureColdItems: true,
} as const;
/** Of the whole, when the first of the six trainings is over. */
const FIRST_TRAINING = 0.05 + 0.8 / 6;

describeEachDatabase('new movies, measured', (getDatabase) => {
  let laboratoryServer: LaboratoryServer;

  beforeAll(async () => {
    const database = getDatabase();
    // Each movie is rated by the thirty users of its own parity.
    await database.query(
      "insert into movie (id, title) select i, 'Movie ' || i from generate_series(1, 300) as i",
    );
    await database.query('insert into app_user (id) select i from generate_series(1, 60) as i');
    await database.query(
      `insert into rating (user_id, movie_id, value, rated_at)
       select u, m, 4, to_timestamp(1000000 + m) from generate_series(1, 60) u, generate_series(1, 300) m where u % 2 = m % 2`,
    );
    laboratoryServer = await startLaboratory(database);
    await laboratoryServer.lab.runner.start({ soleOwner: true });
  });
  afterAll(() => laboratoryServer.stop());

  const train = async (input: object) =>
    (await laboratoryServer.ask(TRAIN, { input: { wait: true, ...input } })).trainModel.experiment;

  it('is stored with the experiment if it was asked for, the same for the same seed, and one model is kept', async () => {
    const input = {
      algorithm: 'ITEM_KNN',
      hyperparameters: { neighbours: 300 },
      protocol: 'COLD_ITEMS',
      measureColdItems: true,
    };
    const { id, ...experiment } = await train(input);
    expect(experiment).toMatchObject({
      status: 'SUCCEEDED',
      error: null,
      progress: 1,
      measureColdItems: true,
    });
    for (const name of ['NDCG_AT_10', 'RECALL_AT_10']) {
      const curve = experiment.coldStart.filter((point: { name: string }) => point.name === name);
      expect(curve.map(({ knownRatings }: { knownRatings: number }) => knownRatings)).toEqual([
        0, 1, 2, 5, 10, 20,
      ]);
      for (const { mean, ciLow, ciHigh, users } of curve) {
        expect(users).toBe(curve[0].users);
        expect(ciLow).toBeLessThanOrEqual(mean);
        expect(ciHigh).toBeGreaterThanOrEqual(mean);
      }
      expect(curve[5].mean).toBeGreaterThan(curve[0].mean + 0.2);
    }
    expect(experiment.coldStart).toHaveLength(12);
    expect(await laboratoryServer.lab.service.modelsOf([Number(id)])).toHaveLength(1);
    expect((await train(input)).coldStart).toEqual(experiment.coldStart);
    expect(await train({ ...input, measureColdItems: false })).toMatchObject({
      measureColdItems: false,
      coldStart: [],
    });
  });

  it.each([
    ['another protocol', { algorithm: 'ITEM_KNN', protocol: 'NEW_USERS' }],
    ['the default protocol', { algorithm: 'ITEM_KNN' }],
    ['a system that ranks tags', { algorithm: 'PITF' }],
    [
      'a search',
      { algorithm: 'ITEM_KNN', protocol: 'COLD_ITEMS', search: { space: { neighbours: [1, 2] } } },
    ],
  ])('is refused with its name under %s, and nothing is queued', async (_, input) => {
    const count = async () => (await laboratoryServer.lab.service.find()).length;
    const before = await count();
    const refused = await laboratoryServer.refusal(TRAIN, { input: { ...input, measureColdItems: true } });
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.measureColdItems' });
    expect(await count()).toBe(before);
  });

  it('is begun anew after a stop in its middle, and cancelled there within two seconds', async () => {
    const { lab } = laboratoryServer;
    const inTheMiddle = async (id: number) => ((await lab.service.get(id))?.progress ?? 0) > FIRST_TRAINING;
    const { id } = await lab.service.start(LONG);
    await until(() => inTheMiddle(id), 60_000);
    await lab.runner.stop();
    expect(await lab.service.get(id)).toMatchObject({ status: 'QUEUED', measureColdItems: true });

    const next = laboratory(getDatabase());
    try {
      await next.runner.start({ soleOwner: true });
      await until(async () => (await lab.service.get(id))?.status === 'RUNNING');
      await until(() => inTheMiddle(id), 60_000);
      const startedAt = performance.now();
      await next.service.cancel(id);
      expect(await next.service.wait(id)).toMatchObject({ status: 'CANCELLED', error: null });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(await next.service.coldStartOf([id])).toEqual([]);
      expect(await next.service.modelsOf([id])).toEqual([]);
    } finally {
      await next.stop();
    }
  });
});

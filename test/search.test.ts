/** Searches over real HTTP: trials on validation data, a winner, a final training; and what becomes
 *  of them when things stop. */
import { openDatabase } from '../src/database/database';
import { SearchService } from '../src/experiments/search/search-service';
import {
  createServerDatabase,
  DATABASE_KINDS,
  describeEachDatabase,
  makeDataDir,
} from './support/databases';
import { ENTITIES } from './support/entities';
import { bearer, READER_KEY } from './support/graphql-server';
import { killDuringTraining } from './support/kill-during-training';
import { type LaboratoryServer, startLaboratory } from './support/laboratory-server';
import { forgetExperiments, seedTinyCatalog } from './support/tiny-catalog';
import { laboratory, until } from './support/training-runner';

const TRAIN = `mutation ($input: TrainModelInput!) { trainModel(input: $input) {
  experiment { id status searchRole precisionAt5 } search { id status } } }`;
const SEARCH = `query ($id: ID!) { search(id: $id) {
  id algorithm protocol strategy space hyperparameters seed trainingSeed publish status error progress finishedAt rungs { trials epochs }
  trials { id status trial rung winner hyperparameters validationObjective precisionAt5 metrics { split } model { id } publicationNote search { id } }
  winner { id hyperparameters } final { id status searchRole winner trial rung hyperparameters seed precisionAt5 model { id } publicationNote } } }`;
const CANCEL =
  'mutation ($id: ID!) { cancelSearch(searchId: $id) { search { status progress trials { status } } } }';

/** Several trainings, on a machine that has other work. */
const PATIENCE_MS = 50_000;

interface Trial {
  readonly id: string;
  readonly status: string;
  readonly trial: number;
  readonly rung: number;
  readonly winner: boolean;
  readonly hyperparameters: Record<string, unknown>;
  readonly validationObjective: number | null;
  readonly precisionAt5: number | null;
  readonly metrics: { split: string }[];
  readonly model: unknown;
  readonly publicationNote: string;
}

describeEachDatabase('a search', (getDatabase) => {
  const open: LaboratoryServer[] = [];
  async function start(options: Parameters<typeof startLaboratory>[1] = {}): Promise<LaboratoryServer> {
    const made = await startLaboratory(getDatabase(), options);
    open.push(made);
    return made;
  }

  beforeAll(() => seedTinyCatalog(getDatabase()));
  afterEach(async () => {
    for (const each of open.splice(0)) await each.stop();
    await forgetExperiments(getDatabase());
  });

  it('tries random points, and trains anew with the best on validation data', async () => {
    const { ask, lab } = await start();
    await lab.runner.start();
    const space = { neighbours: [1, 5, 40], weighting: ['COSINE', 'BM25'] };
    const input = {
      algorithm: 'ITEM_KNN',
      hyperparameters: { shrinkage: 1 },
      seed: 5,
      search: { space, trials: 4, seed: 9 },
      wait: true,
    };
    const { trainModel } = await ask(TRAIN, { input });
    expect(trainModel.search).toEqual({ id: '1', status: 'SUCCEEDED' });
    const { search } = await ask(SEARCH, { id: '1' });
    expect(search).toMatchObject({
      algorithm: 'ITEM_KNN',
      strategy: 'RANDOM',
      space,
      hyperparameters: { shrinkage: 1 },
      seed: 9,
      trainingSeed: 5,
    });
    expect(search).toMatchObject({
      progress: 1,
      error: null,
      rungs: [{ trials: 4, epochs: null }],
      finishedAt: expect.any(String),
    });

    const trials: Trial[] = search.trials;
    expect(trials.map(({ trial, rung }) => [trial, rung])).toEqual(
      [1, 2, 3, 4].map((number) => [number, 1]),
    );
    expect(new Set(trials.map(({ hyperparameters }) => JSON.stringify(hyperparameters))).size).toBe(4);
    for (const trial of trials) {
      expect(trial.hyperparameters).toMatchObject({ shrinkage: 1 });
      expect(trial).toMatchObject({
        status: 'SUCCEEDED',
        model: null,
        precisionAt5: null,
        publicationNote: 'Not published: a trial of a search.',
      });
      expect(new Set(trial.metrics.map(({ split }) => split))).toEqual(new Set(['VALIDATION'])); // nobody looked at the test data
    }
    const best = Math.max(...trials.map(({ validationObjective }) => validationObjective ?? -1));
    const winner = trials.find(({ validationObjective }) => validationObjective === best);
    expect(trials.filter((trial) => trial.winner)).toEqual([winner]);
    expect(search.winner.id).toBe(winner?.id);
    expect(search.final).toMatchObject({
      status: 'SUCCEEDED',
      searchRole: 'FINAL',
      winner: false,
      trial: null,
      rung: null,
      seed: 5,
    });
    expect(search.final.hyperparameters).toEqual(winner?.hyperparameters);
    expect(search.final.precisionAt5).toBeGreaterThan(0);
    expect(search.final.model).not.toBeNull();
    expect(trainModel.experiment).toMatchObject({ id: search.final.id, searchRole: 'FINAL' });

    const { experiments } = await ask('{ experiments(filter: { searchId: "1" }) { id } }');
    expect(experiments).toHaveLength(5);
    const { leaderboard } = await ask('{ leaderboard { experimentIds } }');
    expect(leaderboard).toEqual([{ experimentIds: [search.final.id] }]);
  });

  it('gives the best third more epochs', async () => {
    const { ask, lab } = await start();
    await lab.runner.start();
    const space = { learningRate: { min: 0.001, max: 0.1, scale: 'LOG' } };
    const search = { space, strategy: 'SUCCESSIVE_HALVING', trials: 4 };
    await ask(TRAIN, {
      input: { algorithm: 'BPR_MF', hyperparameters: { epochs: 3 }, search, publish: false, wait: true },
    });
    const result = (await ask(SEARCH, { id: '1' })).search;
    expect(result).toMatchObject({
      status: 'SUCCEEDED',
      rungs: [
        { trials: 4, epochs: 1 },
        { trials: 1, epochs: 3 },
      ],
    });
    const trials: Trial[] = result.trials;
    expect(trials.map(({ rung, hyperparameters }) => [rung, hyperparameters.epochs])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
      [2, 3],
    ]);
    const first = trials
      .slice(0, 4)
      .sort((a, b) => (b.validationObjective ?? -1) - (a.validationObjective ?? -1));
    expect(trials[4]).toMatchObject({ trial: first[0].trial, winner: true });
    expect(trials[4].hyperparameters.learningRate).toBe(first[0].hyperparameters.learningRate);
    expect(result.final.hyperparameters).toMatchObject({ epochs: 3 });
  });

  it.each([
    [{ space: {} }, 'input.search.space'],
    [{ space: { neighbors: [5] } }, 'input.search.space.neighbors'],
    [{ space: { neighbours: 'many' } }, 'input.search.space.neighbours'],
    [{ space: { neighbours: { min: 5 } } }, 'input.search.space.neighbours.max'],
    [{ space: { neighbours: [5, -5] } }, 'input.search.space.neighbours'],
    [{ space: { neighbours: { min: 0.5, max: 1.5 } } }, 'input.search.space.neighbours'],
    [{ space: { shrinkage: [1, 2] } }, 'input.search.space.shrinkage'], // fixed as well
    [{ space: { neighbours: [5] }, trials: 0 }, 'input.search.trials'],
    [{ space: { neighbours: [5] }, trials: 101 }, 'input.search.trials'],
    [{ space: { neighbours: [5] }, seed: -1 }, 'input.search.seed'],
    [{ space: { neighbours: [5] }, strategy: 'SUCCESSIVE_HALVING' }, 'input.search.strategy'],
  ])('refuses %j before anything is queued, naming the field', async (search, field) => {
    const { ask, refusal } = await start();
    const input = { algorithm: 'ITEM_KNN', hyperparameters: { shrinkage: 1 }, search };
    expect(await refusal(TRAIN, { input })).toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await ask('{ searches { id } experiments { id } }')).toEqual({ searches: [], experiments: [] });
  });

  it('refuses to search the budget that halving spends', async () => {
    const { refusal } = await start();
    const search = { space: { epochs: [1, 2] }, strategy: 'SUCCESSIVE_HALVING' };
    const refused = await refusal(TRAIN, { input: { algorithm: 'BPR_MF', search } });
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.search.space.epochs' });
  });

  it('is cancelled whole, by an admin', async () => {
    const { ask, refusal, lab, server } = await start({ thread: 'patient' });
    await lab.runner.start();
    const { trainModel } = await ask(TRAIN, {
      input: { algorithm: 'ITEM_KNN', search: { space: { neighbours: [1, 2, 3] } } },
    });
    expect(trainModel).toMatchObject({
      search: { id: '1', status: 'RUNNING' },
      experiment: { searchRole: 'TRIAL' },
    });
    await until(
      async () => (await lab.service.get(Number(trainModel.experiment.id)))?.status === 'RUNNING',
      PATIENCE_MS,
    );
    const { errors } = await server.ask(CANCEL, { id: '1' }, bearer(READER_KEY));
    expect(errors?.[0].extensions?.code).toBe('FORBIDDEN');
    const { cancelSearch } = await ask(CANCEL, { id: '1' });
    expect(cancelSearch.search).toMatchObject({ status: 'CANCELLED', progress: 1 });
    expect(await lab.service.wait(Number(trainModel.experiment.id))).toMatchObject({ status: 'CANCELLED' });
    const { search } = await ask(SEARCH, { id: '1' });
    expect(search.trials.map(({ status }: Trial) => status)).toEqual([
      'CANCELLED',
      'CANCELLED',
      'CANCELLED',
    ]);
    expect(search).toMatchObject({ winner: null, final: null });
    expect(await refusal(CANCEL, { id: '1' })).toMatchObject({ code: 'CONFLICT' });
    expect(await refusal(CANCEL, { id: '7' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('goes on where it was after a stop, whoever trains then', async () => {
    const first = await start({ thread: 'patient' });
    await first.lab.runner.start();
    await first.ask(TRAIN, {
      input: { algorithm: 'ITEM_KNN', search: { space: { neighbours: [1, 9] }, trials: 2 } },
    });
    await until(async () => (await first.lab.service.get(1))?.status === 'RUNNING', PATIENCE_MS);
    await first.lab.runner.stop();
    const [one, two] = [await start(), await start()];
    await Promise.all([one.lab.runner.start(), two.lab.runner.start()]);
    await until(
      async () => (await one.ask(SEARCH, { id: '1' })).search.status === 'SUCCEEDED',
      PATIENCE_MS,
    );
    const { experiments } = await one.ask('{ experiments { searchRole status } }');
    expect(experiments).toHaveLength(3); // each trained once, and one final training, though two went on
  });

  it('is taken up by the next start when a kill came between its last trial and the next step', async () => {
    const { ask, lab } = await start();
    await ask(TRAIN, {
      input: { algorithm: 'ITEM_KNN', search: { space: { neighbours: [1, 9] }, trials: 2 } },
    });
    await getDatabase().query(
      `update experiment set status = 'FAILED', stage = null, finished_at = now(), error = 'a broken disk'`,
    );
    await lab.runner.start();
    await until(async () => (await ask(SEARCH, { id: '1' })).search.status !== 'RUNNING', PATIENCE_MS);
    const { search } = await ask(SEARCH, { id: '1' });
    expect(search).toMatchObject({
      status: 'FAILED',
      error: 'No trial was measured. Experiment 1: a broken disk',
      winner: null,
    });
  });

  it('loses a cancelled trial, and goes on with the rest', async () => {
    const { ask, lab } = await start();
    await ask(TRAIN, {
      input: { algorithm: 'ITEM_KNN', search: { space: { neighbours: [1, 9] }, trials: 2 } },
    });
    await ask('mutation { cancelTraining(experimentId: "1") { experiment { status } } }');
    await lab.runner.start();
    await until(async () => (await ask(SEARCH, { id: '1' })).search.status === 'SUCCEEDED', PATIENCE_MS);
    expect((await ask(SEARCH, { id: '1' })).search.winner.id).toBe('2');
  });

  it('lets a plain training go first', async () => {
    const { ask, lab } = await start();
    await ask(TRAIN, {
      input: { algorithm: 'ITEM_KNN', search: { space: { neighbours: [1, 9] }, trials: 2 } },
    });
    const { trainModel } = await ask(TRAIN, { input: { algorithm: 'POPULARITY' } });
    expect(trainModel.search).toBeNull();
    await lab.runner.start();
    await until(async () => (await ask(SEARCH, { id: '1' })).search.status === 'SUCCEEDED', PATIENCE_MS);
    const order = await getDatabase().query<{ id: number }>(
      'select id from experiment order by started_at limit 1',
    );
    expect(order).toEqual([{ id: Number(trainModel.experiment.id) }]);
  });
});

describe.each(DATABASE_KINDS)('a process killed during a search (%s)', (kind) => {
  it('leaves a search that the next start brings to its end', async () => {
    const server = kind === 'server' ? await createServerDatabase() : null;
    const place = { databaseUrl: server?.url, dataDir: makeDataDir() };
    const reopen = () => openDatabase({ ...place, role: 'owner', poolSize: 4, entities: ENTITIES });
    let database = await reopen();
    await seedTinyCatalog(database);
    await database.close();

    await killDuringTraining({ ...place, space: { neighbours: [1, 9] } });

    database = await reopen();
    const next = laboratory(database, { leaseMs: 500 });
    try {
      const searches = new SearchService(database, next.service);
      expect(await searches.get(1)).toMatchObject({ status: 'RUNNING' });
      await next.runner.start({ soleOwner: kind === 'embedded' });
      expect(await searches.wait(1)).toMatchObject({ status: 'SUCCEEDED', error: null });
      const trainings = await searches.trainingsOf([1]);
      expect(trainings.map(({ searchRole, status }) => `${searchRole} ${status}`)).toEqual([
        'TRIAL SUCCEEDED',
        'TRIAL SUCCEEDED',
        'FINAL SUCCEEDED',
      ]);
      expect(trainings[0].attempts).toBe(2);
    } finally {
      await next.stop();
      await database.close();
      await server?.drop();
    }
  });
});

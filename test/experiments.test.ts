/** A training from the request to its record: what is stored, what is refused, what can be asked of
 *  it. */
import { type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql';
import pg from 'pg';
import { ExperimentService } from '../src/experiments/experiment-service';
import { loadTrainingData } from '../src/experiments/load-training-data';
import { createExperimentResolvers } from '../src/experiments/resolvers';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { RequestContext } from '../src/request/context';
import { describeEachDatabase } from './support/databases';
import { forgetExperiments, seedTinyCatalog } from './support/tiny-catalog';
import { type Laboratory, laboratory } from './support/training-runner';

const SMALL_TOWER = { epochs: 2, embeddingSize: 8 };

describeEachDatabase('experiments', (getDatabase) => {
  describe('with a runner', () => {
    let lab: Laboratory;
    let schema: GraphQLSchema;

    beforeAll(async () => {
      await seedTinyCatalog(getDatabase());
      lab = laboratory(getDatabase());
      await lab.runner.start({ soleOwner: true });
      schema = buildNearfieldSchema(createExperimentResolvers(getDatabase(), lab.service, lab.store));
    });
    afterAll(() => lab.stop());

    // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's own query gives it
    async function ask(source: string, variableValues: Record<string, unknown> = {}): Promise<any> {
      const contextValue = new RequestContext('ADMIN', 'test');
      const { data, errors } = await graphql({ schema, source, variableValues, contextValue });
      if (errors) throw errors[0].originalError ?? errors[0];
      return data;
    }

    it('trains, measures and stores everything needed to have it again', async () => {
      const { trainModel } = await ask(
        'mutation { trainModel(input: { algorithm: ITEM_KNN, seed: 7 }) { experiment { id status stage } } }',
      );
      expect(trainModel.experiment).toMatchObject({ status: 'QUEUED', stage: 'QUEUED' });
      await lab.service.wait(Number(trainModel.experiment.id));
      const { experiment } = await ask(
        `query ($id: ID!) { experiment(id: $id) {
        status stage progress seed hyperparameters datasetHash datasetCounts { users movies ratings taggings } backend error publicationNote
        environment { node cores } durations { loadingSeconds trainingSeconds evaluationSeconds totalSeconds }
        precisionAt5 recallAt5 hitRateAt10 ndcgAt20 meanReciprocalRank coverageAt10
        metrics(protocol: SAMPLED_LAST_ITEM, split: TEST) { name k mean ciLow ciHigh users }
        all: metrics { protocol split } epochs { epoch loss } model { servable sha256 active experiment { id } }
      } }`,
        { id: trainModel.experiment.id },
      );
      expect(experiment).toMatchObject({
        status: 'SUCCEEDED',
        stage: null,
        progress: 1,
        seed: 7,
        error: null,
        backend: 'plain TypeScript',
      });
      expect(experiment.datasetHash).toMatch(/^[0-9a-f]{64}$/);
      expect(experiment.datasetCounts).toEqual({ users: 40, movies: 60, ratings: 480, taggings: 96 });
      expect(experiment.environment.node).toBe(process.versions.node);
      expect(experiment.hyperparameters).toMatchObject({ neighbours: expect.any(Number) });
      for (const seconds of Object.values(experiment.durations)) expect(seconds).toBeGreaterThan(0);
      const named = Object.fromEntries(
        experiment.metrics.map((metric: { name: string }) => [metric.name, metric]),
      );
      expect(named.PRECISION_AT_5).toMatchObject({
        k: 5,
        mean: experiment.precisionAt5,
        users: 40,
        ciLow: expect.any(Number),
      });
      expect(named.RECALL_AT_5.mean).toBeCloseTo(5 * experiment.precisionAt5, 6);
      expect(named.MEAN_RECIPROCAL_RANK).toMatchObject({ k: null, mean: experiment.meanReciprocalRank });
      expect(named.COVERAGE_AT_10).toMatchObject({
        mean: experiment.coverageAt10,
        ciLow: null,
        ciHigh: null,
      });
      expect(new Set(experiment.all.map((row: object) => JSON.stringify(row))).size).toBe(4);
      expect(experiment.epochs).toHaveLength(1);
      expect(experiment.publicationNote).toMatch(/^Not published: ITEM_KNN is a baseline/);
      expect(experiment.model).toMatchObject({
        servable: false,
        active: false,
        experiment: { id: trainModel.experiment.id },
      });
    });

    it('gives the same metrics and the same model for the same input', async () => {
      await forgetExperiments(getDatabase());
      const input = { algorithm: 'TWO_TOWER', hyperparameters: SMALL_TOWER, seed: 3, wait: true };
      const train = `mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment {
      status error backend datasetHash hyperparameters metrics { protocol split name mean ciLow ciHigh users } epochs { loss } model { sha256 servable } } } }`;
      const [first, second] = [await ask(train, { input }), await ask(train, { input })];
      expect(first.trainModel.experiment).toMatchObject({
        status: 'SUCCEEDED',
        error: null,
        hyperparameters: SMALL_TOWER,
      });
      expect(first.trainModel.experiment.model.servable).toBe(true);
      expect(first.trainModel.experiment.backend).toContain('wasm');
      expect(second).toEqual(first);
      const other = await ask(train, { input: { ...input, seed: 4 } });
      expect(other.trainModel.experiment.model.sha256).not.toBe(first.trainModel.experiment.model.sha256);
    });

    it('publishes what beats popularity, unless asked not to, and says why not', async () => {
      await forgetExperiments(getDatabase());
      const { id } = await lab.service.start({
        algorithm: 'TWO_TOWER',
        hyperparameters: { ...SMALL_TOWER, epochs: 20 },
        publish: false,
      });
      const kept = await lab.service.wait(id);
      expect(kept.publicationNote).toMatch(
        /^Not published, as requested. Beats popularity on the validation data/,
      );
      expect(await lab.store.active()).toBeNull();
      const published = await lab.service.wait(
        (
          await lab.service.start({
            algorithm: 'TWO_TOWER',
            hyperparameters: { ...SMALL_TOWER, epochs: 20 },
          })
        ).id,
      );
      expect(published.publicationNote).toMatch(/^Beats popularity/);
      const { activeModel } = await ask('{ activeModel { active algorithm experiment { id } } }');
      expect(activeModel).toEqual({
        active: true,
        algorithm: 'TWO_TOWER',
        experiment: { id: String(published.id) },
      });
    });

    it('leaves a record with a readable reason when there is nothing to learn from', async () => {
      await getDatabase().query('delete from rating');
      try {
        const { id } = await lab.service.start({ algorithm: 'POPULARITY' });
        const failed = await lab.service.wait(id);
        expect(failed).toMatchObject({ status: 'FAILED', stage: null, leaseOwner: null });
        expect(failed.error).toBe(
          'The catalog has no ratings to train on. Load a MovieLens release first: `nearfield seed`.',
        );
      } finally {
        await seedTinyCatalog(getDatabase());
      }
    });

    describe('trainingProgress', () => {
      async function follow(id: number | string) {
        const document = parse(
          'subscription ($id: ID!) { trainingProgress(experimentId: $id) { id status progress } }',
        );
        const contextValue = new RequestContext('MEMBER', 'test');
        return subscribe({ schema, document, variableValues: { id: String(id) }, contextValue });
      }

      it('shows the record at every change, and ends with the final status', async () => {
        const { id } = await lab.service.start({ algorithm: 'ITEM_KNN' });
        const shown: { status: string; progress: number }[] = [];
        for await (const { data } of (await follow(id)) as AsyncGenerator<ExecutionResult>) {
          shown.push(data?.trainingProgress as (typeof shown)[0]);
        }
        expect(shown.length).toBeGreaterThan(1);
        expect(shown.slice(0, -1).every(({ status }) => status === 'QUEUED' || status === 'RUNNING')).toBe(
          true,
        );
        expect(shown.at(-1)).toMatchObject({ id: String(id), status: 'SUCCEEDED', progress: 1 });
        expect(shown.map(({ progress }) => progress)).toEqual(
          shown.map(({ progress }) => progress).sort((a, b) => a - b),
        );
      });

      it('ends after one event for an experiment that is over, and with an error for none', async () => {
        const [latest] = await lab.service.find({ status: 'SUCCEEDED' });
        const events: ExecutionResult[] = [];
        for await (const event of (await follow(latest.id)) as AsyncGenerator<ExecutionResult>)
          events.push(event);
        expect(events).toHaveLength(1);
        const none: ExecutionResult[] = [];
        for await (const event of (await follow(9_999)) as AsyncGenerator<ExecutionResult>)
          none.push(event);
        expect(none).toHaveLength(1);
        expect(none[0].errors?.[0].originalError).toMatchObject({ code: 'NOT_FOUND' });
      });
    });

    it.each([
      [{ algorithm: 'TWO_TOWER', hyperparameters: { epochs: -1 } }, 'input.hyperparameters.epochs'],
      [{ algorithm: 'TWO_TOWER', hyperparameters: { epoch: 3 } }, 'input.hyperparameters.epoch'],
      [{ algorithm: 'POPULARITY', hyperparameters: { epochs: 3 } }, 'input.hyperparameters.epochs'],
      [{ seed: -1 }, 'input.seed'],
    ])('refuses %j, naming the field', async (input, field) => {
      const train = ask(
        'mutation ($input: TrainModelInput) { trainModel(input: $input) { experiment { id } } }',
        { input },
      );
      await expect(train).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field });
    });

    it('says what is not there', async () => {
      expect(await ask('{ experiment(id: 999) { id } }')).toEqual({ experiment: null });
      await expect(
        ask('mutation { cancelTraining(experimentId: 999) { experiment { id } } }'),
      ).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(ask('{ experiment(id: "x") { id } }')).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'id',
      });
      await expect(ask('{ experiments(limit: 201) { id } }')).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'limit',
      });
      await expect(ask('{ experiments(offset: -1) { id } }')).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'offset',
      });
    });

    describe('a list of experiments', () => {
      beforeAll(async () => {
        await forgetExperiments(getDatabase());
        await getDatabase().query(`
        insert into experiment (algorithm, protocol, seed, status, stage, dataset_hash, created_at, finished_at, lease_owner, lease_expires_at) values
          ('POPULARITY', 'FULL_LAST_ITEM', 1, 'SUCCEEDED', null, 'aa', '2024-01-01Z', now(), null, null),
          ('TWO_TOWER', 'FULL_LAST_ITEM', 2, 'SUCCEEDED', null, 'aa', '2024-01-02Z', now(), null, null),
          ('TWO_TOWER', 'SAMPLED_LAST_ITEM', 3, 'SUCCEEDED', null, 'bb', '2024-01-03Z', now(), null, null),
          ('TWO_TOWER', 'SAMPLED_LAST_ITEM', 4, 'FAILED', null, '', '2024-01-04Z', now(), null, null)`);
        await getDatabase().query(`
        insert into metric (experiment_id, protocol, split, name, mean, users) values
          (1, 'FULL_LAST_ITEM', 'TEST', 'NDCG_AT_20', 0.1, 9), (2, 'FULL_LAST_ITEM', 'TEST', 'NDCG_AT_20', 0.2, 9),
          (2, 'FULL_LAST_ITEM', 'VALIDATION', 'NDCG_AT_20', 0.9, 9), (2, 'SAMPLED_LAST_ITEM', 'TEST', 'NDCG_AT_20', 0.8, 9),
          (3, 'SAMPLED_LAST_ITEM', 'TEST', 'NDCG_AT_20', 0.15, 9), (3, 'FULL_LAST_ITEM', 'TEST', 'NDCG_AT_20', 0.7, 9)`);
      });
      afterAll(() => forgetExperiments(getDatabase()));

      it.each([
        ['', [4, 3, 2, 1]],
        ['(orderBy: { direction: ASCENDING })', [1, 2, 3, 4]],
        ['(orderBy: { metric: NDCG_AT_20 })', [2, 3, 1, 4]],
        ['(orderBy: { metric: NDCG_AT_20, direction: ASCENDING })', [1, 3, 2, 4]],
        ['(limit: 2, offset: 1)', [3, 2]],
        ['(filter: { algorithm: TWO_TOWER, status: SUCCEEDED })', [3, 2]],
        ['(filter: { protocol: FULL_LAST_ITEM })', [2, 1]],
        ['(filter: { datasetHash: "bb" })', [3]],
        [
          '(filter: { createdAfter: "2024-01-02T00:00:00Z", createdBefore: "2024-01-04T00:00:00Z" })',
          [3, 2],
        ],
        [
          '(filter: { algorithm: TWO_TOWER }, orderBy: { metric: NDCG_AT_20, direction: ASCENDING }, limit: 1)',
          [3],
        ],
      ])('experiments%s', async (parameters, ids) => {
        const { experiments } = await ask(`{ experiments${parameters} { id } }`);
        expect(experiments.map(({ id }: { id: string }) => Number(id))).toEqual(ids);
      });

      it('shows the metrics of the own protocol, null where there are none', async () => {
        const { experiments } = await ask('{ experiments { ndcgAt20 precisionAt5 } }');
        expect(experiments.map((row: { ndcgAt20: number | null }) => row.ndcgAt20)).toEqual([
          null,
          0.15,
          0.2,
          0.1,
        ]);
        expect(experiments.every((row: { precisionAt5: number | null }) => row.precisionAt5 === null)).toBe(
          true,
        );
      });

      it('costs the same number of SQL statements for one experiment and for four', async () => {
        const list = (limit: number) =>
          ask(
            `{ experiments(limit: ${limit}) { id precisionAt5 recallAt10 ndcgAt20 metrics { mean } epochs { loss } model { active experiment { id } } } }`,
          );
        const count = async (limit: number) => {
          const spy = jest.spyOn(pg.Client.prototype, 'query');
          await list(limit);
          const own = spy.mock.calls.filter(([statement]) =>
            JSON.stringify(statement).includes('SELECT'),
          ).length;
          spy.mockRestore();
          return own;
        };
        expect([await count(1), await count(4)]).toEqual([4, 4]);
      });
    });

    it('refuses more than a full queue', async () => {
      await forgetExperiments(getDatabase());
      const idle = new ExperimentService(getDatabase(), { maxQueued: 0 });
      await expect(idle.start({ algorithm: 'POPULARITY' })).rejects.toMatchObject({
        code: 'TRAINING_IN_PROGRESS',
        retryable: true,
      });
    });

    it('loads the catalog as the tables have it', async () => {
      const data = await loadTrainingData(getDatabase());
      expect(data.interactions.users.ids).toEqual(Int32Array.from({ length: 40 }, (_, i) => i + 1));
      expect(data.interactions.items.size).toBe(60);
      const rows = await getDatabase().query<{
        user_id: number;
        movie_id: number;
        value: number;
        at: number;
      }>(
        'select user_id, movie_id, value, extract(epoch from rated_at)::float8 as at from rating order by user_id, rated_at',
      );
      expect(Array.from(data.interactions.itemIndex, (item) => data.interactions.items.ids[item])).toEqual(
        rows.map((row) => row.movie_id),
      );
      expect(Array.from(data.interactions.value)).toEqual(rows.map((row) => row.value));
      expect(Array.from(data.interactions.timestamp)).toEqual(rows.map((row) => row.at));
      expect(data.taggings.tagIndex).toHaveLength(96);
      expect(data.itemFeatures.genreNames).toEqual(['Comedy', 'Drama', 'Horror']);
      expect(data.itemFeatures.year[4]).toBe(1985);
      expect(data.demographics?.[0]).toEqual({ gender: 'F', age: 19, occupation: null });
      expect(data.demographics?.[39]).toEqual({ gender: null, age: null, occupation: null });
    });
  });
});

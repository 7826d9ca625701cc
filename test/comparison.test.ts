/** Comparisons, the leaderboard and the report over real HTTP, from experiments that were really
 *  trained. */
import { describeEachDatabase } from './support/databases';
import { bearer, READER_KEY } from './support/graphql-server';
import { type LaboratoryServer, startLaboratory } from './support/laboratory-server';
import { seedTinyCatalog } from './support/tiny-catalog';

const COMPARE = `query ($a: ID!, $b: ID!, $metric: MetricName! = RECALL_AT_5, $protocol: EvaluationProtocol, $split: EvaluationSplit! = TEST) {
  compareExperiments(baselineId: $a, candidateId: $b, metric: $metric, protocol: $protocol, split: $split) {
    baseline { id } candidate { id } metric protocol split users baselineMean candidateMean difference ciLow ciHigh
    tTestPValue wilcoxonPValue randomizationPValue significant } }`;
const LEADERBOARD = `query ($protocol: EvaluationProtocol! = SAMPLED_LAST_ITEM, $metric: MetricName! = RECALL_AT_5, $hash: String, $limit: Int! = 20) {
  leaderboard(protocol: $protocol, metric: $metric, datasetHash: $hash, limit: $limit) {
    rank algorithm hyperparameters seeds experimentIds users mean ciLow ciHigh
    difference differenceCiLow differenceCiHigh pValue adjustedPValue significant } }`;
const REPORT = `query ($ids: [ID!]!, $format: ReportFormat! = MARKDOWN, $table: ReportTable) {
  report(experimentIds: $ids, format: $format, table: $table) }`;

describeEachDatabase('the laboratory', (getDatabase) => {
  let laboratory: LaboratoryServer;
  /** Ids by what they are. */
  const id: Record<string, string> = {};

  async function train(input: object): Promise<string> {
    const { trainModel } = await laboratory.ask(
      'mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment { id status error } } }',
      { input: { ...input, wait: true } },
    );
    expect(trainModel.experiment).toMatchObject({ status: 'SUCCEEDED', error: null });
    return trainModel.experiment.id;
  }

  beforeAll(async () => {
    await seedTinyCatalog(getDatabase());
    laboratory = await startLaboratory(getDatabase());
    await laboratory.lab.runner.start({ soleOwner: true });
    id.popularity = await train({ algorithm: 'POPULARITY' });
    id.knn = await train({ algorithm: 'ITEM_KNN' });
    id.few = await train({ algorithm: 'ITEM_KNN', hyperparameters: { neighbours: 1 } });
    id.bpr1 = await train({ algorithm: 'BPR_MF', hyperparameters: { epochs: 2 }, seed: 1 });
    id.bpr2 = await train({ algorithm: 'BPR_MF', hyperparameters: { epochs: 2 }, seed: 2 });
    id.holdout = await train({ algorithm: 'POPULARITY', protocol: 'FULL_HOLDOUT' });
  }, 120_000);
  afterAll(() => laboratory?.stop());

  describe('compareExperiments', () => {
    it('pairs the users, and is sure that even users like even movies', async () => {
      const { compareExperiments: result } = await laboratory.ask(COMPARE, { a: id.popularity, b: id.knn });
      expect(result).toMatchObject({
        baseline: { id: id.popularity },
        candidate: { id: id.knn },
        metric: 'RECALL_AT_5',
        protocol: 'SAMPLED_LAST_ITEM',
        split: 'TEST',
        users: 40,
        significant: true,
      });
      const measured = await laboratory.ask(
        'query ($a: ID!, $b: ID!) { a: experiment(id: $a) { recallAt5 } b: experiment(id: $b) { recallAt5 } }',
        {
          a: id.popularity,
          b: id.knn,
        },
      );
      expect(result.baselineMean).toBeCloseTo(measured.a.recallAt5, 6);
      expect(result.candidateMean).toBeCloseTo(measured.b.recallAt5, 6);
      expect(result.difference).toBeCloseTo(result.candidateMean - result.baselineMean, 6);
      expect(result.ciLow).toBeGreaterThan(0);
      expect(result.ciHigh).toBeGreaterThanOrEqual(result.difference);
      for (const name of ['tTestPValue', 'wilcoxonPValue', 'randomizationPValue']) {
        expect(result[name]).toBeGreaterThanOrEqual(0);
        expect(result[name]).toBeLessThan(0.01);
      }
    });

    it('turns round with its arguments, and says the same each time', async () => {
      const [there, back, again] = [
        await laboratory.ask(COMPARE, {
          a: id.bpr1,
          b: id.knn,
          metric: 'NDCG_AT_20',
          protocol: 'FULL_LAST_ITEM',
        }),
        await laboratory.ask(COMPARE, {
          a: id.knn,
          b: id.bpr1,
          metric: 'NDCG_AT_20',
          protocol: 'FULL_LAST_ITEM',
        }),
        await laboratory.ask(COMPARE, {
          a: id.bpr1,
          b: id.knn,
          metric: 'NDCG_AT_20',
          protocol: 'FULL_LAST_ITEM',
        }),
      ].map(({ compareExperiments }) => compareExperiments);
      expect(back.difference).toBeCloseTo(-there.difference, 6);
      expect(back.tTestPValue).toBeCloseTo(there.tTestPValue, 6);
      expect(again).toEqual(there);
    });

    it('has the number that decides on VALIDATION', async () => {
      const about = { metric: 'NDCG_AT_20', protocol: 'FULL_LAST_ITEM', split: 'VALIDATION' };
      const { compareExperiments } = await laboratory.ask(COMPARE, {
        a: id.popularity,
        b: id.knn,
        ...about,
      });
      expect(compareExperiments.users).toBe(40);
    });

    it('is open to readers', async () => {
      const { errors } = await laboratory.server.ask(
        COMPARE,
        { a: id.popularity, b: id.knn },
        bearer(READER_KEY),
      );
      expect(errors).toBeUndefined();
    });

    it.each([
      ['an experiment with itself', () => ({ a: id.knn, b: id.knn }), 'candidateId'],
      ['two protocols without a word', () => ({ a: id.knn, b: id.holdout }), 'protocol'],
      [
        'a protocol that one lacks',
        () => ({ a: id.knn, b: id.holdout, protocol: 'FULL_LAST_ITEM' }),
        'protocol',
      ],
      [
        'a figure of all users together',
        () => ({ a: id.popularity, b: id.knn, metric: 'COVERAGE_AT_10' }),
        'metric',
      ],
      [
        'what is not kept of VALIDATION',
        () => ({ a: id.popularity, b: id.knn, split: 'VALIDATION' }),
        'metric',
      ],
      ['no id', () => ({ a: 'x', b: id.knn }), 'baselineId'],
    ])('refuses %s, naming the field', async (_what, variables, field) => {
      expect(await laboratory.refusal(COMPARE, variables())).toMatchObject({
        code: 'BAD_USER_INPUT',
        field,
      });
    });

    it('refuses what is not there, not finished, older, or of other data', async () => {
      expect(await laboratory.refusal(COMPARE, { a: id.knn, b: '999' })).toMatchObject({
        code: 'NOT_FOUND',
      });
      const [{ id: unfinished }] = await getDatabase().query<{ id: number }>(
        `insert into experiment (algorithm, protocol, seed, status, stage, finished_at)
         values ('POPULARITY', 'SAMPLED_LAST_ITEM', 1, 'FAILED', null, now()) returning id`,
      );
      expect(await laboratory.refusal(COMPARE, { a: id.knn, b: String(unfinished) })).toMatchObject({
        field: 'candidateId',
      });
      expect(await laboratory.refusal(COMPARE, { a: String(unfinished), b: id.knn })).toMatchObject({
        field: 'baselineId',
      });
      const copy = async (hash: string) => {
        const [row] = await getDatabase().query<{ id: number }>(
          `insert into experiment (algorithm, protocol, seed, status, stage, finished_at, dataset_hash)
           select algorithm, protocol, seed, status, stage, finished_at, ${hash} from experiment where id = $1 returning id`,
          [id.knn],
        );
        await getDatabase().query(
          'insert into metric select $1::int, protocol, split, name, mean, ci_low, ci_high, users from metric where experiment_id = $2',
          [row.id, id.knn],
        );
        return String(row.id);
      };
      const older = await laboratory.refusal(COMPARE, { a: id.knn, b: await copy('dataset_hash') });
      expect(older).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'candidateId',
        message: expect.stringContaining('train it again'),
      });
      const other = await laboratory.refusal(COMPARE, { a: id.knn, b: await copy(`'feed'`) });
      expect(other).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'candidateId',
        message: expect.stringContaining('different data'),
      });
    });
  });

  describe('leaderboard', () => {
    it('lists systems over their seeds, best first, each against the best', async () => {
      const { leaderboard } = await laboratory.ask(LEADERBOARD);
      expect(leaderboard).toHaveLength(4);
      expect(leaderboard.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3, 4]);
      const means = leaderboard.map(({ mean }: { mean: number }) => mean);
      expect(means).toEqual([...means].sort((a, b) => b - a));
      expect(leaderboard[0]).toMatchObject({
        difference: null,
        pValue: null,
        adjustedPValue: null,
        significant: null,
      });
      const bpr = leaderboard.find(({ algorithm }: { algorithm: string }) => algorithm === 'BPR_MF');
      expect(bpr).toMatchObject({ seeds: [1, 2], experimentIds: [id.bpr1, id.bpr2], users: 40 });
      const seeds = await laboratory.ask(
        'query ($a: ID!, $b: ID!) { a: experiment(id: $a) { recallAt5 } b: experiment(id: $b) { recallAt5 } }',
        {
          a: id.bpr1,
          b: id.bpr2,
        },
      );
      expect(bpr.mean).toBeCloseTo((seeds.a.recallAt5 + seeds.b.recallAt5) / 2, 6);
      for (const entry of leaderboard.slice(1)) {
        expect(entry.difference).toBeCloseTo(entry.mean - leaderboard[0].mean, 6);
        expect(entry.adjustedPValue).toBeGreaterThanOrEqual(entry.pValue);
        expect(entry.significant).toBe(entry.adjustedPValue < 0.05);
        expect(entry.differenceCiLow).toBeLessThanOrEqual(entry.difference);
      }
    });

    it('agrees with the comparison of two', async () => {
      const { leaderboard } = await laboratory.ask(LEADERBOARD, { limit: 2 });
      const [best, second] = leaderboard;
      if (best.seeds.length > 1 || second.seeds.length > 1)
        throw new Error('The test wants systems of one seed.');
      const { compareExperiments } = await laboratory.ask(COMPARE, {
        a: best.experimentIds[0],
        b: second.experimentIds[0],
      });
      expect(second.pValue).toBe(compareExperiments.randomizationPValue);
      expect(second.adjustedPValue).toBe(second.pValue); // one comparison needs no correction
      expect(second.difference).toBeCloseTo(compareExperiments.difference, 9);
    });

    it('is of one protocol and one set of data', async () => {
      const { leaderboard: holdout } = await laboratory.ask(LEADERBOARD, { protocol: 'FULL_HOLDOUT' });
      expect(holdout.map(({ experimentIds }: { experimentIds: string[] }) => experimentIds)).toEqual([
        [id.holdout],
      ]);
      expect((await laboratory.ask(LEADERBOARD, { hash: 'none of ours' })).leaderboard).toEqual([]);
    });

    it.each([
      [{ limit: 0 }, 'limit'],
      [{ limit: 51 }, 'limit'],
      [{ metric: 'COVERAGE_AT_10' }, 'metric'],
    ])('refuses %j, naming the field', async (variables, field) => {
      expect(await laboratory.refusal(LEADERBOARD, variables)).toMatchObject({
        code: 'BAD_USER_INPUT',
        field,
      });
    });
  });

  describe('report', () => {
    it("has the paper's rows beside ours, averaged over seeds", async () => {
      const { report } = await laboratory.ask(REPORT, { ids: [id.popularity, id.knn, id.bpr1, id.bpr2] });
      expect(report).toMatch(/Table 1: precision at 5, 10 and 20[\s\S]*Table 2: recall at 5, 10 and 20/);
      const { experiment } = await laboratory.ask(
        'query ($id: ID!) { experiment(id: $id) { recallAt10 } }',
        {
          id: id.knn,
        },
      );
      const row = report.split('\n').findLast((line: string) => line.includes('item-kNN'));
      expect(row).toContain(experiment.recallAt10.toFixed(4));
      expect(report.split('\n').findLast((line: string) => line.includes('BPR-MF'))).toMatch(/\| +2 +\|/);
      expect(report).toContain('LRML'); // the paper has it, whether or not we trained it
    });

    it('comes as LaTeX and as CSV, one table at a time', async () => {
      const latex = await laboratory.ask(REPORT, { ids: [id.knn], format: 'LATEX', table: 'PRECISION' });
      expect(latex.report).toContain('\\begin{tabular}');
      expect(latex.report).not.toContain('Rec@5');
      const csv = await laboratory.ask(REPORT, { ids: [id.knn], format: 'CSV', table: 'RECALL' });
      const lines = csv.report.trim().split(/\r?\n/);
      expect(lines[0]).toMatch(/^System,Seeds,/);
      const { experiment } = await laboratory.ask(
        'query ($id: ID!) { experiment(id: $id) { recallAt5 } }',
        {
          id: id.knn,
        },
      );
      const row = lines.find((line: string) => line.includes('item-kNN'));
      expect(row?.split(',').map(Number)).toContain(experiment.recallAt5); // all digits
    });

    it.each([
      ['none', () => []],
      ['two settings of one algorithm', () => [id.knn, id.few]],
      ['another protocol', () => [id.holdout]],
    ])('refuses %s', async (_what, ids) => {
      expect(await laboratory.refusal(REPORT, { ids: ids() })).toMatchObject({
        code: 'BAD_USER_INPUT',
        field: 'experimentIds',
      });
    });

    it('says which experiment is not there', async () => {
      expect(await laboratory.refusal(REPORT, { ids: [id.knn, '998'] })).toMatchObject({
        code: 'NOT_FOUND',
      });
    });
  });

  it('forgets the figures of an experiment that goes', async () => {
    const count = async () =>
      (
        await getDatabase().query<{ n: number }>(
          'select count(*)::int as n from user_metric where experiment_id = $1',
          [id.few],
        )
      )[0].n;
    expect(await count()).toBeGreaterThan(10);
    await getDatabase().query('delete from model where experiment_id = $1', [id.few]);
    await getDatabase().query('delete from experiment where id = $1', [id.few]);
    expect(await count()).toBe(0);
  });
});

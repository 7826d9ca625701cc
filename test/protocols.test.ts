/** A training under each protocol, from the request to its figures: the protocol decides what is
 *  held out, and what is measured. */
import { type GraphQLSchema, graphql } from 'graphql';
import { PROTOCOL_NAMES } from '../src/evaluation/protocols';
import { createExperimentResolvers } from '../src/experiments/resolvers';
import { buildNearfieldSchema } from '../src/graphql/schema';
import { RequestContext } from '../src/request/context';
import { describeEachDatabase } from './support/databases';
import { seedTinyCatalog } from './support/tiny-catalog';
import { type Laboratory, laboratory } from './support/training-runner';

const TRAIN = `mutation ($input: TrainModelInput!) { trainModel(input: $input) { experiment {
  status error protocol publicationNote recallAt10 ndcgAt10 coverageAt10 giniAt10 noveltyAt10 popularityLiftAt10 recallTailAt10
  metrics { protocol split name mean users } coldStart { knownRatings name mean ciLow ciHigh users } } } }`;

describeEachDatabase('protocols', (getDatabase) => {
  let lab: Laboratory;
  let schema: GraphQLSchema;

  beforeAll(async () => {
    await seedTinyCatalog(getDatabase());
    // Everybody comes by on twelve days, so that a cut in time goes through all of them.
    await getDatabase().query(
      `update rating set rated_at = to_timestamp(1000000 + user_id * 1000 + 86400 * mod(extract(epoch from rated_at)::int, 1000))`,
    );
    lab = laboratory(getDatabase());
    await lab.runner.start({ soleOwner: true });
    schema = buildNearfieldSchema(createExperimentResolvers(getDatabase(), lab.service, lab.store));
  });
  afterAll(() => lab.stop());

  // biome-ignore lint/suspicious/noExplicitAny: an answer has the shape that the test's own query gives it
  async function train(input: Record<string, unknown>): Promise<any> {
    const contextValue = new RequestContext('ADMIN', 'test');
    const variableValues = { input: { wait: true, ...input } };
    const { data, errors } = await graphql({ schema, source: TRAIN, variableValues, contextValue });
    if (errors) throw errors[0].originalError ?? errors[0];
    // biome-ignore lint/suspicious/noExplicitAny: as above
    return (data as any).trainModel.experiment;
  }

  it.each(PROTOCOL_NAMES)('%s decides what is held out and measured', async (protocol) => {
    const experiment = await train({ algorithm: 'ITEM_KNN', protocol });
    expect(experiment).toMatchObject({ status: 'SUCCEEDED', error: null, protocol });
    const lastItem = ['FULL_LAST_ITEM', 'SAMPLED_LAST_ITEM'];
    const measured = new Set(experiment.metrics.map((row: { protocol: string }) => row.protocol));
    expect(measured).toEqual(new Set(lastItem.includes(protocol) ? lastItem : [protocol]));
    const users = experiment.metrics.find(
      (row: { split: string; name: string; protocol: string }) =>
        row.protocol === protocol && row.split === 'TEST' && row.name === 'RECALL_AT_10',
    ).users;
    // A user without a rating on one of the six cold movies has nothing to find.
    if (protocol === 'COLD_ITEMS') expect(users).toBeLessThan(40);
    else expect(users).toBe(protocol === 'NEW_USERS' ? 4 : 40);
    for (const name of ['recallAt10', 'ndcgAt10', 'coverageAt10', 'giniAt10'] as const) {
      expect(experiment[name]).toBeGreaterThanOrEqual(0);
      expect(experiment[name]).toBeLessThanOrEqual(1);
    }
    expect(experiment.noveltyAt10).toBeGreaterThan(0);
    // Even users like even movies: whoever knows the history finds some, and cold movies have
    // nothing to be known by.
    if (protocol !== 'COLD_ITEMS') {
      expect(experiment.recallAt10).toBeGreaterThan(0);
      expect(experiment.popularityLiftAt10).toBeGreaterThan(0);
    }
  });

  it('publishes by the validation part of its own split', async () => {
    const hyperparameters = { epochs: 2, embeddingSize: 8 };
    const { status, publicationNote } = await train({
      algorithm: 'TWO_TOWER',
      protocol: 'FULL_HOLDOUT',
      hyperparameters,
    });
    expect(status).toBe('SUCCEEDED');
    expect(publicationNote).toMatch(
      /on the validation data \(FULL_HOLDOUT\): NDCG@20 0\.\d{4} against 0\.\d{4}, recall@20/,
    );
  });

  it('NEW_USERS keeps the curve of newcomers with the experiment, where they have 30 ratings', async () => {
    expect((await train({ algorithm: 'ITEM_KNN', protocol: 'NEW_USERS' })).coldStart).toEqual([]);
    // Everybody rates the other 48 movies as well.
    await getDatabase().query(
      `insert into rating (user_id, movie_id, value, rated_at)
       select u.id, m.id, 3, to_timestamp(2000000 + m.id) from app_user u cross join movie m on conflict do nothing`,
    );
    const { coldStart } = await train({ algorithm: 'ITEM_KNN', protocol: 'NEW_USERS' });
    for (const name of ['NDCG_AT_20', 'RECALL_AT_20']) {
      const curve = coldStart.filter((point: { name: string }) => point.name === name);
      expect(curve.map(({ knownRatings }: { knownRatings: number }) => knownRatings)).toEqual([
        0, 1, 2, 5, 10, 20,
      ]);
      for (const { mean, ciLow, ciHigh, users } of curve) {
        expect(users).toBe(4);
        expect(ciLow).toBeLessThanOrEqual(mean);
        expect(ciHigh).toBeGreaterThanOrEqual(mean);
        expect(ciHigh).toBeLessThanOrEqual(1);
      }
      // After five of the user's own parity, seven more of it are among the next ten.
      expect(curve[3].mean).toBeGreaterThan(0);
    }
    expect((await train({ algorithm: 'ITEM_KNN', protocol: 'FULL_HOLDOUT' })).coldStart).toEqual([]);
  });
});

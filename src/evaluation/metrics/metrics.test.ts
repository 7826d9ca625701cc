import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import golden from '../../../test/fixtures/golden/evaluation.json';
import { dataOf } from '../../../test/fixtures/training-data';
import { itemPopularity, popularityGroups } from '../item-popularity';
import { MEASUREMENTS, METRICS, type MetricName, measurementName, measurementOf } from '.';
import { type Catalogue, EmptyTruthError, type Metric, type UserMetric } from './metric';

const byName = Object.fromEntries(METRICS.map((metric) => [metric.name, metric])) as Record<
  MetricName,
  Metric
>;
const userMetrics = METRICS.filter((metric) => metric.per === 'user') as UserMetric[];
const accuracy = userMetrics.filter(
  ({ name }) => name !== 'novelty' && name !== 'recallMiddle' && name !== 'recallTail',
);
/** Item i has 100 - i interactions. */
const popularity = {
  counts: Int32Array.from({ length: 100 }, (_, item) => 100 - item),
  groups: new Uint8Array(100),
  users: 200,
};
const of = (name: MetricName, ranked: number[], relevant: number[], k: number) =>
  (byName[name] as UserMetric).compute(Int32Array.from(ranked), new Set(relevant), k, popularity);

describe('metrics', () => {
  it.each(golden.rankings.map((ranking, index) => ({ index, ...ranking })))(
    'agree with trec_eval and ranx on ranking $index',
    ({ ranked, relevant, expected }) => {
      for (const [key, value] of Object.entries(expected)) {
        const [name, k] = key.split('@');
        const metric = byName[name as MetricName] as UserMetric;
        const got = metric.compute(
          Int32Array.from(ranked),
          new Set(relevant),
          Number(k) || ranked.length,
          popularity,
        );
        expect({ key, value: got }).toEqual({ key, value: expect.closeTo(value, 10) });
      }
    },
  );

  it.each(METRICS)('$name gives the value that its file works out by hand', (metric) => {
    const { counts = [], k, value } = metric.example;
    const known = { counts: Int32Array.from(counts), groups: new Uint8Array(counts.length), users: 0 };
    if (metric.per === 'user') {
      const { ranked, relevant, groups, users = 0 } = metric.example;
      const popularity = { ...known, users, groups: Uint8Array.from(groups ?? []) };
      const got = metric.compute(Int32Array.from(ranked), new Set(relevant), k, popularity);
      expect(got).toBeCloseTo(value, 12);
    } else {
      const { lists, historyPopularity = [] } = metric.example;
      const catalogue = {
        itemCount: counts.length,
        popularity: known,
        historyPopularity: Float64Array.from(historyPopularity),
      };
      const got = metric.compute(
        lists.map((list) => Int32Array.from(list)),
        catalogue,
        k,
      );
      expect(got).toBeCloseTo(value, 12);
    }
  });

  // Ranked: hit, miss, hit, miss; three relevant items, of which one is not ranked.
  it.each([
    ['precision', 3, 2 / 3],
    ['precision', 10, 2 / 10],
    ['recall', 3, 2 / 3],
    ['hitRate', 1, 1],
    ['ndcg', 3, (1 + 1 / 2) / (1 + 1 / Math.log2(3) + 1 / 2)],
    ['ndcg', 1, 1],
    ['map', 3, (1 / 1 + 2 / 3) / 3],
    ['mrr', 4, 1],
  ] as const)('%s@%i worked by hand', (name, k, expected) => {
    expect(of(name, [7, 1, 8, 2], [7, 8, 9], k)).toBeCloseTo(expected, 12);
  });

  it('need something to find: a user without a held-out item is an error, not a zero', () => {
    for (const metric of userMetrics) {
      expect(() => metric.compute(Int32Array.of(1), new Set(), 5, popularity)).toThrow(EmptyTruthError);
      expect(() => metric.compute(Int32Array.of(1), new Set([1]), 0, popularity)).toThrow(RangeError);
    }
  });

  it('are between 0 for nothing found and 1 for the one relevant item first', () => {
    for (const metric of accuracy) {
      expect(metric.compute(Int32Array.of(3, 1, 2), new Set([9]), 3, popularity)).toBe(0);
      expect(metric.compute(Int32Array.of(9), new Set([9]), 1, popularity)).toBe(1);
    }
  });

  it('coverage counts the catalogue that somebody sees', () => {
    const coverage = byName.coverage;
    if (coverage.per !== 'catalogue') throw new Error('coverage is of all lists together');
    const lists = [Int32Array.of(0, 1, 2), Int32Array.of(1, 3, 2)];
    const of8 = { itemCount: 8, popularity, historyPopularity: new Float64Array(2) };
    expect(coverage.compute(lists, of8, 2)).toBe(3 / 8);
    expect(coverage.compute(lists, of8, 10)).toBe(4 / 8);
    expect(coverage.compute([], of8, 10)).toBe(0);
    expect(coverage.compute([], { ...of8, itemCount: 0 }, 10)).toBe(0);
  });

  describe('beside accuracy', () => {
    const ofAll = (name: MetricName, lists: number[][], k: number, catalogue: Partial<Catalogue> = {}) => {
      const metric = byName[name];
      if (metric.per !== 'catalogue') throw new Error(`${name} is of all lists together`);
      const whole = { itemCount: 4, popularity, historyPopularity: Float64Array.of(50, 100), ...catalogue };
      return metric.compute(
        lists.map((list) => Int32Array.from(list)),
        whole,
        k,
      );
    };

    it('gini is 0 for an even spread, 1 for one item, and the Lorenz curve between', () => {
      expect(
        ofAll(
          'gini',
          [
            [0, 1],
            [2, 3],
          ],
          2,
        ),
      ).toBeCloseTo(0, 12);
      expect(ofAll('gini', [[3], [3]], 5)).toBeCloseTo(1, 12);
      // Shares 0, 0, 1/4, 3/4: (1/3) (1 * 1/4 + 3 * 3/4)
      expect(ofAll('gini', [[1], [1], [1], [2]], 1)).toBeCloseTo(2.5 / 3, 12);
      // Beyond the cut-off nothing counts.
      expect(
        ofAll(
          'gini',
          [
            [3, 0],
            [3, 1],
          ],
          1,
        ),
      ).toBeCloseTo(1, 12);
      expect(ofAll('gini', [], 5)).toBe(0);
      expect(ofAll('gini', [[0]], 5, { itemCount: 1 })).toBe(0);
    });

    it('novelty is the mean surprise in bits, and finite for what nobody knows', () => {
      const known = { ...popularity, counts: Int32Array.of(200, 50, 0), groups: new Uint8Array(3) };
      const novelty = byName.novelty as UserMetric;
      expect(novelty.compute(Int32Array.of(0, 1), new Set([2]), 2, known)).toBeCloseTo((0 + 2) / 2, 12);
      expect(novelty.compute(Int32Array.of(2, 1), new Set([2]), 1, known)).toBeCloseTo(Math.log2(200), 12);
      expect(novelty.compute(Int32Array.of(), new Set([2]), 1, known)).toBeNaN();
    });

    it('popularity lift compares lists with histories', () => {
      // Item i has 100 - i interactions: lists of 100 and 50 in the mean, histories too.
      expect(ofAll('popularityLift', [[0], [50]], 1)).toBeCloseTo(1, 12);
      expect(
        ofAll(
          'popularityLift',
          [
            [0, 1],
            [0, 1],
          ],
          2,
        ),
      ).toBeCloseTo(99.5 / 75, 12);
      expect(
        ofAll('popularityLift', [[0], [50]], 1, { historyPopularity: Float64Array.of(50, Number.NaN) }),
      ).toBeCloseTo(75 / 50, 12);
      expect(
        ofAll('popularityLift', [[0]], 1, { historyPopularity: Float64Array.of(Number.NaN) }),
      ).toBeNaN();
    });

    it('recall by group looks at one group alone, and leaves out who has nothing there', () => {
      const grouped = { ...popularity, groups: Uint8Array.of(0, 1, 2, 2, 2) };
      const recallOf = (name: MetricName, relevant: number[]) =>
        (byName[name] as UserMetric).compute(Int32Array.of(0, 3, 1), new Set(relevant), 2, grouped);
      expect(recallOf('recallHead', [0, 2, 3])).toBe(1);
      expect(recallOf('recallMiddle', [0, 2, 3])).toBeNaN();
      expect(recallOf('recallTail', [0, 2, 3])).toBe(1 / 2);
      expect(recallOf('recallMiddle', [1])).toBe(0);
    });

    it('the groups are 20, 60 and 20 % of the interactions, items without any in the tail', () => {
      expect(Array.from(popularityGroups(Int32Array.of(10, 0, 40, 20, 10, 20)))).toEqual([
        2, 2, 0, 1, 2, 1,
      ]);
      expect(Array.from(popularityGroups(Int32Array.of(5, 5, 5, 5, 5)))).toEqual([0, 1, 1, 1, 2]);
      expect(Array.from(popularityGroups(new Int32Array(2)))).toEqual([2, 2]);
      expect(itemPopularity(dataOf([[1, 2], [], [2]], 3).interactions)).toMatchObject({
        counts: Int32Array.of(0, 1, 2),
        users: 2,
      });
    });
  });

  it('are each in the list, with a description', () => {
    const files = readdirSync(__dirname).filter((file) => !/^(index|metric)\.ts$|\.test\.ts$/.test(file));
    const defined = files.flatMap((file) => Object.values(require(join(__dirname, file)) as object));
    const metrics = defined.filter((value) => typeof value === 'object') as Metric[];
    expect(metrics.map(({ name }) => name).sort()).toEqual(METRICS.map(({ name }) => name).sort());
    for (const { description } of METRICS) expect(description).toMatch(/^\S.{20,}\.$/);
  });

  it('have one name for each cut-off in the schema and the database, and fields of Experiment', () => {
    const names = MEASUREMENTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(0, 3)).toEqual(['PRECISION_AT_5', 'PRECISION_AT_10', 'PRECISION_AT_20']);
    expect(names.at(-1)).toBe('MEAN_RECIPROCAL_RANK');
    for (const { name, metric, k } of MEASUREMENTS) expect(measurementName(metric.name, k)).toBe(name);
    expect(measurementOf('HIT_RATE_AT_10')).toMatchObject({ k: 10, field: 'hitRateAt10' });
    expect(measurementOf('HIT_RATE_AT_5').field).toBeNull();
    expect(measurementOf('MEAN_RECIPROCAL_RANK')).toMatchObject({ k: 0, field: 'meanReciprocalRank' });
    expect(measurementName('ndcg', 7)).toBeUndefined();
  });
});

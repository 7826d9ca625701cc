import golden from '../golden/golden.json';
import { METRICS } from '.';
import { EmptyTruthError, METRIC_NAMES, type UserMetric } from './metric';

const userMetrics = Object.values(METRICS).filter((metric): metric is UserMetric => metric.per === 'user');
const accuracy = userMetrics.filter(({ name }) => name !== 'novelty' && name !== 'recallMiddle' && name !== 'recallTail');
/** Item i has 100 - i interactions. */
const popularity = { counts: Int32Array.from({ length: 100 }, (_, item) => 100 - item), groups: new Uint8Array(100), users: 200 };
const of = (name: keyof typeof METRICS, ranked: number[], relevant: number[], k: number) =>
  (METRICS[name] as UserMetric).compute(Int32Array.from(ranked), new Set(relevant), k, popularity);

describe('metrics', () => {
  it.each(golden.rankings.map((ranking, index) => ({ index, ...ranking })))(
    'agree with trec_eval and ranx on ranking $index',
    ({ ranked, relevant, expected }) => {
      for (const [key, value] of Object.entries(expected)) {
        const [name, k] = key.split('@');
        const metric = METRICS[name as keyof typeof METRICS] as UserMetric;
        const got = metric.compute(Int32Array.from(ranked), new Set(relevant), Number(k) || ranked.length, popularity);
        expect({ key, value: got }).toEqual({ key, value: expect.closeTo(value, 10) });
      }
    },
  );

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
    const coverage = METRICS.coverage;
    if (coverage.per !== 'catalogue') throw new Error('coverage is of all lists together');
    const lists = [Int32Array.of(0, 1, 2), Int32Array.of(1, 3, 2)];
    const of8 = { itemCount: 8, popularity, historyPopularity: new Float64Array(2) };
    expect(coverage.compute(lists, of8, 2)).toBe(3 / 8);
    expect(coverage.compute(lists, of8, 10)).toBe(4 / 8);
    expect(coverage.compute([], of8, 10)).toBe(0);
    expect(coverage.compute([], { ...of8, itemCount: 0 }, 10)).toBe(0);
  });

  it('are registered under their own names, each with a description', () => {
    expect(Object.keys(METRICS).sort()).toEqual([...METRIC_NAMES].sort());
    for (const [name, metric] of Object.entries(METRICS)) {
      expect(metric.name).toBe(name);
      expect(metric.description).toMatch(/^\S.{20,}\.$/);
    }
  });
});

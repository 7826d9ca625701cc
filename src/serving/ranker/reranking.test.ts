/** Re-ranking: on candidates whose answer is known, and whatever the options. */
import fc from 'fast-check';
import { Random } from '../../numeric/random';
import { type Candidates, type ListOptions, PLAIN, poolSize, rerank } from './reranking';

/** On a line: candidate i lies at places[i], the viewer at 0. */
function onALine(
  places: readonly number[],
  ratings?: readonly number[],
  years?: readonly (number | null)[],
): Candidates {
  return {
    distances: places.map(Math.abs),
    ratings: ratings ?? places.map(() => 1),
    years: years ?? places.map(() => 2000),
    distancesTo: (b) => (a) => Math.abs(places[a] - places[b]),
  };
}

function drawn(seed: number, count: number): Candidates {
  const random = new Random(seed);
  const places = Array.from({ length: count }, () => random.normal()).sort(
    (a, b) => Math.abs(a) - Math.abs(b),
  );
  const ratings = places.map(() => random.integerBelow(300));
  const years = places.map(() => (random.integerBelow(6) === 0 ? null : 1930 + random.integerBelow(90)));
  return onALine(places, ratings, years);
}

const wishes: fc.Arbitrary<ListOptions> = fc.record({
  diversity: fc.double({ min: 0, max: 1, noNaN: true }),
  novelty: fc.double({ min: -1, max: 1, noNaN: true }),
  freshness: fc.double({ min: 0, max: 1, noNaN: true }),
  exploration: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.integer(),
});

describe('re-ranking', () => {
  it('gives k different candidates, the same ones for the same seed, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 50 }),
        wishes,
        (seed, count, k, options) => {
          const candidates = drawn(seed, count);
          const order = rerank(candidates, k, options);
          expect(order).toHaveLength(Math.min(k, count));
          expect(new Set(order).size).toBe(order.length);
          expect(order.every((at) => at >= 0 && at < count)).toBe(true);
          expect(rerank(candidates, k, options)).toEqual(order);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the plain list when nothing is asked', () => {
    for (let seed = 0; seed < 20; seed++)
      expect(rerank(drawn(seed, 30), 30, PLAIN)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it('diversity takes the nearest first, and then what lies apart from it', () => {
    const candidates = onALine([1, 1.1, 1.2, -1.5, 4]);
    expect(rerank(candidates, 3, { ...PLAIN, diversity: 0.6 })).toEqual([0, 3, 4]);
    // 0.9 · 1.5 − 0.1 · 2.5 is more than 0.9 · 1.1 − 0.1 · 0.1.
    expect(rerank(candidates, 3, { ...PLAIN, diversity: 0.1 })).toEqual([0, 1, 2]);
    expect(rerank(candidates, 2, { ...PLAIN, diversity: 1 })).toEqual([0, 4]);
    expect(rerank({ ...candidates, distancesTo: null }, 3, { ...PLAIN, diversity: 1 })).toEqual([0, 1, 2]);
  });

  it('novelty of 1 is the order of popularity backwards, of -1 forwards, and of little leaves what is far behind', () => {
    const candidates = onALine([1, 2, 3, 4], [50, 5, 500, 0]);
    expect(rerank(candidates, 4, { ...PLAIN, novelty: 1 })).toEqual([3, 1, 0, 2]);
    expect(rerank(candidates, 4, { ...PLAIN, novelty: -1 })).toEqual([2, 0, 1, 3]);
    expect(rerank(candidates, 4, { ...PLAIN, novelty: 0.1 })).toEqual([0, 1, 2, 3]);
  });

  it('freshness of 1 is the order of years, newest first, unknown ones last', () => {
    const candidates = onALine([1, 2, 3, 4], undefined, [1950, null, 2018, 1999]);
    expect(rerank(candidates, 4, { ...PLAIN, freshness: 1 })).toEqual([2, 3, 0, 1]);
  });

  it('exploration at 1 draws in proportion to exp(-d²), and at little hardly ever leaves the order', () => {
    const candidates = onALine([0.5, 1, 1.5]);
    const first = [0, 0, 0];
    const lists = 4_000;
    for (let seed = 0; seed < lists; seed++)
      first[rerank(candidates, 1, { ...PLAIN, exploration: 1, seed })[0]]++;
    const weights = candidates.distances.map((distance) => Math.exp(-(distance ** 2)));
    const total = weights.reduce((sum, weight) => sum + weight);
    weights.forEach((weight, at) => {
      const p = weight / total;
      expect(Math.abs(first[at] / lists - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / lists));
    });
    for (let seed = 0; seed < 100; seed++)
      expect(rerank(candidates, 3, { ...PLAIN, exploration: 0.01, seed })).toEqual([0, 1, 2]);
  });

  it('lets 20 candidates compete for a place, 200 at least', () => {
    expect([1, 10, 20, 50, 100].map(poolSize)).toEqual([200, 200, 400, 1_000, 1_024]);
  });
});

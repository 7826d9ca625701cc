import fc from 'fast-check';
import { Bitset } from './bitset';
import { topK } from './top-k';

/** The definition: sort everything, then cut. */
function sorted(scores: Float32Array, k: number, skip: Set<number>, sign: number): number[] {
  return Array.from(scores, (_, i) => i)
    .filter((i) => !skip.has(i) && !Number.isNaN(scores[i]))
    .sort((a, b) => (scores[a] === scores[b] ? a - b : scores[a] > scores[b] ? -sign : sign))
    .slice(0, k);
}

describe('topK', () => {
  it('is the head of a full sort, whatever the ties, the gaps and the order', () => {
    const score = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(Infinity, -Infinity, Number.NaN, 0.1),
    );
    fc.assert(
      fc.property(
        fc.array(score),
        fc.nat(12),
        fc.array(fc.nat(20)),
        fc.boolean(),
        (list, k, skipped, ascending) => {
          const scores = Float32Array.from(list);
          const skip = new Set(skipped.filter((i) => i < scores.length));
          const order = ascending ? 'ascending' : 'descending';
          const got = topK(scores, k, Bitset.of(scores.length, skip), order);
          expect(Array.from(got)).toEqual(sorted(scores, k, skip, ascending ? -1 : 1));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives ties to the lower index', () => {
    expect(Array.from(topK(new Float32Array(100).fill(7), 4))).toEqual([0, 1, 2, 3]);
  });

  it('gives fewer when there are fewer, and refuses an impossible k', () => {
    expect(topK(new Float32Array(2), 5)).toHaveLength(2);
    expect(topK(new Float32Array(0), 5)).toHaveLength(0);
    expect(() => topK(new Float32Array(2), -1)).toThrow(RangeError);
    expect(() => topK(new Float32Array(2), 1.5)).toThrow(RangeError);
  });
});

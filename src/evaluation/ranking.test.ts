import fc from 'fast-check';
import { Bitset } from '../numeric/bitset';
import { rankedHead, rankOf, tiePlace, tieStream } from './ranking';

describe('ranking', () => {
  it('head and rank agree with a full sort by score, then by the random place', () => {
    const scores = fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scores, fc.integer(), fc.array(fc.nat(39)), fc.nat(45), (list, stream, skipped, k) => {
        const values = Float32Array.from(list);
        const skip = Bitset.of(
          list.length,
          skipped.filter((i) => i < list.length),
        );
        const full = [...list.keys()]
          .filter((i) => !skip.has(i))
          .sort((a, b) => list[b] - list[a] || tiePlace(stream, a) - tiePlace(stream, b));
        expect(Array.from(rankedHead(values, k, stream, skip))).toEqual(full.slice(0, k));
        for (const [at, item] of full.entries()) expect(rankOf(values, item, stream, skip)).toBe(at + 1);
      }),
    );
  });

  it('never gives two items one place', () => {
    const places = new Set(Array.from({ length: 100_000 }, (_, item) => tiePlace(123, item)));
    expect(places.size).toBe(100_000);
  });

  it('places an item among equals evenly over users', () => {
    const counts = new Array<number>(10).fill(0);
    const equal = new Float32Array(10);
    for (let user = 1; user <= 20_000; user++) counts[rankOf(equal, 0, tieStream(1, user)) - 1]++;
    const chiSquare = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0);
    expect(chiSquare).toBeLessThan(27.9); // 99.9 % of 9 degrees of freedom
  });
});

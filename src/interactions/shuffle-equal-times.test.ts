import { dataOf } from '../../test/fixtures/training-data';
import { shuffleEqualTimes } from './shuffle-equal-times';

describe('shuffleEqualTimes', () => {
  const own = Array.from({ length: 12 }, (_, item) => item);
  const { interactions } = dataOf([own, own.slice().reverse(), [3, 1]], 12);
  // User 1: all at once; user 2: pairs; user 3: unknown times.
  const timestamp = Float64Array.from([
    ...own.map(() => 5),
    ...own.map((n) => n >> 1),
    Number.NaN,
    Number.NaN,
  ]);
  const value = Float32Array.from(interactions.itemIndex, (item) => item / 4);
  const log = { ...interactions, timestamp, value };

  it('moves only what has one time, stars with it, and nothing between users', () => {
    const shuffled = shuffleEqualTimes(log, 1);
    const of = (user: number) =>
      Array.from(shuffled.itemIndex.subarray(log.offsets[user], log.offsets[user + 1]));
    expect(of(0)).not.toEqual(own);
    expect(of(0).sort((a, b) => a - b)).toEqual(own);
    for (let pair = 0; pair < 6; pair++) {
      expect(new Set(of(1).slice(2 * pair, 2 * pair + 2))).toEqual(new Set([11 - 2 * pair, 10 - 2 * pair]));
    }
    expect(of(1)).not.toEqual(own.slice().reverse());
    expect(of(2)).toEqual([3, 1]);
    expect(Array.from(shuffled.value, (stars) => stars * 4)).toEqual(Array.from(shuffled.itemIndex));
    expect(shuffled.timestamp).toBe(timestamp);
  });

  it('is drawn by seed and user id', () => {
    expect(shuffleEqualTimes(log, 1)).toEqual(shuffleEqualTimes(log, 1));
    expect(shuffleEqualTimes(log, 2).itemIndex).not.toEqual(shuffleEqualTimes(log, 1).itemIndex);
  });
});

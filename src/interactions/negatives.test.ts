import { dataOf } from '../../test/fixtures/training-data';
import type { InteractionLog } from './interaction-log';
import { sampleNegatives } from './negatives';

describe('sampleNegatives', () => {
  // Items 0 .. 49 have users, 50 .. 59 nobody.
  const everyone = Array.from({ length: 30 }, (_, user) => [user, user + 5, user + 20]);
  const { interactions } = dataOf(everyone, 60);
  const of = (log: InteractionLog, negatives: ReturnType<typeof sampleNegatives>, user: number) =>
    Array.from(
      negatives.items.subarray(negatives.offsets[user], negatives.offsets[user + 1]),
      (item) => log.items.ids[item],
    );

  it.each([5, 20, 46])(
    'draws %i distinct items that somebody, but not the user, interacted with',
    (count) => {
      const negatives = sampleNegatives(interactions, count, 3);
      for (let user = 0; user < 30; user++) {
        const own = of(interactions, negatives, user);
        expect(new Set(own).size).toBe(count);
        expect(own.filter((item) => everyone[user].includes(item) || item >= 50)).toEqual([]);
      }
    },
  );

  it('gives what is left when that is less', () => {
    expect(of(interactions, sampleNegatives(interactions, 99, 1), 0)).toHaveLength(47);
  });

  it('is decided by seed and user id, not by who else is there', () => {
    const negatives = sampleNegatives(interactions, 9, 3);
    expect(sampleNegatives(interactions, 9, 3)).toEqual(negatives);
    expect(of(interactions, sampleNegatives(interactions, 9, 4), 0)).not.toEqual(
      of(interactions, negatives, 0),
    );
    // Users 2 .. 30 swap their histories: user 1 keeps the candidates.
    const others = dataOf([everyone[0], ...everyone.slice(1).reverse()], 60).interactions;
    expect(of(others, sampleNegatives(others, 9, 3), 0)).toEqual(of(interactions, negatives, 0));
    expect(of(interactions, negatives, 1)).not.toEqual(of(interactions, negatives, 0));
  });

  it('draws every item equally often', () => {
    const counts = new Array<number>(60).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      const negatives = sampleNegatives(interactions, 5, seed);
      for (let user = 0; user < 30; user++)
        for (const item of of(interactions, negatives, user)) counts[item]++;
    }
    const expected = Array.from(
      { length: 50 },
      (_, item) => everyone.filter((own) => !own.includes(item)).length * 400 * (5 / 47),
    );
    const chiSquare = expected.reduce((sum, mean, item) => sum + (counts[item] - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeLessThan(86); // 99.9 % of 49 degrees of freedom
  });
});

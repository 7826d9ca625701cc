import type { InteractionLog } from './interaction-log';
import { sampleNegatives } from './negatives';
import { assertNoLeak, historyBefore, LeakError, leaveLastOut, prepareSplit } from './splits';
import { dataOf } from './testing/data';

const histories = [[4, 2, 7, 1], [3], [5, 6, 0], [1, 2]];

describe('leaveLastOut', () => {
  const data = dataOf(histories, 9);
  const split = leaveLastOut(data.interactions);

  it('holds out the last for test and the last but one for validation, of users with three or more', () => {
    expect(Array.from(split.test)).toEqual([1, -1, 0, -1]);
    expect(Array.from(split.validation)).toEqual([7, -1, 6, -1]);
    expect(Array.from(split.train.offsets)).toEqual([0, 2, 3, 4, 6]);
    expect(Array.from(split.train.itemIndex)).toEqual([4, 2, 3, 5, 1, 2]);
    expect(split.train.items).toBe(data.interactions.items);
    expect(split.train.value).toHaveLength(6);
    expect(split.train.timestamp[1]).toBe(1_000_001);
  });

  it('takes a higher minimum, not a lower', () => {
    expect(Array.from(leaveLastOut(data.interactions, 4).test)).toEqual([1, -1, -1, -1]);
    expect(() => leaveLastOut(data.interactions, 2)).toThrow(RangeError);
  });

  it('historyBefore grows by the validation item on TEST', () => {
    const prepared = prepareSplit(data);
    expect(Array.from(historyBefore(prepared, 0, 'VALIDATION').items)).toEqual([4, 2]);
    expect(Array.from(historyBefore(prepared, 0, 'TEST').items)).toEqual([4, 2, 7]);
  });
});

describe('leaks', () => {
  // User 1 holds out items 7 and 1, user 3 the items 6 and 0; users 2 and 4 nothing.
  const data = dataOf(histories, 9, [
    { user: 1, item: 1, tag: 50 },
    { user: 1, item: 7, tag: 51 },
    { user: 1, item: 4, tag: 50 },
    { user: 2, item: 1, tag: 52 },
    { user: 3, item: 1, tag: 50 },
    { user: 77, item: 7, tag: 50 },
  ]);
  const split = prepareSplit(data);

  it('leaves out the tags of a user on the own held-out items, and no others', () => {
    const { taggings } = split.trainingData;
    expect(Array.from(taggings.userIndex)).toEqual([0, 1, 2, -1]);
    expect(Array.from(taggings.itemIndex)).toEqual([4, 1, 1, 7]);
    expect(Array.from(taggings.tagIndex, (tag) => taggings.tags.ids[tag])).toEqual([50, 52, 50, 50]);
  });

  it('finds none in a prepared split', () => {
    expect(() => assertNoLeak(split.trainingData, split)).not.toThrow();
  });

  it.each([
    ['test', 1],
    ['validation', 7],
  ])('finds a planted %s rating', (_, item) => {
    const { interactions, taggings } = split.trainingData;
    const planted: InteractionLog = { ...interactions, itemIndex: Int32Array.from(interactions.itemIndex) };
    planted.itemIndex[1] = item;
    const look = () => assertNoLeak({ interactions: planted, taggings }, split);
    expect(look).toThrow(LeakError);
    expect(look).toThrow(`The held-out item ${item} of user 1`);
  });

  it('finds a planted tag', () => {
    const { interactions } = split.trainingData;
    expect(() => assertNoLeak({ interactions, taggings: data.taggings }, split)).toThrow(/tag of user 1 on the held-out item 1/);
  });
});

describe('sampleNegatives', () => {
  // Items 0 .. 49 have users, 50 .. 59 nobody.
  const everyone = Array.from({ length: 30 }, (_, user) => [user, user + 5, user + 20]);
  const { interactions } = dataOf(everyone, 60);
  const of = (log: InteractionLog, negatives: ReturnType<typeof sampleNegatives>, user: number) =>
    Array.from(negatives.items.subarray(negatives.offsets[user], negatives.offsets[user + 1]), (item) => log.items.ids[item]);

  it.each([5, 20, 46])('draws %i distinct items that somebody, but not the user, interacted with', (count) => {
    const negatives = sampleNegatives(interactions, count, 3);
    for (let user = 0; user < 30; user++) {
      const own = of(interactions, negatives, user);
      expect(new Set(own).size).toBe(count);
      expect(own.filter((item) => everyone[user].includes(item) || item >= 50)).toEqual([]);
    }
  });

  it('gives what is left when that is less', () => {
    expect(of(interactions, sampleNegatives(interactions, 99, 1), 0)).toHaveLength(47);
  });

  it('is decided by seed and user id, not by who else is there', () => {
    const negatives = sampleNegatives(interactions, 9, 3);
    expect(sampleNegatives(interactions, 9, 3)).toEqual(negatives);
    expect(of(interactions, sampleNegatives(interactions, 9, 4), 0)).not.toEqual(of(interactions, negatives, 0));
    // Users 2 .. 30 swap their histories: user 1 keeps the candidates.
    const others = dataOf([everyone[0], ...everyone.slice(1).reverse()], 60).interactions;
    expect(of(others, sampleNegatives(others, 9, 3), 0)).toEqual(of(interactions, negatives, 0));
    expect(of(interactions, negatives, 1)).not.toEqual(of(interactions, negatives, 0));
  });

  it('draws every item equally often', () => {
    const counts = new Array<number>(60).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      const negatives = sampleNegatives(interactions, 5, seed);
      for (let user = 0; user < 30; user++) for (const item of of(interactions, negatives, user)) counts[item]++;
    }
    const expected = Array.from({ length: 50 }, (_, item) => everyone.filter((own) => !own.includes(item)).length * 400 * (5 / 47));
    const chiSquare = expected.reduce((sum, mean, item) => sum + (counts[item] - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeLessThan(86); // 99.9 % of 49 degrees of freedom
  });
});

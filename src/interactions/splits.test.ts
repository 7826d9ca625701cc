import { dataOf } from '../../test/fixtures/training-data';
import type { InteractionLog } from './interaction-log';
import { assertNoLeak, historyBefore, LeakError, prepareSplit, type SplitName } from './splits';

const histories = [[4, 2, 7, 1], [3], [5, 6, 0], [1, 2]];

describe('leaving the last one out', () => {
  const data = dataOf(histories, 9);
  const split = prepareSplit(data);
  const heldOut = (name: SplitName) => [
    Array.from(split.parts[name].users),
    Array.from(split.parts[name].relevant),
  ];

  it('holds out the last for test and the last but one for validation, of users with three or more', () => {
    expect(heldOut('TEST')).toEqual([
      [0, 2],
      [1, 0],
    ]);
    expect(heldOut('VALIDATION')).toEqual([
      [0, 2],
      [7, 6],
    ]);
    const { interactions: train } = split.trainingData;
    expect(Array.from(train.offsets)).toEqual([0, 2, 3, 4, 6]);
    expect(Array.from(train.itemIndex)).toEqual([4, 2, 3, 5, 1, 2]);
    expect(train.items).toBe(data.interactions.items);
    expect(train.value).toHaveLength(6);
    expect(train.timestamp[1]).toBe(1_000_001);
  });

  it('historyBefore grows by the validation item on TEST', () => {
    expect(Array.from(historyBefore(split, 0, 'VALIDATION').items)).toEqual([4, 2]);
    expect(Array.from(historyBefore(split, 0, 'TEST').items)).toEqual([4, 2, 7]);
  });

  it('keeps the validation item in training when nothing is to be chosen any more, and the test item out', () => {
    const last = prepareSplit(data, { validation: false });
    expect(last.parts.VALIDATION.users).toHaveLength(0);
    expect(last.parts.TEST).toEqual(split.parts.TEST);
    expect(Array.from(last.trainingData.interactions.itemIndex)).toEqual([4, 2, 7, 3, 5, 6, 1, 2]);
    expect(Array.from(historyBefore(last, 0, 'TEST').items)).toEqual([4, 2, 7]);
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
    expect(() => assertNoLeak({ interactions, taggings: data.taggings }, split)).toThrow(
      /tag of user 1 on the held-out item 1/,
    );
  });
});

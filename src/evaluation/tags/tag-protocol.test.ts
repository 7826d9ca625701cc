import { Vocabulary } from '../../interactions/vocabulary';
import { type Model, type TagTrainingData } from '../../models/system';
import { evaluateTags, tagObjective } from './evaluate-tags';
import { coreOf, InvalidTaggingError, parseTaggings, tagDataOf } from './tag-core';
import { findable, prepareTagSplit } from './tag-protocol';

describe('the data', () => {
  it('reads each tagging once, by its normalised spelling, and names the line that is none', () => {
    expect(parseTaggings('1::2:: Sci-Fi ::9\n1::2::sci-fi::10\r\n3::4::a::b::11\n')).toEqual([
      { userId: 1, itemId: 2, tag: 'sci-fi' },
      { userId: 3, itemId: 4, tag: 'a::b' },
    ]);
    expect(() => parseTaggings('1::2::x::9\n1::two::x::9')).toThrow(InvalidTaggingError);
    expect(() => parseTaggings('1::2::x::9\n1::two::x::9')).toThrow('Line 2');
  });

  it('thins until nothing changes: what leaves takes others with it', () => {
    const dense = [1, 2].flatMap((userId) =>
      [1, 2].flatMap((itemId) => ['a', 'b'].map((tag) => ({ userId, itemId, tag }))),
    );
    const chain = [
      { userId: 1, itemId: 3, tag: 'a' },
      { userId: 3, itemId: 3, tag: 'b' },
    ];
    expect(coreOf([...dense, ...chain], 2)).toEqual(dense);
    expect(coreOf(chain, 2)).toEqual([]);
  });
});

/** User u has u + 1 posts, of one to three tags. */
const taggings = [0, 1, 2, 3].flatMap((userId) =>
  Array.from({ length: userId + 1 }, (_, itemId) => itemId).flatMap((itemId) =>
    ['x', 'y', 'z'].slice(0, 1 + ((userId + itemId) % 3)).map((tag) => ({ userId, itemId, tag })),
  ),
);
const data = tagDataOf(taggings);

describe('the split', () => {
  const split = prepareTagSplit(data, { seed: 1 });
  const { VALIDATION, TEST } = split.parts;
  const forTest = prepareTagSplit(data, { seed: 1, validation: false });
  const keys = (posts: readonly { user: number; item: number }[]): string[] =>
    posts.map(({ user, item }) => `${user} ${item}`);
  const rowsOf = ({ userIndex, itemIndex }: { userIndex: Int32Array; itemIndex: Int32Array }): string[] =>
    Array.from(userIndex, (user, row) => `${user} ${itemIndex[row]}`);

  it('holds out a post of each user with two, another of each with three', () => {
    expect(TEST.map(({ user }) => user)).toEqual([1, 2, 3]);
    expect(VALIDATION.map(({ user }) => user)).toEqual([2, 3]);
    for (const { user, item, tags } of TEST) expect(tags.size).toBe(1 + ((user + item) % 3));
  });

  it('leaks nothing: a held-out post is not trained on, not in part either', () => {
    expect(keys(TEST).some((key) => rowsOf(split.trainingData.taggings).includes(key))).toBe(false);
    expect(keys(VALIDATION).some((key) => rowsOf(split.trainingData.taggings).includes(key))).toBe(false);
    expect(keys(TEST).some((key) => rowsOf(forTest.trainingData.taggings).includes(key))).toBe(false);
    expect(keys(VALIDATION).every((key) => rowsOf(forTest.trainingData.taggings).includes(key))).toBe(true);
    expect(keys(VALIDATION).some((key) => keys(TEST).includes(key))).toBe(false);
  });

  it('is the same for the same seed', () => {
    expect(prepareTagSplit(data, { seed: 1 })).toEqual(split);
    expect(forTest.parts).toEqual({ VALIDATION: [], TEST });
    const others = [2, 3, 4, 5].map((seed) => keys(prepareTagSplit(data, { seed }).parts.TEST).join());
    expect(new Set(others).size).toBeGreaterThan(1);
  });
});

it('asks for no tag that stands in held-out posts alone', () => {
  const training = { ...data, taggings: { ...data.taggings, tagIndex: Int32Array.of(0, 2) } };
  const post = (user: number, ...tags: number[]) => ({ user, item: 0, tags: new Set(tags) });
  const parts = { VALIDATION: [], TEST: [post(0, 0, 1), post(1, 1), post(2, 2)] };
  expect(findable({ trainingData: training, parts }).parts.TEST).toEqual([post(0, 0), post(2, 2)]);
});

describe('the measurement', () => {
  const tagCount = 30;
  const ids = (count: number) => Int32Array.from({ length: count }, (_, id) => 100 + id);
  const users = new Vocabulary(ids(2));
  const training: TagTrainingData = {
    users,
    items: new Vocabulary(ids(1)),
    taggings: {
      tags: new Vocabulary(ids(tagCount)),
      userIndex: Int32Array.of(0),
      itemIndex: Int32Array.of(0),
      tagIndex: Int32Array.of(3),
    },
  };
  const model: Model<'TAGS'> = {
    name: 'POPULAR_TAGS',
    itemCount: tagCount,
    space: null,
    score: (pairs) => Float32Array.from({ length: pairs.length * tagCount }, (_, at) => -(at % tagCount)),
    save: () => ({ kind: 'POPULAR_TAGS', format: 1, settings: {}, arrays: {} }),
  };
  const posts = [
    { user: 0, item: 0, tags: new Set([1]) },
    { user: 1, item: 0, tags: new Set([0, 7, 25]) },
  ];
  const split = { trainingData: training, parts: { VALIDATION: [], TEST: posts } };
  const [second, ideal] = [1 / Math.log2(3), 1 + 1 / Math.log2(3) + 1 / 2];

  it('averages over posts, and keeps the figures of each', async () => {
    const { rows, perUser, userIds } = await evaluateTags(model, split);
    const mean = (metric: string, k: number) =>
      rows.find((row) => row.metric === metric && row.k === k)?.mean;
    expect(mean('precision', 5)).toBeCloseTo((1 / 5 + 1 / 5) / 2);
    expect(mean('recall', 5)).toBeCloseTo((1 + 1 / 3) / 2);
    expect(mean('recall', 10)).toBeCloseTo((1 + 2 / 3) / 2);
    expect(mean('ndcg', 10)).toBeCloseTo((second + (1 + 1 / Math.log2(9)) / ideal) / 2);
    expect(mean('mrr', 0)).toBeCloseTo((1 / 2 + 1) / 2);
    expect(mean('coverage', 10)).toBeCloseTo(10 / tagCount);
    expect(new Set(rows.map(({ protocol, split }) => `${protocol} ${split}`))).toEqual(
      new Set(['TAG_POSTS TEST']),
    );
    expect(userIds).toEqual({ VALIDATION: new Int32Array(0), TEST: Int32Array.of(100, 101) });
    expect(perUser['TAG_POSTS/TEST/recall@10']).toEqual(Float32Array.of(1, 2 / 3));
  });

  it('validates by the mean NDCG@20, and not where there is nothing to find', () => {
    expect(tagObjective({ ...split, parts: { VALIDATION: posts, TEST: [] } })?.(model)).toBeCloseTo(
      (second + (1 + 1 / Math.log2(9)) / ideal) / 2,
    );
    expect(tagObjective(split)).toBeUndefined();
  });

  it('stops when it is told to', async () => {
    const reason = new Error('cancelled');
    await expect(evaluateTags(model, split, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

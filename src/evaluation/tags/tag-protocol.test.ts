import type { TagModel } from '../../algorithms/tag-recommender';
import { coreOf, InvalidTaggingError, parseTaggings, tagDataOf } from './tag-core';
import { measureTags, splitTagPosts } from './tag-protocol';

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
    const dense = [1, 2].flatMap((userId) => [1, 2].flatMap((itemId) => ['a', 'b'].map((tag) => ({ userId, itemId, tag }))));
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
const sizes = { users: data.users.size, items: data.items.size };

describe('the split', () => {
  const split = splitTagPosts(data.taggings, sizes, 1);
  const keys = (posts: readonly { user: number; item: number }[]): string[] => posts.map(({ user, item }) => `${user} ${item}`);
  const rowsOf = ({ userIndex, itemIndex }: { userIndex: Int32Array; itemIndex: Int32Array }): string[] =>
    Array.from(userIndex, (user, row) => `${user} ${itemIndex[row]}`);

  it('holds out a post of each user with two, another of each with three', () => {
    expect(split.test.map(({ user }) => user)).toEqual([1, 2, 3]);
    expect(split.validation.map(({ user }) => user)).toEqual([2, 3]);
    for (const { user, item, tags } of split.test) expect(tags.size).toBe(1 + ((user + item) % 3));
  });

  it('leaks nothing: a held-out post is not trained on, not in part either', () => {
    expect(keys(split.test).some((key) => rowsOf(split.training.taggings).includes(key))).toBe(false);
    expect(keys(split.validation).some((key) => rowsOf(split.training.taggings).includes(key))).toBe(false);
    expect(keys(split.test).some((key) => rowsOf(split.trainingForTest.taggings).includes(key))).toBe(false);
    expect(keys(split.validation).every((key) => rowsOf(split.trainingForTest.taggings).includes(key))).toBe(true);
    expect(keys(split.validation).some((key) => keys(split.test).includes(key))).toBe(false);
  });

  it('is the same for the same seed', () => {
    expect(splitTagPosts(data.taggings, sizes, 1)).toEqual(split);
    const others = [2, 3, 4, 5].map((seed) => keys(splitTagPosts(data.taggings, sizes, seed).test).join());
    expect(new Set(others).size).toBeGreaterThan(1);
  });
});

it('averages over posts', () => {
  const score = (): Float32Array => Float32Array.from({ length: 30 }, (_, tag) => -tag);
  const model: TagModel = {
    name: 'POPULAR_TAGS',
    tagCount: 30,
    space: null,
    score,
    save: () => ({ kind: 'POPULAR_TAGS', format: 1, settings: {}, arrays: {} }),
  };
  const measured = measureTags(model, [
    { user: 0, item: 0, tags: new Set([1]) },
    { user: 1, item: 0, tags: new Set([0, 7, 25]) },
  ]);
  expect(measured['precision@5']).toBeCloseTo((1 / 5 + 1 / 5) / 2);
  expect(measured['recall@5']).toBeCloseTo((1 + 1 / 3) / 2);
  expect(measured['recall@10']).toBeCloseTo((1 + 2 / 3) / 2);
  const [second, ideal] = [1 / Math.log2(3), 1 + 1 / Math.log2(3) + 1 / 2];
  expect(measured['ndcg@10']).toBeCloseTo((second + (1 + 1 / Math.log2(9)) / ideal) / 2);
});

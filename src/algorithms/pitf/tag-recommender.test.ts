import { dataOf, type TestTagging } from '../../interactions/testing/data';
import { UnfitDataError } from '../algorithm';
import { fitPitfTags, pitfTagHyperparameters } from './tag-recommender';

const settings = pitfTagHyperparameters.parse({ embeddingSize: 8, epochs: 300 });
const context = (seed = 1, signal = new AbortController().signal) => ({ seed, signal, onProgress() {} });

/** User u has a tag u of their own that they put on everything, item i a tag 10 + i that everybody puts on it; user 0's post on item 4 is held out. */
const histories = Array.from({ length: 5 }, () => [0, 1, 2, 3, 4]);
const taggings: TestTagging[] = histories.flatMap((items, user) =>
  items
    .filter((item) => !(user === 0 && item === 4))
    .flatMap((item) => [
      { user: user + 1, item, tag: user },
      { user: user + 1, item, tag: 10 + item },
    ]),
);
const data = dataOf(histories, 6, taggings);
const sizes = { users: 5, items: 6 };
const { tags } = data.taggings;

/** @returns tag ids, best first */
const ranked = (scores: Float32Array): number[] =>
  Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a])
    .map((tag) => tags.ids[tag]);

it("ranks the user's tag and the item's before all others for a pair it has never seen", async () => {
  const model = await fitPitfTags(data.taggings, sizes, settings, context());
  const scores = model.score(0, 4);
  expect(scores).toHaveLength(10);
  expect(new Set(ranked(scores).slice(0, 2))).toEqual(new Set([0, 14]));
  expect(await fitPitfTags(data.taggings, sizes, settings, context())).toEqual(model);
  expect((await fitPitfTags(data.taggings, sizes, settings, context(2))).score(0, 4)).not.toEqual(scores);
});

it('goes by what is known: the user alone, the item alone, nothing', async () => {
  const model = await fitPitfTags(data.taggings, sizes, settings, context());
  expect(ranked(model.score(3, -1))[0]).toBe(3);
  expect(ranked(model.score(-1, 2))[0]).toBe(12);
  // Nobody tagged item 5.
  expect(model.score(3, 5)).toEqual(model.score(3, -1));
  expect(Array.from(model.score(-1, 5))).toEqual(new Array(10).fill(0));
});

it('refuses to learn from nothing, and stops when it is told to', async () => {
  await expect(fitPitfTags(dataOf([[0]], 1).taggings, { users: 1, items: 1 }, settings, context())).rejects.toThrow(UnfitDataError);
  const reason = new Error('cancelled');
  await expect(fitPitfTags(data.taggings, sizes, settings, context(1, AbortSignal.abort(reason)))).rejects.toBe(reason);
});

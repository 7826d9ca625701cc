import { dataOf, type TestTagging } from '../../../test/fixtures/training-data';
import { type FitContext } from '../system';

import { pitfTagHyperparameters, pitfTags } from './pitf-tags';

const settings = pitfTagHyperparameters.parse({
  embeddingSize: 8,
  epochs: 300,
  learningRate: 0.1,
  regularization: 0.0005,
});
const context: FitContext<'TAGS'> = {
  seed: 1,
  backend: 'cpu',
  signal: new AbortController().signal,
  onEpoch() {},
  onProgress() {},
};

/** User u has a tag u of their own that they put on everything, item i a tag 10 + i that everybody
 *  puts on it. */
const histories = Array.from({ length: 5 }, () => [0, 1, 2, 3, 4]);
const taggings: TestTagging[] = histories.flatMap((items, user) =>
  items.flatMap((item) => [
    { user: user + 1, item, tag: user },
    { user: user + 1, item, tag: 10 + item },
  ]),
);
const { interactions, taggings: log } = dataOf(histories, 6, taggings);
const { users, items } = interactions;

it('goes by what is known: the user alone, the item alone, nothing', async () => {
  const model = await pitfTags.fit({ taggings: log, users, items }, settings, context);
  const first = (user: number, item: number): number => {
    const scores = model.score([{ user, item }]);
    return log.tags.ids[scores.indexOf(Math.max(...scores))];
  };
  expect(first(3, -1)).toBe(3);
  expect(first(-1, 2)).toBe(12);
  // Nobody tagged item 5.
  expect(model.score([{ user: 3, item: 5 }])).toEqual(model.score([{ user: 3, item: -1 }]));
  expect(Array.from(model.score([{ user: -1, item: 5 }]))).toEqual(new Array(10).fill(0));
});

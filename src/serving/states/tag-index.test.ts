/** The index of taggings against one that is made anew after each change. */
import { Random } from '../../numeric/random';
import { TagIndex } from './tag-index';

it('knows after any number of changes what a new index would know, and leaves the former as it was', () => {
  const random = new Random(4);
  const draw = () => [1, 2, 3, 4, 5, 6].filter(() => random.integerBelow(3) === 0);
  const truth = new Map(Array.from({ length: 900 }, (_, id) => [id, draw()]));
  const first = new TagIndex(new Map(truth));
  const atFirst = first.moviesWith(3).sort((a, b) => a - b);
  let index = first;
  for (let step = 0; step < 60; step++) {
    const changed = new Map(Array.from({ length: 20 }, () => [random.integerBelow(1_000), draw()]));
    for (const [id, tagIds] of changed) truth.set(id, tagIds);
    index = index.with(changed);
    const tagId = 1 + random.integerBelow(7);
    const carriers = [...truth].filter(([, tagIds]) => tagIds.includes(tagId)).map(([id]) => id);
    expect(index.moviesWith(tagId).sort((a, b) => a - b)).toEqual(carriers.sort((a, b) => a - b));
    const movieId = random.integerBelow(1_001);
    expect(index.tagsOf(movieId)).toEqual(truth.get(movieId) ?? []);
  }
  expect(first.moviesWith(3).sort((a, b) => a - b)).toEqual(atFirst);
});

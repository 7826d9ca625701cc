/** The space of pairs and tags, on random tables. */
import { Random } from '../../numeric/random';
import { type Evidence, SOURCES } from './tag-evidence';
import { expectedShape, TAG_SPACE_ARRAYS, TagSpace, type TagSpaceArrays, withNewTags } from './tag-space';

const [D, USERS, ITEMS, TAGS] = [3, 4, 5, 6];
const random = new Random(1);
const space = new TagSpace(
  Object.fromEntries(
    TAG_SPACE_ARRAYS.map((name) => {
      const size = expectedShape(name, D, TAGS, name.startsWith('user') ? USERS : ITEMS).reduce(
        (product, side) => product * side,
        1,
      );
      return [name, Float32Array.from({ length: size }, () => random.normal())];
    }),
  ) as unknown as TagSpaceArrays,
);
/** Of some tags, each with one post of the user and one on the item. */
const evidenceOf = (...tags: number[]): Evidence => ({
  size: tags.length,
  tags: Int32Array.from(tags),
  counts: Array.from({ length: SOURCES }, () => new Float64Array(tags.length).fill(1)),
  totals: new Float64Array(SOURCES).fill(1),
});

it('measures many distances as it measures one', () => {
  const point = space.pairPoint(1, 2, evidenceOf(0, 4));
  const distances = space.distances(point, [5, 0, 3]);
  for (const [at, tag] of [5, 0, 3].entries())
    expect(distances[at] ** 2).toBeCloseTo(space.squaredDistance(point, tag), 9);
});

describe('tags that came after training', () => {
  const grown = withNewTags(space, 2);
  const scores = (of: TagSpace, evidence: Evidence) => {
    const out = new Float32Array(of.tagCount);
    of.scores(of.pairPoint(1, 2, evidence), out);
    return out;
  };

  it('leave the others where they are', () => {
    expect(grown.tagCount).toBe(TAGS + 2);
    expect(scores(grown, evidenceOf(0, 4)).subarray(0, TAGS)).toEqual(scores(space, evidenceOf(0, 4)));
    expect(withNewTags(space, 0)).toBe(space);
  });

  it('are scored as the average tag without evidence, and higher with it', () => {
    const all = scores(grown, evidenceOf());
    const average = all.subarray(0, TAGS).reduce((sum, score) => sum + score, 0) / TAGS;
    expect(all[TAGS]).toBeCloseTo(average, 4);
    expect(all[TAGS + 1]).toBe(all[TAGS]);
    const told = scores(grown, evidenceOf(TAGS));
    expect(told[TAGS]).toBeGreaterThan(told[TAGS + 1]);
  });
});

/** The gradient against central differences, and the logits against the distances of the space. */
import { Random } from '../../numeric/random';
import { initialTables, snapshot } from './parameters';
import { PostGradient } from './post-gradient';
import { evidenceOf } from './tag-evidence';
import { TAG_SPACE_ARRAYS, TagSpace } from './tag-space';

const SIZES = { users: 3, items: 3, tags: 6 };
const D = 3;
const posts = {
  user: Int32Array.of(0, 0, 1, 1, 2, -1),
  item: Int32Array.of(0, 1, 1, 2, 0, 0),
  offsets: Int32Array.of(0, 2, 4, 6, 7, 9, 10),
  tags: Int32Array.of(0, 1, 0, 2, 2, 3, 3, 0, 4, 1),
};
const ALL = Int32Array.from({ length: SIZES.tags }, (_, tag) => tag);

function setUp() {
  const random = new Random(3);
  const tables = initialTables(
    SIZES,
    D,
    { regularization: 0, gateRegularization: 0, trustRegularization: 0 },
    random,
  );
  for (const name of TAG_SPACE_ARRAYS) {
    const { data } = tables[name];
    for (let at = 0; at < data.length; at++) data[at] = random.normal() * 0.5;
  }
  const { evidence: all, known } = evidenceOf(posts);
  const evidence = all.of(0, 0, known[0]);
  const example = { user: 0, item: 0, evidence, tags: Int32Array.of(0, 1) };
  return { tables, example, gradient: new PostGradient(tables, SIZES.tags, D) };
}

it.each([
  ['all tags', ALL],
  ['a sample', Int32Array.of(3, 5)],
])('agrees with central differences in every table, over %s', (_, sample) => {
  const { tables, example, gradient } = setUp();
  gradient.add(example, sample, 1);
  const analytic = Object.fromEntries(
    TAG_SPACE_ARRAYS.map((name) => [name, Float64Array.from(tables[name].gradient)]),
  );
  const step = 1e-5;
  for (const name of TAG_SPACE_ARRAYS) {
    const { data } = tables[name];
    for (let at = 0; at < data.length; at++) {
      const kept = data[at];
      data[at] = kept + step;
      const above = gradient.add(example, sample, 0);
      data[at] = kept - step;
      const below = gradient.add(example, sample, 0);
      data[at] = kept;
      expect(analytic[name][at]).toBeCloseTo((above - below) / (2 * step), 6);
    }
    expect(analytic[name].some((value) => Math.abs(value) > 1e-4)).toBe(true);
  }
});

it('is the softmax over minus the squared distances of the space', () => {
  const { tables, example, gradient } = setUp();
  const loss = gradient.add(example, ALL, 0);
  const space = new TagSpace(snapshot(tables, D, { users: posts.user, items: posts.item }));
  const point = space.pairPoint(0, 0, example.evidence);
  const squared = Array.from(ALL, (tag) => space.squaredDistance(point, tag));
  expect(Math.min(...squared)).toBeGreaterThanOrEqual(0);
  const total = squared.reduce((sum, value) => sum + Math.exp(-value), 0);
  const expected =
    -example.tags.reduce((sum, tag) => sum + Math.log(Math.exp(-squared[tag]) / total), 0) / 2;
  expect(loss).toBeCloseTo(expected, 4);
  const scores = new Float32Array(SIZES.tags);
  space.scores(point, scores);
  const shared = scores[0] + squared[0];
  for (const tag of ALL) expect(scores[tag] + squared[tag]).toBeCloseTo(shared, 4);
});

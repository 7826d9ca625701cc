import { contextOf } from '../../../test/fixtures/fit-context';
import { dataOf } from '../../../test/fixtures/training-data';
import type { UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { CorruptArtifactError } from '../artifact';
import { squaredDistance } from '../unit-ball';
import { foldInUser, lrml } from './lrml';
import { differentiatePair, lrmlGradient, Relation, RelationalRanking } from './relation';

const context = contextOf();
const historyOfItems = (items: readonly number[]): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
});
const drawn = (length: number, seed: number) => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => random.normal());
};

describe('the relation', () => {
  it('is the attended mean of the memory, worked out by hand', () => {
    // s = (2, 3); logits ln 3 and 0, so attention 3/4 and 1/4.
    const relation = new Relation(
      Float64Array.of(Math.log(3) / 2, 0, 0, 0),
      Float64Array.of(4, 0, 0, 8),
      2,
    );
    relation.attend(Float64Array.of(1, 3), 0, Float64Array.of(9, 2, 1), 1);
    expect(Array.from(relation.attention)).toEqual([0.75, 0.25].map((value) => expect.closeTo(value, 12)));
    expect(Array.from(relation.vector)).toEqual([3, 2].map((value) => expect.closeTo(value, 12)));
  });
});

describe('the loss of a pair', () => {
  const [d, slots, margin] = [4, 3, 0.6];
  const parts = {
    user: drawn(d, 1),
    positive: drawn(d, 2),
    negative: drawn(d, 3),
    keys: drawn(slots * d, 4),
    memories: drawn(slots * d, 5),
  };
  const loss = () => {
    const relation = new Relation(parts.keys, parts.memories, d);
    relation.attend(parts.user, 0, parts.positive, 0);
    const query = parts.user.map((value, k) => value + relation.vector[k]);
    return margin + squaredDistance(query, parts.positive, 0) - squaredDistance(query, parts.negative, 0);
  };
  const relation = new Relation(parts.keys, parts.memories, d);
  const gradient = lrmlGradient(d);
  const shared = { keys: new Float64Array(slots * d), memories: new Float64Array(slots * d) };
  relation.attend(parts.user, 0, parts.positive, 0);
  differentiatePair(
    { user: [parts.user, 0], positive: [parts.positive, 0], negative: [parts.negative, 0] },
    relation,
    gradient,
  );
  relation.accumulate(gradient.relation, shared);
  const found = { ...gradient, ...shared };

  it.each(['user', 'positive', 'negative', 'keys', 'memories'] as const)(
    'has the gradient of finite differences: %s',
    (name) => {
      parts[name].forEach((kept, at) => {
        parts[name][at] = kept + 1e-5;
        const up = loss();
        parts[name][at] = kept - 1e-5;
        const down = loss();
        parts[name][at] = kept;
        expect(found[name][at]).toBeCloseTo((up - down) / 2e-5, 5);
      });
    },
  );
});

describe('ranking and folding in', () => {
  const [d, itemCount] = [6, 9];
  const learned = {
    items: Float32Array.from(drawn(itemCount * d, 1), (x) => x / 4),
    keys: Float32Array.from(drawn(4 * d, 2), (x) => 3 * x),
    memories: Float32Array.from(drawn(4 * d, 3), (x) => x / 4),
    d,
  };

  it('gives each item its own relation', () => {
    const point = Float32Array.from(drawn(d, 4), (x) => x / 4);
    const scores = new Float32Array(itemCount);
    new RelationalRanking(learned).score(point, scores);
    const relation = new Relation(learned.keys, learned.memories, d);
    scores.forEach((score, item) => {
      relation.attend(point, 0, learned.items, item * d);
      const query = point.map((x, k) => x + relation.vector[k]);
      expect(score).toBeCloseTo(-squaredDistance(query, learned.items, item * d), 5);
    });
  });

  it('finds a point that ranks the history higher than more steps of length 0 would', () => {
    const history = Int32Array.of(1, 5, 7);
    const plan = { margin: 0.5, negatives: 6, foldInSteps: 500, foldInRate: 0.1, seed: 1 };
    const hinge = (point: Float32Array) => {
      const scores = new Float32Array(itemCount);
      new RelationalRanking(learned).score(point, scores);
      const others = scores.filter((_, item) => !history.includes(item));
      return history.reduce(
        (sum, item) =>
          sum + others.reduce((inner, other) => inner + Math.max(0, 0.5 + other - scores[item]), 0),
        0,
      );
    };
    const point = foldInUser(history, learned, plan);
    expect(hinge(point)).toBeLessThan(
      0.9 * hinge(foldInUser(history, learned, { ...plan, foldInRate: 1e-9 })),
    );
    expect(Math.hypot(...point)).toBeLessThanOrEqual(1 + 1e-6);
    expect(foldInUser(history, learned, plan)).toEqual(point);
  });
});

describe('training', () => {
  const random = new Random(1);
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data = dataOf(histories, 20);
  const settings = lrml.hyperparameters.parse({ embeddingSize: 6, memorySlots: 3, epochs: 15 });

  it('lowers the loss and keeps items in the ball', async () => {
    const losses: number[] = [];
    const model = await lrml.fit(data, settings, {
      ...context,
      onEpoch: ({ loss }) => void losses.push(loss),
    });
    expect(losses.at(-1)).toBeLessThan(0.9 * losses[0]);
    const { itemPoints, memories, keys } = model.save().arrays;
    const points = itemPoints.data as Float32Array;
    for (let item = 0; item < 20; item++)
      expect(Math.hypot(...points.subarray(item * 6, item * 6 + 6))).toBeLessThanOrEqual(1 + 1e-6);
    expect([memories.shape, keys.shape]).toEqual([
      [3, 6],
      [3, 6],
    ]);
    expect(Array.from(model.score([historyOfItems([])])).every(Number.isFinite)).toBe(true);
  });

  it('keeps the memory in the ball, however fast it learns', async () => {
    const { memories } = (await lrml.fit(data, { ...settings, memoryLearningRate: 1 }, context)).save()
      .arrays;
    const lengths = [0, 1, 2].map((slot) =>
      Math.hypot(...(memories.data as Float32Array).subarray(slot * 6, slot * 6 + 6)),
    );
    for (const length of lengths) expect(length).toBeLessThanOrEqual(1 + 1e-6);
    expect(Math.max(...lengths)).toBeGreaterThan(0.9);
  });

  it('refuses stored parts that do not fit together', async () => {
    const stored = (await lrml.fit(data, settings, context)).save();
    const broken = [
      { ...stored, settings: { ...stored.settings, embeddingSize: 3 } },
      { ...stored, settings: { ...stored.settings, memorySlots: 2 } },
      { ...stored, arrays: { ...stored.arrays, meanUser: { data: new Float32Array(5), shape: [5] } } },
    ];
    for (const artifact of broken) expect(() => lrml.load(artifact)).toThrow(CorruptArtifactError);
  });
});

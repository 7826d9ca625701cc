import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import type { UserHistory } from '../interactions/interaction-log';
import { Random } from '../numeric/random';
import { CorruptArtifactError, decodeArtifact, encodeArtifact } from './artifact';
import { bprMf, type Factors, foldIn, pairStep, userStep } from './bpr-mf';
import { historyHash, PairSampler } from './pairwise';
import { TrainingDivergedError } from './system';

const historyOfItems = (items: readonly number[], userIndex?: number): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
  userIndex,
});
const rates = {
  learningRate: 0.01,
  userRegularization: 0.3,
  itemRegularization: 0.2,
  biasRegularization: 0.7,
};

describe('a step on a pair', () => {
  const d = 5;
  const random = new Random(9);
  const drawn = (length: number) => Float64Array.from({ length }, () => random.normal());
  const factors = { users: drawn(2 * d), items: drawn(3 * d), biases: drawn(3), d };
  const copy = (): Factors & Record<'users' | 'items' | 'biases', Float64Array> => ({
    users: factors.users.slice(),
    items: factors.items.slice(),
    biases: factors.biases.slice(),
    d,
  });
  const pair = { positive: 2, negative: 0 };
  const user = 1;

  /** The loss of the header of pair-step.ts, written out. */
  const lossOf = ({ users, items, biases }: ReturnType<typeof copy>): number => {
    const row = (values: Float64Array, at: number) => Array.from(values.subarray(at * d, (at + 1) * d));
    const [w, p, n] = [row(users, user), row(items, pair.positive), row(items, pair.negative)];
    const square = (values: number[]) => values.reduce((sum, value) => sum + value * value, 0);
    const x = w.reduce(
      (sum, value, k) => sum + value * (p[k] - n[k]),
      biases[pair.positive] - biases[pair.negative],
    );
    return (
      Math.log(1 + Math.exp(-x)) +
      0.5 * rates.userRegularization * square(w) +
      0.5 * rates.itemRegularization * (square(p) + square(n)) +
      0.5 * rates.biasRegularization * (biases[pair.positive] ** 2 + biases[pair.negative] ** 2)
    );
  };

  it.each(['users', 'items', 'biases'] as const)(
    'goes down the gradient of finite differences: %s',
    (name) => {
      const after = copy();
      pairStep(after, user, pair, rates);
      for (let at = 0; at < factors[name].length; at++) {
        const [up, down] = [copy(), copy()];
        up[name][at] += 1e-5;
        down[name][at] -= 1e-5;
        const numeric = (lossOf(up) - lossOf(down)) / 2e-5;
        expect((factors[name][at] - after[name][at]) / rates.learningRate).toBeCloseTo(numeric, 7);
      }
    },
  );

  it('moves the user alone in folding in, by the same gradient', () => {
    const after = copy();
    pairStep(after, user, pair, rates);
    const alone = factors.users.slice(user * d, (user + 1) * d);
    userStep(alone, factors, pair, rates);
    alone.forEach((value, k) => {
      expect(value).toBeCloseTo(after.users[user * d + k], 14);
    });
  });

  it('gives its loss without overflow', () => {
    const far = {
      users: Float64Array.of(1_000),
      items: Float64Array.of(0, 1),
      biases: new Float64Array(2),
      d: 1,
    };
    const still = {
      learningRate: 1e-9,
      userRegularization: 0,
      itemRegularization: 0,
      biasRegularization: 0,
    };
    expect(pairStep(far, 0, { positive: 0, negative: 1 }, still)).toBeCloseTo(1_000, 3);
    expect(pairStep(far, 0, { positive: 1, negative: 0 }, still)).toBeCloseTo(0, 12);
  });
});

it('draws negatives uniformly from what the user has not, and none for a user of everything', () => {
  const { interactions } = dataOf([[0, 3, 1], [0, 1, 2, 3, 4, 5], []], 6);
  const sampler = new PairSampler(interactions);
  const random = new Random(2);
  const counts = new Int32Array(6);
  for (let n = 0; n < 3_000; n++) counts[sampler.negative(0, random)]++;
  expect(counts.filter((_, item) => [0, 1, 3].includes(item))).toEqual(Int32Array.of(0, 0, 0));
  // 1,000 expected, deviation 26
  for (const item of [2, 4, 5]) expect(Math.abs(counts[item] - 1_000)).toBeLessThan(130);
  expect(sampler.negative(1, random)).toBe(-1);
  expect(sampler.userOf(2)).toBe(0);
  expect(sampler.userOf(3)).toBe(1);
});

describe('folding in', () => {
  const items = {
    items: Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.1, 0.9, -1, -1),
    biases: new Float32Array(5),
    d: 2,
  };
  const plan = {
    rates: { learningRate: 0.2, userRegularization: 0.01, itemRegularization: 0, biasRegularization: 0 },
    passes: 40,
    seed: 4,
  };
  const start = Float64Array.of(0.1, 0.2);

  it('finds the side that the history is on, and comes near the optimum', () => {
    const [x, y] = foldIn(Int32Array.of(0, 1), items, start, { ...plan, passes: 4_000 });
    expect(x).toBeGreaterThan(y);
    // At the optimum the expected gradient over all pairs vanishes.
    const gradient = [0.01 * x, 0.01 * y];
    for (const i of [0, 1]) {
      for (const j of [2, 3, 4]) {
        const difference = [0, 1].map((k) => items.items[i * 2 + k] - items.items[j * 2 + k]);
        const mistake = 1 / (1 + Math.exp(difference[0] * x + difference[1] * y));
        for (const k of [0, 1]) gradient[k] -= (mistake * difference[k]) / 6;
      }
    }
    expect(Math.hypot(...gradient)).toBeLessThan(0.01);
  });

  it('gives the same for the same history, and the start for none or for everything', () => {
    const history = Int32Array.of(3, 2);
    expect(foldIn(history, items, start, plan)).toEqual(foldIn(history.slice(), items, start, plan));
    expect(foldIn(history, items, start, { ...plan, seed: 5 })).not.toEqual(
      foldIn(history, items, start, plan),
    );
    expect(foldIn(new Int32Array(0), items, start, plan)).toEqual(start);
    expect(foldIn(Int32Array.of(0, 1, 2, 3, 4), items, start, plan)).toEqual(start);
    expect(Array.from(start)).toEqual([0.1, 0.2]);
  });

  it('tells histories apart by their items, order and length', () => {
    const hashes = [[], [0], [0, 0], [1, 2], [2, 1], [1]].map((history) =>
      historyHash(Int32Array.from(history)),
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('training', () => {
  const random = new Random(1);
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data = dataOf(histories, 20);
  const settings = bprMf.hyperparameters.parse({ embeddingSize: 6, epochs: 60, learningRate: 0.2 });

  it('scores by the history alone, and puts a stranger on the right side of the checkerboard', async () => {
    const model = await bprMf.fit(data, settings, contextOf());
    const scores = model.score([historyOfItems(histories[3], 3), historyOfItems(histories[3])]);
    const stranger = scores.subarray(20);
    expect(scores.subarray(0, 20)).toEqual(stranger);
    const [odd, even] = [
      stranger.filter((_, item) => item % 2 === 1),
      stranger.filter((_, item) => item % 2 === 0),
    ];
    expect(Math.min(...odd)).toBeGreaterThan(Math.max(...even));
    const loaded = bprMf.load(decodeArtifact(encodeArtifact(model.save())));
    expect(loaded.score([historyOfItems([2, 4])])).toEqual(model.score([historyOfItems([2, 4])]));
  });

  it('scores an empty history as the mean user', async () => {
    const model = await bprMf.fit(data, settings, contextOf());
    const { itemFactors, itemBiases, meanUser } = model.save().arrays;
    model.score([historyOfItems([])]).forEach((score, item) => {
      const product = Array.from(meanUser.data).reduce(
        (sum, value, k) => sum + value * itemFactors.data[item * 6 + k],
        0,
      );
      expect(score).toBeCloseTo(product + itemBiases.data[item], 5);
    });
  });

  it('lowers the loss, keeps the best epoch by validation and stops when patience is out', async () => {
    const losses: number[] = [];
    const seen: Float32Array[] = [];
    const metrics = [0.1, 0.4, 0.3, 0.2, 0.9];
    const model = await bprMf.fit(
      data,
      { ...settings, patience: 2 },
      contextOf({
        onEpoch: ({ loss }) => void losses.push(loss),
        validate: (candidate) => {
          seen.push((candidate.save().arrays.itemFactors.data as Float32Array).slice());
          return metrics[seen.length - 1];
        },
      }),
    );
    expect(seen).toHaveLength(4);
    expect(losses[3]).toBeLessThan(losses[0]);
    expect(model.save().arrays.itemFactors.data).toEqual(seen[1]);
  });

  it('learns nothing from users of everything, and goes on', async () => {
    const model = await bprMf.fit(dataOf([[0, 1, 2]], 3), settings, contextOf());
    expect(Array.from(model.score([historyOfItems([0, 1, 2], 0)])).every(Number.isFinite)).toBe(true);
  });

  it('says that it diverged', async () => {
    const wild = {
      ...settings,
      learningRate: 1,
      itemRegularization: 10,
      userRegularization: 10,
      biasRegularization: 10,
    };
    await expect(bprMf.fit(data, wild, contextOf())).rejects.toThrow(TrainingDivergedError);
  });

  it('refuses stored parts that do not fit together', async () => {
    const stored = (await bprMf.fit(data, settings, contextOf())).save();
    const { itemBiases, ...rest } = stored.arrays;
    const broken = [
      { ...stored, settings: { ...stored.settings, embeddingSize: 7 } },
      { ...stored, settings },
      { ...stored, arrays: { ...rest, itemBiases: { data: itemBiases.data.slice(1), shape: [19] } } },
    ];
    for (const artifact of broken) expect(() => bprMf.load(artifact)).toThrow(CorruptArtifactError);
  });
});

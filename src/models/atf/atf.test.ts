import { contextOf } from '../../../test/fixtures/fit-context';
import { dataOf } from '../../../test/fixtures/training-data';
import type { UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { type Factors, pairStep } from '../bpr-mf';
import { hardestOf, PairSampler } from '../pairwise';
import type { Model } from '../system';
import { Turns } from '../training-loop';
import { AdversarialPair, type AtfFactors, PairStepper } from './adversarial-pair';
import { type AtfModel, atf, foldInUser, trainAtfEpoch } from './atf';
import { itemPerturbation, measureRobustness } from './robustness';

const context = contextOf();
const historyOfItems = (items: readonly number[], timestamp = Number.NaN): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length).fill(timestamp),
});

describe('a step on a pair', () => {
  const d = 4;
  const random = new Random(3);
  const drawn = (length: number) => Float64Array.from({ length }, () => random.normal());
  const factors = { users: drawn(2 * d), items: drawn(3 * d), times: drawn(2 * d), biases: drawn(3), d };
  const copy = () => ({
    users: factors.users.slice(),
    items: factors.items.slice(),
    times: factors.times.slice(),
    biases: factors.biases.slice(),
    d,
  });
  const pair = { positive: 2, negative: 0, time: 1 };
  const adversary = { epsilon: 0.4, adversarialWeight: 0.8 };
  const rates = { learningRate: 0.01, regularization: 0.3 };
  const row = (values: Float64Array, at: number) => Array.from(values.subarray(at * d, (at + 1) * d));
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, k) => sum + x * b[k], 0);

  /** The worst directions at the factors as they stand, each of length ε. */
  const toLength = (direction: number[]) =>
    direction.map((x) => (adversary.epsilon * x) / Math.hypot(...direction));
  const delta = row(factors.items, 2).map((x, k) => x - row(factors.items, 0)[k]);
  const z = row(factors.users, 1).map((x, k) => x + row(factors.times, 1)[k]);
  const worst = {
    factor: toLength(delta.map((x) => -x)),
    positive: toLength(z.map((x) => -x)),
    negative: toLength(z),
  };

  /** The loss of the header of adversarial-pair.ts, written out with the perturbations of each
   *  factor held still. */
  const lossOf = ({ users, items, times, biases }: ReturnType<typeof copy>): number => {
    const margin = (scale: number) => {
      const moved = (values: number[], by: number[]) => values.map((x, k) => x + scale * by[k]);
      const [w, c] = [moved(row(users, 1), worst.factor), moved(row(times, 1), worst.factor)];
      const [p, n] = [moved(row(items, 2), worst.positive), moved(row(items, 0), worst.negative)];
      const query = w.map((x, k) => x + c[k]);
      return dot(query, p) - dot(query, n) + biases[2] - biases[0];
    };
    const squares = [
      row(users, 1),
      row(times, 1),
      row(items, 2),
      row(items, 0),
      [biases[2], biases[0]],
    ].reduce((sum, x) => sum + dot(x, x), 0);
    return (
      Math.log(1 + Math.exp(-margin(0))) +
      adversary.adversarialWeight * Math.log(1 + Math.exp(-margin(1))) +
      0.5 * rates.regularization * squares
    );
  };

  it.each(['users', 'items', 'times', 'biases'] as const)(
    'goes down the gradient of finite differences: %s',
    (name) => {
      const after = copy();
      new PairStepper(adversary, d).take(after, 1, pair, rates);
      factors[name].forEach((value, at) => {
        const [up, down] = [copy(), copy()];
        up[name][at] += 1e-5;
        down[name][at] -= 1e-5;
        expect((value - after[name][at]) / rates.learningRate).toBeCloseTo(
          (lossOf(up) - lossOf(down)) / 2e-5,
          6,
        );
      });
    },
  );

  it('gives that loss, and moves the user alone in folding in', () => {
    const after = copy();
    const squares = 0.5 * rates.regularization;
    const loss = new PairStepper(adversary, d).take(after, 1, pair, rates);
    const regularizer = [
      row(factors.users, 1),
      row(factors.times, 1),
      row(factors.items, 2),
      row(factors.items, 0),
    ]
      .concat([[factors.biases[2], factors.biases[0]]])
      .reduce((sum, x) => sum + squares * dot(x, x), 0);
    expect(loss).toBeCloseTo(lossOf(copy()) - regularizer, 10);
    const user = factors.users.slice(d, 2 * d);
    new PairStepper(adversary, d).takeForUser({ ...factors, users: user }, pair, rates);
    user.forEach((value, k) => {
      expect(value).toBeCloseTo(after.users[d + k], 14);
    });
  });

  it('perturbs in the direction that hurts most: no other of that length has a larger loss, to first order', () => {
    const random = new Random(8);
    const harm = (factor: number[], positive: number[], negative: number[]) =>
      -(2 * dot(factor, delta) + dot(z, positive) - dot(z, negative));
    const most = harm(worst.factor, worst.positive, worst.negative);
    for (let trial = 0; trial < 50; trial++) {
      const [a, b, c] = [0, 1, 2].map(() => toLength(Array.from({ length: d }, () => random.normal())));
      expect(harm(a, b, c)).toBeLessThan(most);
    }
  });

  it('is the step of BPR-MF without adversary and time', () => {
    const plain = { ...copy(), times: new Float64Array(0) };
    new PairStepper({ epsilon: 1, adversarialWeight: 0 }, d).take(
      plain as AtfFactors,
      1,
      { ...pair, time: -1 },
      rates,
    );
    const reference = copy();
    const same = { ...rates, userRegularization: 0.3, itemRegularization: 0.3, biasRegularization: 0.3 };
    pairStep(reference as Factors, 1, pair, same);
    for (const name of ['users', 'items', 'biases'] as const) {
      plain[name].forEach((value, at) => {
        expect(value).toBeCloseTo(reference[name][at], 14);
      });
    }
  });

  it('is finite where there is no direction to push in', () => {
    const adversarial = new AdversarialPair(adversary);
    adversarial.differentiate({ product: 0, bias: 0, zz: 0, dd: 0, parts: 1 });
    expect([adversarial.pull, adversarial.towardsItems, adversarial.towardsQuery]).toEqual([
      0.5 + 0.8 / 2,
      0,
      0,
    ]);
  });
});

describe('the hardest of several negatives', () => {
  // The user [1, 0] knows item 0 and gives items 0 to 4 the scores 5, 1, 3 + 1, 3 and 4.
  const d = 2;
  const learned = () => ({
    items: Float64Array.of(5, 0, 1, 9, 3, 9, 3, -9, 4, 9),
    biases: Float64Array.of(0, 0, 1, 0, 0),
    times: new Float64Array(0),
    d,
  });
  const plain = { epsilon: 0, adversarialWeight: 0 };
  const user = Float64Array.of(1, 0);

  it('is what the model ranks highest, the earliest of equals; the first draw where it is the only one', () => {
    const scoreOf = new PairStepper(plain, d).scorer({ ...learned(), users: user }, 0, -1);
    expect([0, 1, 2, 3, 4].map(scoreOf)).toEqual([5, 1, 4, 3, 4]);
    const drawing = (items: number[]) => () => items.shift() as number;
    expect(hardestOf(3, 2, drawing([4, 2]), scoreOf)).toBe(4);
    expect(hardestOf(3, 2, drawing([1, 2]), scoreOf)).toBe(2);
    expect(hardestOf(3, 1, drawing([1]), scoreOf)).toBe(3);
    const never = () => {
      throw new Error('asked for more');
    };
    expect(hardestOf(3, 0, never, never)).toBe(3);
  });

  it('is scored at the stretch of time of the pair', () => {
    const late = { ...learned(), times: Float64Array.of(0, 0, 0, 1) };
    const scoreOf = new PairStepper(plain, d).scorer({ ...late, users: user }, 0, 1);
    expect([0, 1, 2, 3, 4].map(scoreOf)).toEqual([5, 10, 13, -6, 13]);
  });

  it('is what training and folding in learn from', async () => {
    const { interactions: log } = dataOf([[0]], 5);
    const factors = { ...learned(), biases: Float64Array.of(0, 0, 2, 0, 0), users: user.slice() };
    const plan = {
      log,
      sampler: new PairSampler(log),
      times: Int32Array.of(-1),
      rates: { learningRate: 0.1, regularization: 0 },
      adversary: plain,
      negativeCandidates: 100,
      epoch: 0,
      epochs: 1,
    };
    await trainAtfEpoch(factors, plan, new Random(1), new Turns(context));
    // x = 5 - (3 + 2): the step has half its rate.
    expect(Array.from(factors.biases, (bias) => Number(bias.toFixed(12)))).toEqual([0.05, 0, 1.95, 0, 0]);

    const step = {
      foldInSteps: 1,
      foldInLearningRate: 0.1,
      foldInNegativeCandidates: 100,
      regularization: 0,
      seed: 1,
      ...plain,
    };
    const history = { items: Int32Array.of(0), times: Int32Array.of(-1) };
    const folded = foldInUser(history, learned(), Float32Array.of(1, 0), step);
    // x = 5 - 4, away from item 2 or 4, whose second components are 9.
    expect(folded[1]).toBeCloseTo((-0.1 * 9) / (1 + Math.exp(1)), 6);
  });
});

describe('training', () => {
  const random = new Random(1);
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data = dataOf(histories, 20);
  const unknownTimes = {
    ...data,
    interactions: { ...data.interactions, timestamp: data.interactions.timestamp.map(() => Number.NaN) },
  };
  const settings = atf.hyperparameters.parse({
    embeddingSize: 6,
    epochs: 40,
    pretrainingEpochs: 20,
    learningRate: 0.2,
    timeBins: 3,
  });
  const asked = histories.map((items) => historyOfItems(items));
  /** Pairs of a user's colour and the other that are in the right order. */
  const accuracy = (model: Model) => {
    const scores = model.score(asked);
    let right = 0;
    asked.forEach((_, user) => {
      const own = scores.subarray(user * 20, (user + 1) * 20);
      for (let a = user % 2; a < 20; a += 2)
        for (let b = 1 - (user % 2); b < 20; b += 2) right += own[a] > own[b] ? 1 : 0;
    });
    return right / (40 * 100);
  };

  it('has a third mode where times are known, and none where they are not', async () => {
    const known = await atf.fit(data, settings, context);
    expect(known.save().arrays.timeFactors.shape).toEqual([3, 6]);
    const [early, late] = [1_000_000, 1_000_005].map((time) =>
      Array.from(known.score([historyOfItems([0, 2], time)])),
    );
    expect(early).not.toEqual(late);
    const unknown = await atf.fit(unknownTimes, settings, context);
    expect(unknown.save().arrays.timeFactors.shape).toEqual([0, 6]);
    expect(Array.from(unknown.score([historyOfItems([0, 2], 1_000_000)]))).toEqual(
      Array.from(unknown.score([historyOfItems([0, 2])])),
    );
    expect(accuracy(unknown)).toBeGreaterThan(0.95);
  });

  it('brings the adversary in after the epochs of pretraining', async () => {
    const losses: number[] = [];
    await atf.fit(unknownTimes, settings, { ...context, onEpoch: ({ loss }) => void losses.push(loss) });
    // The same pair counts twice from then on.
    expect(losses[20]).toBeGreaterThan(1.5 * losses[19]);
    expect(losses[19]).toBeLessThan(losses[0]);
  });

  it('learns from harder negatives what it learned from any', async () => {
    const harder = atf.hyperparameters.parse({
      ...settings,
      negativeCandidates: 3,
      foldInNegativeCandidates: 2,
    });
    expect(accuracy(await atf.fit(unknownTimes, harder, context))).toBeGreaterThan(0.95);
  });

  it('loads a model from before there was a choice of negatives, and scores as then', async () => {
    const model = await atf.fit(unknownTimes, settings, context);
    const artifact = model.save();
    const { negativeCandidates, foldInNegativeCandidates, ...older } = artifact.settings as Record<
      string,
      unknown
    >;
    expect([negativeCandidates, foldInNegativeCandidates]).toEqual([1, 1]);
    expect(Array.from(atf.load({ ...artifact, settings: older }).score(asked))).toEqual(
      Array.from(model.score(asked)),
    );
  });

  it('moves items by ε, and the worst direction hurts more than chance', async () => {
    const model = (await atf.fit(unknownTimes, settings, context)) as AtfModel;
    const moves = itemPerturbation(model, asked, { direction: 'WORST_CASE', epsilon: 0.3, seed: 1 });
    for (let item = 0; item < 20; item++)
      expect(Math.hypot(...moves.subarray(item * 6, item * 6 + 6))).toBeCloseTo(0.3, 5);
    const { clean, perturbed } = measureRobustness(model, asked, accuracy, {
      epsilons: [0, 1, 3],
      seed: 1,
    });
    expect(clean).toBe(accuracy(model));
    expect(perturbed[0]).toEqual({ epsilon: 0, random: clean, worstCase: clean });
    expect(perturbed[2].worstCase).toBeLessThan(perturbed[2].random);
    expect(perturbed[2].worstCase).toBeLessThanOrEqual(perturbed[1].worstCase);
    expect(perturbed[2].random).toBeLessThanOrEqual(clean);
  });
});

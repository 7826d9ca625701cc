/** BPR-MF: matrix factorisation learned from pairs of items, one that the user has and one that the
 *  user has not (Rendle, Freudenthaler, Gantner and Schmidt-Thieme, UAI 2009), by stochastic
 *  gradient descent in typed arrays.
 *
 *  w: [d] a user's factor, h: [d] an item's, b an item's bias; score = w · h + b. Stars play no
 *  part.
 *
 *  A user's factor is always found from the history that is scored, by the same steps on that
 *  factor alone with the items as learned: users seen and not seen in training are the same, and no
 *  user factors are kept. On validation data that is as good as the factors learned with the items
 *  for the same histories, and better for histories that have grown since
 *  (bench/results/references-ml1m.md). */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../interactions/interaction-log';
import { innerProducts } from '../numeric/inner-products';
import { Random } from '../numeric/random';
import { type Artifact, CorruptArtifactError } from './artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from './checks';
import { historyHash, logOnePlusExp, PairSampler, pairEpoch } from './pairwise';
import { defineSystem, type Model } from './system';
import { runEpochs, Turns } from './training-loop';

const KIND = 'BPR_MF';
/** Of a factor's length at the start. */
const INITIAL_DEVIATION = 0.1;

const strength = z.number().min(0).max(10);
const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of a factor (d).'),
  epochs: z
    .int()
    .min(1)
    .max(1_000)
    .default(40)
    .describe(
      'Passes of as many pairs as there are interactions, unless validation stops training earlier.',
    ),
  patience: z
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('Epochs without a better validation metric after which training stops.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.1)
    .describe('Step size at the start; it falls linearly to 0.'),
  userRegularization: strength.default(0.005).describe('λ of the user factors.'),
  itemRegularization: strength.default(0.005).describe('λ of the item factors.'),
  biasRegularization: strength.default(0.005).describe('λ of the item biases.'),
  foldInPasses: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Pairs drawn for each item of a history to find the factor of its user.'),
  foldInLearningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('Step size at the start of folding in; it falls linearly to 0.'),
});
/** O(N d) time an epoch. */
export const bprMf = defineSystem({
  name: 'BPR_MF',
  label: 'BPR-MF',
  description:
    'Matrix factorisation trained on pairs of a rated and an unrated movie (BPR; Rendle et ' +
    'al., UAI 2009).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const log = data.interactions;
    const random = new Random(context.seed);
    const factors = initialFactors(log, settings.embeddingSize, random);
    const [turns, sampler] = [new Turns(context), new PairSampler(log)];
    const publish = () => new BprMfModel({ ...settings, seed: context.seed }, learnedOf(factors));
    const { epochs, patience, learningRate } = settings;
    const trainEpoch = (epoch: number) =>
      pairEpoch({ log, sampler, learningRate, epoch: epoch - 1, epochs }, random, turns, (rate) => {
        const rates = { ...settings, learningRate: rate };
        return (user, row, negative) =>
          pairStep(factors, user, { positive: log.itemIndex[row], negative }, rates);
      });
    return runEpochs({ epochs, patience, turns, trainEpoch, publish }, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, storedSettings);
    const { data: items, shape } = arrayOf(artifact, 'itemFactors', 'float32', 2);
    const { data: biases } = arrayOf(artifact, 'itemBiases', 'float32', 1);
    const { data: meanUser } = arrayOf(artifact, 'meanUser', 'float32', 1);
    const d = settings.embeddingSize;
    const sized = shape[0] === biases.length && shape[1] === d && meanUser.length === d;
    if (!sized || biases.length === 0)
      throw new CorruptArtifactError('Factors and biases have inconsistent shapes.');
    return new BprMfModel(settings, { items, biases, meanUser });
  },
});

const storedSettings = hyperparameters.extend({ seed: z.int() });

interface Learned {
  /** [I, d] */
  readonly items: Float32Array;
  /** [I] */
  readonly biases: Float32Array;
  /** [d] where folding in starts */
  readonly meanUser: Float32Array;
}

function initialFactors(log: InteractionLog, d: number, random: Random): Factors {
  const drawn = (count: number) =>
    Float32Array.from({ length: count * d }, () => (random.normal() * INITIAL_DEVIATION) / Math.sqrt(d));
  return {
    users: drawn(log.users.size),
    items: drawn(log.items.size),
    biases: new Float32Array(log.items.size),
    d,
  };
}

/** Copies what a model keeps. */
function learnedOf({ users, items, biases, d }: Factors): Learned {
  const mean = new Float64Array(d);
  for (let at = 0; at < users.length; at++) mean[at % d] += users[at] / (users.length / d);
  return {
    items: Float32Array.from(items),
    biases: Float32Array.from(biases),
    meanUser: Float32Array.from(mean),
  };
}

class BprMfModel implements Model {
  readonly name = 'BPR_MF';
  readonly space = null;
  readonly itemCount: number;

  constructor(
    private readonly settings: z.output<typeof storedSettings>,
    private readonly learned: Learned,
  ) {
    this.itemCount = learned.biases.length;
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, learned, settings } = this;
    const { embeddingSize: d, foldInPasses: passes, foldInLearningRate: learningRate, seed } = settings;
    const plan = { rates: { ...settings, learningRate }, passes, seed };
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      innerProducts(
        foldIn(history.items, { ...learned, d }, Float64Array.from(learned.meanUser), plan),
        learned.items,
        own,
      );
      for (let item = 0; item < itemCount; item++) own[item] += learned.biases[item];
    });
    return scores;
  }

  save(): Artifact {
    const { settings, learned, itemCount } = this;
    const { embeddingSize: d } = settings;
    return {
      kind: KIND,
      format: 1,
      settings,
      arrays: {
        itemFactors: { data: learned.items, shape: [itemCount, d] },
        itemBiases: { data: learned.biases, shape: [itemCount] },
        meanUser: { data: learned.meanUser, shape: [d] },
      },
    };
  }
}

/** One step of stochastic gradient descent on one pair: the user u prefers the item i to the item
 *  j.
 *
 *    x = w_u · (h_i − h_j) + b_i − b_j,   loss = −ln σ(x) + ½ λ_w ‖w_u‖² + ½ λ_h (‖h_i‖² + ‖h_j‖²) + ½ λ_b (b_i² + b_j²)
 *
 *  (Rendle et al., UAI 2009, section 4.3.1, with an item bias.) */

/** Double precision in tests against finite differences, single in training. */
export type Numbers = Float32Array | Float64Array;

interface ItemFactors {
  /** [I, d] row-major */
  readonly items: Numbers;
  /** [I] */
  readonly biases: Numbers;
  readonly d: number;
}

export interface Factors extends ItemFactors {
  /** [U, d] row-major */
  readonly users: Numbers;
}

interface Pair {
  /** Dense index of an item that the user has */
  readonly positive: number;
  /** and of one that the user has not */
  readonly negative: number;
}

export interface Rates {
  readonly learningRate: number;
  readonly userRegularization: number;
  readonly itemRegularization: number;
  readonly biasRegularization: number;
}

/** Changes the three rows. The factors of the update are taken out of the loops: with them inside,
 *  a step took twice as long.
 *  @returns −ln σ(x) before the step */
export function pairStep(
  { users, items, biases, d }: Factors,
  user: number,
  { positive, negative }: Pair,
  rates: Rates,
): number {
  const [u, i, j] = [user * d, positive * d, negative * d];
  let x = biases[positive] - biases[negative];
  for (let k = 0; k < d; k++) x += users[u + k] * (items[i + k] - items[j + k]);
  const { learningRate } = rates;
  // σ(−x) is the size of the mistake.
  const pull = learningRate / (1 + Math.exp(x));
  const userShrink = 1 - learningRate * rates.userRegularization;
  const itemShrink = 1 - learningRate * rates.itemRegularization;
  const biasShrink = 1 - learningRate * rates.biasRegularization;
  for (let k = 0; k < d; k++) {
    const w = users[u + k];
    const hi = items[i + k];
    const hj = items[j + k];
    users[u + k] = userShrink * w + pull * (hi - hj);
    items[i + k] = itemShrink * hi + pull * w;
    items[j + k] = itemShrink * hj - pull * w;
  }
  biases[positive] = biasShrink * biases[positive] + pull;
  biases[negative] = biasShrink * biases[negative] - pull;
  return logOnePlusExp(-x);
}

/** The same for the user alone, with fixed items.
 *  @param user [d], changed */
export function userStep(
  user: Float64Array,
  { items, biases, d }: ItemFactors,
  { positive, negative }: Pair,
  rates: Rates,
): void {
  const [i, j] = [positive * d, negative * d];
  let x = biases[positive] - biases[negative];
  for (let k = 0; k < d; k++) x += user[k] * (items[i + k] - items[j + k]);
  const pull = rates.learningRate / (1 + Math.exp(x));
  const shrink = 1 - rates.learningRate * rates.userRegularization;
  for (let k = 0; k < d; k++) user[k] = shrink * user[k] + pull * (items[i + k] - items[j + k]);
}

/** The factor of a history, with the items as they were learned. */

export interface FoldInPlan {
  readonly rates: Rates;
  /** Pairs drawn for each item of the history. */
  readonly passes: number;
  readonly seed: number;
}

/** BPR's own objective for one user, by the same steps as in training, from the mean user on; the
 *  pairs are drawn by seed and history, so the same history always gives the same factor,
 *  independent of the user and of other queries.
 *  @param start [d], not changed
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldIn(
  history: Int32Array,
  items: ItemFactors,
  start: Float64Array,
  plan: FoldInPlan,
): Float64Array {
  const user = Float64Array.from(start);
  const itemCount = items.biases.length;
  const rated = new Set(history);
  if (rated.size >= itemCount) return user;
  const random = new Random(plan.seed, historyHash(history));
  const order = history.slice();
  for (let pass = 0; pass < plan.passes; pass++) {
    const rates = { ...plan.rates, learningRate: plan.rates.learningRate * (1 - pass / plan.passes) };
    for (const positive of random.shuffle(order)) {
      let negative = random.integerBelow(itemCount);
      while (rated.has(negative)) negative = random.integerBelow(itemCount);
      userStep(user, items, { positive, negative }, rates);
    }
  }
  return user;
}

/** Collaborative Metric Learning (Hsieh, Yang, Cui, Lin, Belongie and Estrin, WWW 2017, eq. 1 to
 *  5): users and items are points of the unit ball, and a user's items are pulled nearer than
 *  impostors.
 *
 *    L = Σ w_ui [m + ‖u − i‖² − ‖u − j‖²]₊ + λ L_c,   ‖·‖ ≤ 1;   score = −‖u − i‖²
 *
 *  u: [d], i, j: [d]; j is the nearest of the sampled impostors and w the logarithm of the rank
 *  that their number suggests (cml/triplet.ts, impostors.ts), L_c the covariance
 *  (cml/covariance.ts). AdaGrad as in the paper, but pair by pair instead of in batches: nothing is
 *  gained on a CPU by waiting. Item features (L_f) are left to the towers. Stars play no part.
 *
 *  A user's point is always found from the history that is scored (cml/fold-in.ts): users seen and
 *  not seen in training are the same, no user needs retraining, and the points of training users
 *  are not kept. */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../interactions/interaction-log';
import { innerProducts } from '../numeric/inner-products';
import { Random } from '../numeric/random';
import { type Artifact, CorruptArtifactError } from './artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from './checks';
import { meanRow, PairSampler, stepThroughHistory } from './pairwise';
import { defineSystem, type Model } from './system';
import { runEpochs, Turns } from './training-loop';
import {
  ImpostorSearch,
  type Numbers,
  projectOntoUnitBall,
  randomPoints,
  rankWeight,
  squaredDistance,
  UnitBallTable,
} from './unit-ball';

const KIND = 'CML';

const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of the ball (d).'),
  epochs: z
    .int()
    .min(1)
    .max(1_000)
    .default(30)
    .describe(
      'Passes of as many pairs as there are interactions, unless validation stops training earlier.',
    ),
  patience: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe('Epochs without a better validation metric after which training stops.'),
  learningRate: z.number().positive().max(10).default(0.1).describe('Of AdaGrad.'),
  margin: z
    .number()
    .positive()
    .max(4)
    .default(0.5)
    .describe('m, a squared distance: an item less than that further away is an impostor.'),
  negatives: z
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('Items drawn for a pair, in search of impostors.'),
  covarianceWeight: z
    .number()
    .min(0)
    .max(10_000)
    .default(1)
    .describe('λ of the covariance between dimensions.'),
  foldInSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(1_000)
    .describe('Steps that find the point of a history; the cost of a score grows with it.'),
  foldInRate: z
    .number()
    .positive()
    .max(1)
    .default(0.01)
    .describe('Length of the first such step, in distances between the items; it falls linearly to 0.'),
});
const storedSettings = hyperparameters.extend({ seed: z.int() });

/** O(N (negatives + 1) d) time an epoch. */
export const cml = defineSystem({
  name: KIND,
  label: 'CML',
  description:
    'Collaborative metric learning: a hinge loss weighted by rank, on distances within the ' +
    'unit ball (Hsieh et al., WWW 2017).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const { interactions: log } = data;
    const { embeddingSize: d, epochs, patience, learningRate } = settings;
    const random = new Random(context.seed);
    const users = new UnitBallTable(randomPoints(log.users.size, d, random), d, learningRate);
    const items = new UnitBallTable(randomPoints(log.items.size, d, random), d, learningRate);
    const [sampler, turns] = [new PairSampler(log), new Turns(context)];
    const publish = () =>
      new CmlModel({ ...settings, seed: context.seed }, items.rows.slice(), meanRow(users.rows, d));
    return runEpochs(
      {
        epochs,
        patience,
        turns,
        trainEpoch: (epoch) =>
          trainCmlEpoch(
            { users, items },
            { log, sampler, losses: settings, epoch: epoch - 1, epochs },
            random,
            turns,
          ),
        publish,
      },
      context,
    );
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, storedSettings);
    const { data: items, shape } = arrayOf(artifact, 'itemPoints', 'float32', 2);
    const { data: meanUser } = arrayOf(artifact, 'meanUser', 'float32', 1);
    const d = settings.embeddingSize;
    if (shape[1] !== d || meanUser.length !== d || items.length === 0)
      throw new CorruptArtifactError('The points have inconsistent shapes.');
    return new CmlModel(settings, items, meanUser);
  },
});

class CmlModel implements Model {
  readonly name = KIND;
  readonly space = null;
  readonly itemCount: number;
  /** [I] ‖i‖² */
  private readonly squares: Float64Array;

  /** @param items    [I, d]
   *  @param meanUser [d], where someone without a history is put */
  constructor(
    private readonly settings: z.output<typeof storedSettings>,
    private readonly items: Float32Array,
    private readonly meanUser: Float32Array,
  ) {
    const d = settings.embeddingSize;
    this.itemCount = items.length / d;
    this.squares = new Float64Array(this.itemCount);
    for (let at = 0; at < items.length; at++) this.squares[Math.floor(at / d)] += items[at] ** 2;
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, items, squares } = this;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      const point = Float64Array.from(this.pointOf(history));
      const square = point.reduce((sum, x) => sum + x * x, 0);
      innerProducts(point, items, own);
      for (let item = 0; item < itemCount; item++) own[item] = 2 * own[item] - squares[item] - square;
    });
    return scores;
  }

  private pointOf({ items: history }: UserHistory): Float32Array {
    return history.length === 0
      ? this.meanUser
      : foldInUser(history, this.items, this.settings.embeddingSize, this.settings);
  }

  save(): Artifact {
    const { settings, items, meanUser, itemCount } = this;
    const d = settings.embeddingSize;
    return {
      kind: KIND,
      format: 1,
      settings,
      arrays: {
        itemPoints: { data: items, shape: [itemCount, d] },
        meanUser: { data: meanUser, shape: [d] },
      },
    };
  }
}

/** The training loop of CML: a pair, its sampled impostors, a step on three points; now and then a
 *  step against covariance. */

/** Pairs between two checks of the clock, and between two covariance steps. */
const STRIDE = 8_192;
/** Number of these pairs whose users and items the covariance is computed over: enough for its d²
 *  numbers at little cost. */
const COVARIANCE_PAIRS = 128;

interface CmlLosses {
  readonly margin: number;
  readonly negatives: number;
  readonly covarianceWeight: number;
}

interface CmlEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  readonly losses: CmlLosses;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

interface CmlTables {
  readonly users: UnitBallTable;
  readonly items: UnitBallTable;
}

/** As many pairs as there are interactions.
 *  @returns the mean of L over the pairs (without the covariance) */
async function trainCmlEpoch(
  { users, items }: CmlTables,
  plan: CmlEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, losses, epoch, epochs } = plan;
  const step = new CmlStep(users, items, sampler, losses);
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      loss += step.take(sampler.userOf(row), log.itemIndex[row], random);
    }
    if (losses.covarianceWeight > 0) {
      const rows = Int32Array.from({ length: COVARIANCE_PAIRS }, () => sampler.row(random));
      const usersOf = rows.map((row) => sampler.userOf(row));
      const itemsOf = rows.map((row) => log.itemIndex[row]);
      decorrelate([users, usersOf], [items, itemsOf], losses.covarianceWeight);
    }
    if (turns.due()) await turns.take((epoch + from / pairs) / epochs);
  }
  return loss / pairs;
}

class CmlStep {
  /** [d] a copy of the user's point */
  private readonly point: Float32Array;
  private readonly gradient;
  private readonly impostors;

  constructor(
    private readonly users: UnitBallTable,
    private readonly items: UnitBallTable,
    sampler: PairSampler,
    private readonly losses: CmlLosses,
  ) {
    this.point = new Float32Array(users.d);
    this.gradient = tripletGradient(users.d);
    this.impostors = new ImpostorSearch(items.rows, items.d, sampler);
  }

  /** @returns L before the step */
  take(user: number, positive: number, random: Random): number {
    const { users, items, point, gradient, impostors, losses } = this;
    const d = users.d;
    const [u, p] = [user * d, positive * d];
    for (let k = 0; k < d; k++) point[k] = users.rows[u + k];
    const reach = losses.margin + squaredDistance(point, items.rows, p);
    impostors.search(point, { reach, user, draws: losses.negatives }, random);
    if (impostors.nearest < 0) return 0;
    const weight = rankWeight(impostors.count, losses.negatives, items.rows.length / d);
    differentiate(
      { user: [users.rows, u], positive: [items.rows, p], negative: [items.rows, impostors.nearest * d] },
      weight,
      gradient,
    );
    users.descend(user, gradient.user);
    items.descend(positive, gradient.positive);
    items.descend(impostors.nearest, gradient.negative);
    return weight * (reach - impostors.distance);
  }
}

type Chosen = readonly [UnitBallTable, Int32Array];

/** A step against the covariance of the chosen users and items together. */
function decorrelate(users: Chosen, items: Chosen, weight: number): void {
  const d = users[0].d;
  const points = new Float64Array((users[1].length + items[1].length) * d);
  const gradient = new Float64Array(points.length);
  let at = 0;
  for (const [{ rows }, chosen] of [users, items]) {
    for (const row of chosen) {
      points.set(rows.subarray(row * d, (row + 1) * d), at);
      at += d;
    }
  }
  covarianceGradient(points, d, gradient);
  for (let n = 0; n < gradient.length; n++) gradient[n] *= weight;
  at = 0;
  for (const [table, chosen] of [users, items]) {
    for (const row of chosen) {
      table.descend(row, gradient.subarray(at, at + d));
      at += d;
    }
  }
}

/** CML's loss for one triplet of a user u, an item i that the user has and an impostor j:
 *
 *    L = w [m + ‖u − i‖² − ‖u − j‖²]₊      (Hsieh et al., WWW 2017, eq. 1 and 2; w = ln(rank +
 *  1)) */

export interface Triplet {
  /** Each d values: [array, position of the first] */
  readonly user: readonly [Numbers, number];
  readonly positive: readonly [Numbers, number];
  readonly negative: readonly [Numbers, number];
}

interface TripletGradient {
  /** [d] each, overwritten */
  readonly user: Float64Array;
  readonly positive: Float64Array;
  readonly negative: Float64Array;
}

export const tripletGradient = (d: number): TripletGradient => ({
  user: new Float64Array(d),
  positive: new Float64Array(d),
  negative: new Float64Array(d),
});

/** The gradient of L where the hinge is open. */
export function differentiate(
  { user, positive, negative }: Triplet,
  weight: number,
  out: TripletGradient,
): void {
  const [[us, u], [ps, p], [ns, n]] = [user, positive, negative];
  const { user: ofUser, positive: ofPositive, negative: ofNegative } = out;
  const twice = 2 * weight;
  for (let k = 0; k < ofUser.length; k++) {
    const x = us[u + k];
    const i = ps[p + k];
    const j = ns[n + k];
    ofUser[k] = twice * (j - i);
    ofPositive[k] = twice * (i - x);
    ofNegative[k] = twice * (x - j);
  }
}

/** Covariance regularisation (Hsieh et al., WWW 2017, eq. 5, after Cogswell et al., ICLR 2016):
 *  dimensions that say the same are pushed apart, so that the whole of the ball is used.
 *
 *    C = 1/R Σ (y − μ)(y − μ)ᵀ over R points,   L = λ R / 4 (‖C‖²_F − ‖diag C‖²)
 *
 *  The factor R / 4 makes the gradient of a point, λ C_off (y − μ), as large whatever R is; in the
 *  paper λ carries it. */

/** @param points [R, d] row-major
 *  @param out    [R, d], overwritten with the gradient for λ = 1
 *  @returns L for λ = 1 */
export function covarianceGradient(points: Float64Array, d: number, out: Float64Array): number {
  const count = points.length / d;
  const centred = Float64Array.from(points);
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let at = k; at < points.length; at += d) mean += points[at] / count;
    for (let at = k; at < points.length; at += d) centred[at] -= mean;
  }
  const covariance = new Float64Array(d * d);
  for (let at = 0; at < points.length; at += d) {
    for (let k = 0; k < d; k++) {
      const y = centred[at + k] / count;
      for (let l = 0; l < k; l++) covariance[k * d + l] += y * centred[at + l];
    }
  }
  let squares = 0;
  for (let k = 0; k < d; k++) {
    for (let l = 0; l < k; l++) {
      covariance[l * d + k] = covariance[k * d + l];
      squares += 2 * covariance[k * d + l] ** 2;
    }
  }
  for (let at = 0; at < points.length; at += d) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let l = 0; l < d; l++) sum += covariance[k * d + l] * centred[at + l];
      out[at + k] = sum;
    }
  }
  return (count / 4) * squares;
}

/** A user's point from a history: CML's own objective for that user alone, the items as learned. It
 *  begins at the mean of the history's items, which is where the pull of the items alone would have
 *  its minimum, and takes projected gradient steps whose length falls linearly to 0. */

interface CmlFoldIn {
  readonly margin: number;
  readonly negatives: number;
  readonly foldInSteps: number;
  /** Length of the first step per unit of ‖i − j‖, for an impostor that ranks before the whole
   *  catalogue */
  readonly foldInRate: number;
  readonly seed: number;
}

/** @param history dense item indices, not empty
 *  @param items   [I, d] in the unit ball
 *  @returns [d] in the unit ball */
export function foldInUser(
  history: Int32Array,
  items: Float32Array,
  d: number,
  plan: CmlFoldIn,
): Float32Array {
  const point = meanRow(items, d, history);
  const rated = new Set(history);
  const impostors = new ImpostorSearch(items, d, { has: (_, item) => rated.has(item) });
  const { margin, negatives, foldInRate, foldInSteps: steps, seed } = plan;
  const heaviest = rankWeight(negatives, negatives, items.length / d);
  stepThroughHistory(history, { steps, seed }, (positive, random, done) => {
    const p = positive * d;
    const reach = margin + squaredDistance(point, items, p);
    impostors.search(point, { reach, user: 0, draws: negatives }, random);
    if (impostors.nearest < 0) return;
    const n = impostors.nearest * d;
    const rate =
      (foldInRate * (1 - done) * rankWeight(impostors.count, negatives, items.length / d)) / heaviest;
    // Against the gradient of triplet.ts, which for the user is 2 w (j − i).
    for (let k = 0; k < d; k++) point[k] += rate * (items[p + k] - items[n + k]);
    projectOntoUnitBall(point, 0, d);
  });
  return point;
}

/** Collaborative Metric Learning (Hsieh, Yang, Cui, Lin, Belongie and Estrin, WWW 2017, eq. 1 to
 *  5): users and items are points of the unit ball, and what a user has is pulled nearer than what
 *  only seems near.
 *
 *    L = Σ w_ui [m + ‖u − i‖² − ‖u − j‖²]₊ + λ L_c,   ‖·‖ ≤ 1;   score = −‖u − i‖²
 *
 *  u: [d], i, j: [d]; j is the nearest of the sampled impostors and w the logarithm of the rank
 *  that their number suggests (cml/triplet.ts, impostors.ts), L_c the covariance
 *  (cml/covariance.ts). AdaGrad as in the paper, but pair by pair instead of in batches: nothing is
 *  gained on a CPU by waiting. Item features (L_f) are left to the towers. Stars play no part.
 *
 *  A user's point is always found from the history that is scored (cml/fold-in.ts): users seen and
 *  not seen in training are the same, nobody needs retraining, and the points that users had in
 *  training are not kept. */
import { z } from 'zod';
import type { UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import type { Artifact } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { runEpochs } from '../epochs';
import { meanRow } from '../history-steps';
import { PairSampler } from '../pair-sampler';
import { defineSystem, type Model } from '../system';
import { Turns } from '../turns';
import { randomPoints, UnitBallTable } from '../unit-ball';
import { foldInUser } from './fold-in';
import { trainCmlEpoch } from './training';

const KIND = 'CML';

const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of the ball (d).'),
  epochs: z
    .int()
    .min(1)
    .max(1_000)
    .default(30)
    .describe('Passes of as many pairs as there are interactions, unless validation stops training earlier.'),
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
export type CmlHyperparameters = z.output<typeof hyperparameters>;
const storedSettings = hyperparameters.extend({ seed: z.int() });

/** O(N (negatives + 1) d) time an epoch. */
export const cml = defineSystem({
  name: KIND,
  label: 'CML',
  description:
    'Collaborative metric learning: a hinge loss weighted by rank, on distances within the unit ball (Hsieh et al., WWW 2017).',
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
            users,
            items,
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
      throw new CorruptArtifactError('The points do not fit together.');
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

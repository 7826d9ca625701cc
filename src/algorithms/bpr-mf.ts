/** BPR-MF: matrix factorisation learned from pairs of items, one that the user has and one that the user has not (Rendle,
 *  Freudenthaler, Gantner and Schmidt-Thieme, UAI 2009), by stochastic gradient descent in typed arrays.
 *
 *  w: [d] a user's factor, h: [d] an item's, b an item's bias; score = w · h + b. Stars play no part.
 *
 *  Whoever comes with the very history of training is scored with the factor learned there. All others, strangers and users who
 *  have gone on rating, are folded in: the same steps on the user's factor alone, the items as learned (bpr-mf/fold-in.ts). */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../interactions/interaction-log';
import { innerProducts } from '../numeric/inner-products';
import { Random } from '../numeric/random';
import type { Artifact } from '../space/artifact';
import { type Algorithm, CorruptArtifactError, type RankingModel, TrainingDivergedError } from './algorithm';
import { foldIn, historyHash } from './bpr-mf/fold-in';
import { PairSampler, trainEpoch } from './bpr-mf/training';
import { arrayOf, assertFit, assertKind } from './checks';
import { Turns } from './turns';

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
    .describe('Passes of as many pairs as there are interactions, unless validation stops training earlier.'),
  patience: z.int().min(1).max(1_000).default(10).describe('Epochs without a better validation metric after which training stops.'),
  learningRate: z.number().positive().max(1).default(0.1).describe('Step size at the start; it falls linearly to 0.'),
  userRegularization: strength.default(0.005).describe('λ of the user factors.'),
  itemRegularization: strength.default(0.005).describe('λ of the item factors.'),
  biasRegularization: strength.default(0.005).describe('λ of the item biases.'),
  foldInPasses: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Pairs drawn for each item of a history that is not one of training, to find its factor.'),
});
export type BprMfHyperparameters = z.output<typeof hyperparameters>;

/** O(N d) time an epoch. */
export const bprMf: Algorithm<BprMfHyperparameters> = {
  name: 'BPR_MF',
  description: 'Matrix factorisation learned from pairs of items, one preferred to the other (Rendle et al., UAI 2009).',
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const log = data.interactions;
    const random = new Random(context.seed);
    const learned = initialModel(log, settings, random);
    const factors = { ...learned, d: settings.embeddingSize };
    const [turns, sampler] = [new Turns(context), new PairSampler(log)];
    const publish = (from: Learned) => new BprMfModel({ ...settings, seed: context.seed }, from);
    let best: { readonly metric: number; readonly epoch: number; readonly learned: Learned } | undefined;
    for (let epoch = 1; epoch <= settings.epochs; epoch++) {
      const startedAt = performance.now();
      const loss = await trainEpoch(factors, { log, sampler, rates: settings, epoch: epoch - 1, epochs: settings.epochs }, random, turns);
      if (!Number.isFinite(loss)) {
        throw new TrainingDivergedError(`The loss became ${loss} in epoch ${epoch}: a smaller learningRate may help.`);
      }
      const metric = context.validate?.(publish(learned));
      const seconds = (performance.now() - startedAt) / 1000;
      context.onEpoch({ epoch, epochs: settings.epochs, loss, validationMetric: metric, seconds });
      await turns.take(epoch / settings.epochs);
      if (metric === undefined) continue;
      if (best === undefined || metric > best.metric) best = { metric, epoch, learned: copyOf(learned) };
      else if (epoch - best.epoch >= settings.patience) break;
    }
    context.onProgress(1);
    return publish(best?.learned ?? learned);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = storedSettings.safeParse(artifact.settings);
    if (!settings.success) throw new CorruptArtifactError(`The settings cannot be read: ${settings.error.issues[0].message}.`);
    const users = arrayOf(artifact, 'userFactors', 'float32', 2);
    const items = arrayOf(artifact, 'itemFactors', 'float32', 2);
    const { data: biases } = arrayOf(artifact, 'itemBiases', 'float32', 1);
    const { data: histories } = arrayOf(artifact, 'histories', 'int32', 1);
    const d = settings.data.embeddingSize;
    const sized = users.shape[0] === histories.length && items.shape[0] === biases.length && users.shape[1] === d && items.shape[1] === d;
    if (!sized || biases.length === 0 || histories.length === 0) throw new CorruptArtifactError('Factors and biases do not fit together.');
    return new BprMfModel(settings.data, { users: users.data, items: items.data, biases, histories });
  },
};

const storedSettings = hyperparameters.extend({ seed: z.int() });

interface Learned {
  /** [U, d] */
  readonly users: Float32Array;
  /** [I, d] */
  readonly items: Float32Array;
  /** [I] */
  readonly biases: Float32Array;
  /** [U] historyHash of what each user's factor was learned from */
  readonly histories: Int32Array;
}

const copyOf = (learned: Learned): Learned => ({
  users: learned.users.slice(),
  items: learned.items.slice(),
  biases: learned.biases.slice(),
  histories: learned.histories,
});

function initialModel(log: InteractionLog, { embeddingSize: d }: BprMfHyperparameters, random: Random): Learned {
  const drawn = (count: number) => Float32Array.from({ length: count * d }, () => (random.normal() * INITIAL_DEVIATION) / Math.sqrt(d));
  const hashOf = (_: unknown, user: number) => historyHash(log.itemIndex.subarray(log.offsets[user], log.offsets[user + 1]));
  return {
    users: drawn(log.users.size),
    items: drawn(log.items.size),
    biases: new Float32Array(log.items.size),
    histories: Int32Array.from({ length: log.users.size }, hashOf),
  };
}

class BprMfModel implements RankingModel {
  readonly algorithm = 'BPR_MF';
  readonly space = null;
  readonly itemCount: number;
  /** [d] where folding in starts */
  private readonly meanUser: Float64Array;

  constructor(
    private readonly settings: z.output<typeof storedSettings>,
    private readonly learned: Learned,
  ) {
    this.itemCount = learned.biases.length;
    const d = settings.embeddingSize;
    this.meanUser = new Float64Array(d);
    const { users } = learned;
    for (let at = 0; at < users.length; at++) this.meanUser[at % d] += users[at] / (users.length / d);
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, learned } = this;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      innerProducts(this.factorOf(history), learned.items, own);
      for (let item = 0; item < itemCount; item++) own[item] += learned.biases[item];
    });
    return scores;
  }

  private factorOf({ items, userIndex }: UserHistory): Float64Array {
    const { learned, meanUser, settings } = this;
    const d = settings.embeddingSize;
    if (userIndex !== undefined && learned.histories[userIndex] === historyHash(items)) {
      return Float64Array.from(learned.users.subarray(userIndex * d, (userIndex + 1) * d));
    }
    const fixed = { items: learned.items, biases: learned.biases, d };
    return foldIn(items, fixed, meanUser, { rates: settings, passes: settings.foldInPasses, seed: settings.seed });
  }

  save(): Artifact {
    const { settings, learned, itemCount } = this;
    const [d, userCount] = [settings.embeddingSize, learned.histories.length];
    return {
      kind: KIND,
      format: 1,
      settings,
      arrays: {
        userFactors: { data: learned.users, shape: [userCount, d] },
        itemFactors: { data: learned.items, shape: [itemCount, d] },
        itemBiases: { data: learned.biases, shape: [itemCount] },
        histories: { data: learned.histories, shape: [userCount] },
      },
    };
  }
}

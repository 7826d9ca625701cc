/** PITF: pairwise interaction tensor factorisation (Rendle and Schmidt-Thieme, WSDM 2010), learned
 *  from pairs by BPR.
 *
 *  The original ranks tags for a user and an item: that is pitf-tags.ts. Here it ranks
 *  items, as in Luo et al.'s comparison, for whom the method "introduces the time dimension": the
 *  third mode is the stretch of the calendar.
 *
 *    y(u, t, i) = w_u · h_i + c_t · g_i,   all factors [d]
 *
 *  The pair of user and time does not affect the order of items, so it is omitted, as user and item
 *  are in the original. Where times are unknown, as in the plain form of ML-1M, only w_u · h_i is
 *  left: BPR-MF without item biases. A ranking is for the time of the history's last interaction.
 *
 *  A user's factor is always found from the history that is scored, by the same steps on that
 *  factor alone with items and times as learned: users seen and not seen in
 *  training are the same, and no user factors are kept. */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { userStep } from '../bpr-mf';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { historyHash, PairSampler, pairEpoch } from '../pairwise';
import { defineSystem, type Model } from '../system';
import { binCount, binOf, binOfHistory, timeBinEdges } from '../time-bins';
import { runEpochs, Turns } from '../training-loop';
import { initialFactors, type Numbers, type PairwiseFactors, pairwiseStep } from './pairwise-step';

const KIND = 'PITF';

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
  regularization: z.number().min(0).max(10).default(0.005).describe('λ of all factors.'),
  timeBins: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Stretches of the calendar, of equally many interactions each.'),
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
type PitfHyperparameters = z.output<typeof hyperparameters>;

const storedSettings = hyperparameters.extend({
  seed: z.int(),
  binEdges: z.array(z.number()).readonly().nullable(),
});
type StoredSettings = z.output<typeof storedSettings>;

/** O(N d) time an epoch. */
export const pitf = defineSystem({
  name: 'PITF',
  label: 'PITF',
  description:
    'Pairwise interaction tensor factorisation of users, movies and time (Rendle and ' +
    'Schmidt-Thieme, WSDM 2010).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const turns = new Turns(context);
    const training = new Training(data.interactions, settings, context.seed);
    const { epochs, patience } = settings;
    const trainEpoch = (epoch: number) => training.epoch(epoch, turns);
    return runEpochs({ epochs, patience, turns, trainEpoch, publish: () => training.publish() }, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, storedSettings);
    const { embeddingSize: d, binEdges } = settings;
    const table = (name: string) => {
      const { data, shape } = arrayOf(artifact, name, 'float32', 2);
      if (shape[1] !== d)
        throw new CorruptArtifactError(`Array ${name} does not have embeddingSize columns.`);
      return data;
    };
    const [items, times, timeItems] = ['itemFactors', 'timeFactors', 'itemTimeFactors'].map(table);
    const { data: meanUser } = arrayOf(artifact, 'meanUser', 'float32', 1);
    const sized =
      items.length === timeItems.length && times.length === binCount(binEdges) * d && meanUser.length === d;
    if (!sized || items.length === 0)
      throw new CorruptArtifactError('The factors have inconsistent shapes.');
    return new PitfModel(settings, { items, times, timeItems, meanUser });
  },
});

class Training {
  private readonly random: Random;
  private readonly sampler: PairSampler;
  private readonly factors: PairwiseFactors;
  private readonly binEdges: readonly number[] | null;
  /** [N] bin of each row of the log */
  private readonly bins: Int32Array;

  constructor(
    private readonly log: InteractionLog,
    private readonly settings: PitfHyperparameters,
    private readonly seed: number,
  ) {
    const { embeddingSize: d, timeBins } = settings;
    const random = new Random(seed);
    this.random = random;
    this.sampler = new PairSampler(log);
    this.binEdges = timeBinEdges(log.timestamp, timeBins);
    this.bins = Int32Array.from(log.timestamp, (timestamp) => binOf(timestamp, this.binEdges));
    this.factors = {
      first: {
        contexts: initialFactors(log.users.size, d, random),
        candidates: initialFactors(log.items.size, d, random),
      },
      second: {
        contexts: initialFactors(binCount(this.binEdges), d, random),
        candidates: initialFactors(log.items.size, d, random),
      },
      d,
    };
  }

  /** @param epoch 1 for the first @returns the mean of −ln σ(x) */
  epoch(epoch: number, turns: Turns): Promise<number> {
    const { log, sampler, factors, bins, random } = this;
    const { epochs, learningRate, regularization } = this.settings;
    return pairEpoch({ log, sampler, learningRate, epoch: epoch - 1, epochs }, random, turns, (rate) => {
      const rates = { learningRate: rate, regularization };
      return (user, row, negative) =>
        pairwiseStep(factors, { a: user, b: bins[row] }, { positive: log.itemIndex[row], negative }, rates);
    });
  }

  publish(): PitfModel {
    const { first, second, d } = this.factors;
    const mean = new Float64Array(d);
    const users = first.contexts.length / d;
    for (let at = 0; at < first.contexts.length; at++) mean[at % d] += first.contexts[at] / users;
    return new PitfModel(
      { ...this.settings, seed: this.seed, binEdges: this.binEdges },
      {
        items: Float32Array.from(first.candidates),
        times: Float32Array.from(second.contexts),
        timeItems: Float32Array.from(second.candidates),
        meanUser: Float32Array.from(mean),
      },
    );
  }
}

interface Learned {
  /** [I, d] h, what meets the user */
  readonly items: Float32Array;
  /** [T, d] c */
  readonly times: Float32Array;
  /** [I, d] g, what meets the time */
  readonly timeItems: Float32Array;
  /** [d] where folding in starts */
  readonly meanUser: Float32Array;
}

class PitfModel implements Model {
  readonly name = 'PITF';
  readonly space = null;
  readonly itemCount: number;
  /** By bin, [I] each: c_t · g_i; the last is of zeros, for an unknown time */
  private readonly timeScores: readonly Float32Array[];

  constructor(
    private readonly settings: StoredSettings,
    private readonly learned: Learned,
  ) {
    const d = settings.embeddingSize;
    const { times, timeItems } = learned;
    this.itemCount = learned.items.length / d;
    const bins = Array.from({ length: times.length / d }, (_, bin) =>
      Float64Array.from(times.subarray(bin * d, (bin + 1) * d)),
    );
    this.timeScores = [...bins, new Float64Array(d)].map((factor) => {
      const scores = new Float32Array(this.itemCount);
      innerProducts(factor, timeItems, scores);
      return scores;
    });
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, learned } = this;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      innerProducts(this.factorOf(history), learned.items, own);
      const ofTime = this.scoresOfTime(binOfHistory(history.timestamps, this.settings.binEdges));
      for (let item = 0; item < itemCount; item++) own[item] += ofTime[item];
    });
    return scores;
  }

  private scoresOfTime(bin: number): Float32Array {
    return this.timeScores[bin < 0 ? this.timeScores.length - 1 : bin];
  }

  private factorOf({ items, timestamps }: UserHistory): Float64Array {
    const {
      binEdges,
      embeddingSize: d,
      foldInLearningRate: learningRate,
      foldInPasses: passes,
      regularization,
      seed,
    } = this.settings;
    const fixed = { items: this.learned.items, d, timeScores: (bin: number) => this.scoresOfTime(bin) };
    const bins = Int32Array.from(timestamps, (timestamp) => binOf(timestamp, binEdges));
    return foldIn({ items, bins }, fixed, this.learned.meanUser, {
      learningRate,
      regularization,
      passes,
      seed,
    });
  }

  save(): Artifact {
    const { items, times, timeItems, meanUser } = this.learned;
    const d = this.settings.embeddingSize;
    const table = (data: Float32Array) => ({ data, shape: [data.length / d, d] });
    return {
      kind: KIND,
      format: 1,
      settings: this.settings,
      arrays: {
        itemFactors: table(items),
        timeFactors: table(times),
        itemTimeFactors: table(timeItems),
        meanUser: { data: meanUser, shape: [d] },
      },
    };
  }
}

/** A user's factor from a history, the items and times as they were learned. */

export interface FoldInPlan {
  /** Falls linearly to 0. */
  readonly learningRate: number;
  readonly regularization: number;
  /** Pairs drawn for each item of the history. */
  readonly passes: number;
  readonly seed: number;
}

interface FixedItems {
  /** [I, d] what meets the user */
  readonly items: Numbers;
  readonly d: number;
  /** @param bin -1 for an unknown time @returns [I] contribution of the time to each item's score,
   *    independent of the user's factor */
  timeScores(bin: number): Float32Array;
}

interface TimedHistory {
  /** [h] */
  readonly items: Int32Array;
  /** [h] time bin of each interaction, -1 where unknown */
  readonly bins: Int32Array;
}

/** PITF's own objective for one user by the steps of training, from the mean user on. Pairs are
 *  drawn by seed and history, so the same history always gives the same factor, independent of the
 *  user and of other queries.
 *  @param start [d]
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldIn(
  { items: history, bins }: TimedHistory,
  fixed: FixedItems,
  start: Numbers,
  plan: FoldInPlan,
): Float64Array {
  const user = Float64Array.from(start);
  const { items, d } = fixed;
  const itemCount = items.length / d;
  const rated = new Set(history);
  if (rated.size >= itemCount) return user;
  const random = new Random(plan.seed, historyHash(history));
  const order = Int32Array.from(history.keys());
  for (let pass = 0; pass < plan.passes; pass++) {
    const rates = {
      learningRate: plan.learningRate * (1 - pass / plan.passes),
      userRegularization: plan.regularization,
      itemRegularization: 0,
      biasRegularization: 0,
    };
    for (const at of random.shuffle(order)) {
      let negative = random.integerBelow(itemCount);
      while (rated.has(negative)) negative = random.integerBelow(itemCount);
      userStep(
        user,
        { items, biases: fixed.timeScores(bins[at]), d },
        { positive: history[at], negative },
        rates,
      );
    }
  }
  return user;
}

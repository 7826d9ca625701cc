/** ATF: tensor factorisation of users, items and time, trained against an adversary that moves
 *  every factor in the worst direction (Chen and Li, "Adversarial tensor factorization for
 *  context-aware recommendation", RecSys 2019; the adversary is that of APR, He et al., SIGIR
 *  2018).
 *
 *    score(u, t, i) = (w_u + c_t) · h_i + b_i,   all factors [d];   L: atf/adversarial-pair.ts
 *
 *  Pairwise interactions of the item with the user and with the stretch of the calendar, sharing
 *  one item factor, learned from pairs of items: first plainly (BPR), then with the adversary, as
 *  in APR. Without times c_t is omitted and this is APR's AMF. A ranking is for the time of the
 *  history's last interaction. Luo et al. read ATF as "adaptive" and speak of "generative
 *  adversarial networks"; there is no generator in the original, nor here: the adversary is a
 *  perturbation within a ball. atf/robustness.ts measures its effect. Stars play no part.
 *
 *  A user's factor is always found from the history that is scored, for users seen
 *  and not seen in training. */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { hardestOf, meanRow, PairSampler, pairEpoch, stepThroughHistory } from '../pairwise';
import { defineSystem } from '../system';
import { binCount, binOf, binOfHistory, timeBinEdges } from '../time-bins';
import { runEpochs, Turns } from '../training-loop';
import { type Adversary, type AtfFactors, PairStepper, type Rates } from './adversarial-pair';
import type { FactorRanking } from './robustness';

const KIND = 'ATF';
/** Of a factor's length at the start. */
const INITIAL_DEVIATION = 0.1;

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
  pretrainingEpochs: z
    .int()
    .min(0)
    .max(1_000)
    .default(10)
    .describe('How many of the epochs pass before the adversary comes in.'),
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
  regularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.005)
    .describe('Weight of the squared factors and biases.'),
  epsilon: z
    .number()
    .min(0)
    .max(100)
    .default(0.1)
    .describe('ε, the length by which the adversary moves a factor.'),
  adversarialWeight: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('λ, the weight of the perturbed pair beside the plain one.'),
  negativeCandidates: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe(
      'Unknown items drawn for a pair, of which the highest-ranked is learned from; 1 is ' +
        'uniform sampling.',
    ),
  timeBins: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Stretches of the calendar, of equally many interactions each.'),
  foldInSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(3_000)
    .describe('Pairs that find the factor of a history; the cost of a score grows with it.'),
  foldInNegativeCandidates: z.int().min(1).max(100).default(1).describe('The same in folding in.'),
  foldInLearningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.1)
    .describe('Step size at the start of folding in; it falls linearly to 0.'),
});
const storedSettings = hyperparameters.extend({
  seed: z.int(),
  timeBinEdges: z.array(z.number()).nullable(),
});

/** O(N d) time an epoch. */
export const atf = defineSystem({
  name: KIND,
  label: 'ATF',
  description:
    'Tensor factorisation of users, movies and time, trained against worst-case perturbations ' +
    'of its factors (Chen and Li, RecSys 2019; He et al., SIGIR 2018).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const { interactions: log } = data;
    const { embeddingSize: d, epochs, patience, pretrainingEpochs, epsilon } = settings;
    const random = new Random(context.seed);
    const edges = timeBinEdges(log.timestamp, settings.timeBins);
    const drawn = (count: number) =>
      Float32Array.from({ length: count * d }, () => (random.normal() * INITIAL_DEVIATION) / Math.sqrt(d));
    const [users, items, times] = [log.users.size, log.items.size, binCount(edges)].map(drawn);
    const factors = { users, items, times, biases: new Float32Array(log.items.size), d };
    const plan = {
      log,
      sampler: new PairSampler(log),
      times: Int32Array.from(log.timestamp, (time) => binOf(time, edges)),
      rates: settings,
      negativeCandidates: settings.negativeCandidates,
    };
    const turns = new Turns(context);
    const stored = { ...settings, seed: context.seed, timeBinEdges: edges && [...edges] };
    return runEpochs(
      {
        epochs,
        patience,
        turns,
        trainEpoch: (epoch) => {
          const adversary = {
            epsilon,
            adversarialWeight: epoch > pretrainingEpochs ? settings.adversarialWeight : 0,
          };
          return trainAtfEpoch(factors, { ...plan, adversary, epoch: epoch - 1, epochs }, random, turns);
        },
        publish: () => {
          const learned = {
            items: items.slice(),
            biases: factors.biases.slice(),
            times: times.slice(),
            meanUser: meanRow(users, d),
          };
          return new AtfModel(stored, learned);
        },
      },
      context,
    );
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, storedSettings);
    const { embeddingSize: d, timeBinEdges: edges } = settings;
    const [items, times] = ['itemFactors', 'timeFactors'].map(
      (name) => arrayOf(artifact, name, 'float32', 2).data,
    );
    const [biases, meanUser] = ['itemBiases', 'meanUser'].map(
      (name) => arrayOf(artifact, name, 'float32', 1).data,
    );
    const sized =
      items.length === biases.length * d && times.length === binCount(edges) * d && meanUser.length === d;
    if (!sized || biases.length === 0)
      throw new CorruptArtifactError('The factors have inconsistent shapes.');
    return new AtfModel(settings, { items, times, biases, meanUser });
  },
});

interface Learned {
  /** [I, d] */
  readonly items: Float32Array;
  /** [I] */
  readonly biases: Float32Array;
  /** [T, d] */
  readonly times: Float32Array;
  /** [d] where folding in starts */
  readonly meanUser: Float32Array;
}

export class AtfModel implements FactorRanking {
  readonly name = KIND;
  readonly space = null;
  readonly itemCount: number;
  readonly itemFactors: Float32Array;
  readonly itemBiases: Float32Array;

  constructor(
    private readonly settings: z.output<typeof storedSettings>,
    private readonly learned: Learned,
  ) {
    this.itemCount = learned.biases.length;
    this.itemFactors = learned.items;
    this.itemBiases = learned.biases;
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, learned } = this;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      innerProducts(this.queryOf(history), learned.items, own);
      for (let item = 0; item < itemCount; item++) own[item] += learned.biases[item];
    });
    return scores;
  }

  /** @returns [d] w_u + c_t */
  queryOf({ items: history, timestamps }: UserHistory): Float64Array {
    const { learned, settings } = this;
    const { embeddingSize: d, timeBinEdges: edges } = settings;
    const times = Int32Array.from(timestamps, (time) => binOf(time, edges));
    const user = foldInUser({ items: history, times }, { ...learned, d }, learned.meanUser, settings);
    const now = binOfHistory(timestamps, edges);
    return Float64Array.from(user, (value, k) => (now < 0 ? value : value + learned.times[now * d + k]));
  }

  save(): Artifact {
    const { settings, learned, itemCount } = this;
    const d = settings.embeddingSize;
    return {
      kind: KIND,
      format: 1,
      settings,
      arrays: {
        itemFactors: { data: learned.items, shape: [itemCount, d] },
        itemBiases: { data: learned.biases, shape: [itemCount] },
        timeFactors: { data: learned.times, shape: [learned.times.length / d, d] },
        meanUser: { data: learned.meanUser, shape: [d] },
      },
    };
  }
}

/** The training loop of ATF: as many pairs an epoch as there are interactions, at a rate that falls
 *  linearly to 0. */

interface AtfEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  /** [N] the stretch of time of each row, -1 for an unknown one */
  readonly times: Int32Array;
  readonly rates: Rates;
  readonly adversary: Adversary;
  /** Draws of which the hardest is the pair's negative */
  readonly negativeCandidates: number;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** @returns the mean loss */
export function trainAtfEpoch(
  factors: AtfFactors,
  plan: AtfEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, times, rates, adversary, negativeCandidates } = plan;
  const stepper = new PairStepper(adversary, factors.d);
  return pairEpoch({ ...plan, learningRate: rates.learningRate }, random, turns, (learningRate) => {
    const current = { ...rates, learningRate };
    return (user, row, first) => {
      const time = times[row];
      const draw = () => sampler.negative(user, random);
      const scoreOf = stepper.scorer(factors, user, time);
      const negative = hardestOf(first, negativeCandidates - 1, draw, scoreOf);
      return stepper.take(factors, user, { positive: log.itemIndex[row], negative, time }, current);
    };
  });
}

/** A user's factor from a history: ATF's own objective, adversary included, for that user alone;
 *  items and times as learned. */

interface AtfFoldIn extends Adversary {
  readonly foldInSteps: number;
  readonly foldInLearningRate: number;
  /** Draws of which the hardest is the pair's negative */
  readonly foldInNegativeCandidates: number;
  readonly regularization: number;
  readonly seed: number;
}

interface TimedHistory {
  /** Dense item indices */
  readonly items: Int32Array;
  /** [h] the stretch of time of each, -1 for an unknown one */
  readonly times: Int32Array;
}

/** @param start [d], not changed
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldInUser(
  history: TimedHistory,
  learned: Omit<AtfFactors, 'users'>,
  start: Float32Array,
  plan: AtfFoldIn,
): Float32Array {
  const user = start.slice();
  const itemCount = learned.biases.length;
  const timeOf = new Map(Array.from(history.items, (item, at) => [item, history.times[at]]));
  if (timeOf.size >= itemCount) return user;
  const stepper = new PairStepper(plan, learned.d);
  const factors = { ...learned, users: user };
  const { foldInSteps: steps, foldInLearningRate, foldInNegativeCandidates, regularization, seed } = plan;
  stepThroughHistory(history.items, { steps, seed }, (positive, random, done) => {
    const time = timeOf.get(positive) ?? -1;
    const draw = () => {
      let item = random.integerBelow(itemCount);
      while (timeOf.has(item)) item = random.integerBelow(itemCount);
      return item;
    };
    const negative = hardestOf(
      draw(),
      foldInNegativeCandidates - 1,
      draw,
      stepper.scorer(factors, 0, time),
    );
    const pair = { positive, negative, time };
    stepper.takeForUser(factors, pair, {
      learningRate: foldInLearningRate * (1 - done),
      regularization,
    });
  });
  return user;
}

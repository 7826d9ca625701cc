/** Latent Relational Metric Learning (Tay, Luu and Hui, WWW 2018): a user is translated to an item
 *  by a relation vector that the two of them call up from a memory, so that one user point can have
 *  many items near without their being one point.
 *
 *    L = Σ [m + ‖p + r − q‖² − ‖p + r − j‖²]₊,   ‖p‖, ‖q‖, ‖r‖ ≤ 1;   score = −‖p + r − q‖²
 *
 *  p: [d] user, q, j: [d] items; r: [d] see lrml/relation.ts. Luo et al. expand LRML as "local
 *  response metric learning"; what they cite and we build is this. Three things differ from the
 *  original: j is the nearest of a few sampled impostors, where the original draws one at random;
 *  AdaGrad moves the points pair by pair; and the slots of the memory stay in the unit ball, so r
 *  does too. Stars play no part.
 *
 *  More epochs are not better: on ML-1M accuracy falls after the third
 *  (bench/results/baselines-ml1m.md), much faster with a free memory. The original trains r on
 *  pairs that were observed and ranks with it for pairs that were not, and nothing keeps it from
 *  leading to whatever item is asked about. So: early stopping, or few epochs.
 *
 *  A user's point is always found from the history that is scored (lrml/fold-in.ts), for users seen
 *  and not seen in training. There is no space for `model.space`: the relation depends on both
 *  ends, so the distance is none between fixed points. */
import { z } from 'zod';
import type { UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import type { Artifact } from '../artifact';
import { CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { runEpochs } from '../epochs';
import { meanRow } from '../history-steps';
import { PairSampler } from '../pair-sampler';
import { defineSystem, type Model } from '../system';
import { Turns } from '../turns';
import { AdaGradTable, randomPoints, UnitBallTable } from '../unit-ball';
import { foldInUser, type LearnedLrml } from './fold-in';
import { RelationalRanking } from './ranking';
import { type LrmlTables, trainLrmlEpoch } from './training';

const KIND = 'LRML';
/** Of a memory's length at the start: a small translation. */
const INITIAL_MEMORY = 0.1;

const hyperparameters = z.strictObject({
  embeddingSize: z
    .int()
    .min(1)
    .max(512)
    .default(64)
    .describe('Dimensions of the points and of a slot of the memory (d).'),
  memorySlots: z
    .int()
    .min(1)
    .max(256)
    .default(10)
    .describe('Slots of the memory (N); the cost of a score grows with it.'),
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
  learningRate: z.number().positive().max(10).default(0.1).describe('Of AdaGrad, for the points.'),
  memoryLearningRate: z
    .number()
    .positive()
    .max(10)
    .default(0.01)
    .describe(
      'Of AdaGrad, for keys and memory, which every pair moves: at the rate of the points the relation outgrows the ball.',
    ),
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
    .describe('Items drawn for a pair, of which the nearest impostor is used.'),
  foldInSteps: z
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Steps that find the point of a history; the cost of a score grows with it.'),
  foldInRate: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe('Length of the first such step, in distances between the items; it falls linearly to 0.'),
});
export type LrmlHyperparameters = z.output<typeof hyperparameters>;
const storedSettings = hyperparameters.extend({ seed: z.int() });

/** O(N (negatives + memorySlots) d) time an epoch. */
export const lrml = defineSystem({
  name: KIND,
  label: 'LRML',
  description:
    'Latent relational metric learning: a relation vector, read from a memory for each user and movie, leads from the one to the other (Tay et al., WWW 2018).',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const { interactions: log } = data;
    const { embeddingSize: d, epochs, patience, margin, negatives } = settings;
    const random = new Random(context.seed);
    const tables = initialTables(log.users.size, log.items.size, settings, random);
    const publish = () => {
      const [items, keys, memories] = [tables.items, tables.keys, tables.memories].map(({ rows }) =>
        rows.slice(),
      );
      return new LrmlModel(
        { ...settings, seed: context.seed },
        { items, keys, memories, d },
        meanRow(tables.users.rows, d),
      );
    };
    const [sampler, turns] = [new PairSampler(log), new Turns(context)];
    return runEpochs(
      {
        epochs,
        patience,
        turns,
        trainEpoch: (epoch) =>
          trainLrmlEpoch(
            tables,
            { log, sampler, margin, negatives, epoch: epoch - 1, epochs },
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
    const { embeddingSize: d, memorySlots } = settings;
    const table = (name: string) => {
      const { data, shape } = arrayOf(artifact, name, 'float32', 2);
      if (shape[1] !== d || shape[0] === 0)
        throw new CorruptArtifactError(`Array ${name} is empty or not of embeddingSize.`);
      return data;
    };
    const [items, keys, memories] = ['itemPoints', 'keys', 'memories'].map(table);
    const { data: meanUser } = arrayOf(artifact, 'meanUser', 'float32', 1);
    if (keys.length !== memorySlots * d || memories.length !== keys.length || meanUser.length !== d) {
      throw new CorruptArtifactError('Points and memory do not fit together.');
    }
    return new LrmlModel(settings, { items, keys, memories, d }, meanUser);
  },
});

function initialTables(
  userCount: number,
  itemCount: number,
  settings: LrmlHyperparameters,
  random: Random,
): LrmlTables {
  const { embeddingSize: d, memorySlots, learningRate, memoryLearningRate } = settings;
  const drawn = (deviation: number) =>
    Float32Array.from({ length: memorySlots * d }, () => random.normal() * deviation);
  return {
    users: new UnitBallTable(randomPoints(userCount, d, random), d, learningRate),
    items: new UnitBallTable(randomPoints(itemCount, d, random), d, learningRate),
    keys: new AdaGradTable(drawn(1), d, memoryLearningRate),
    // In the ball as the points are: left free, the slots outgrow it until a user's own point says
    // nothing beside the relation.
    memories: new UnitBallTable(drawn(INITIAL_MEMORY / Math.sqrt(d)), d, memoryLearningRate),
  };
}

class LrmlModel implements Model {
  readonly name = KIND;
  readonly space = null;
  readonly itemCount: number;
  private readonly ranking: RelationalRanking;

  /** @param meanUser [d], where someone without a history is put */
  constructor(
    private readonly settings: z.output<typeof storedSettings>,
    private readonly learned: LearnedLrml,
    private readonly meanUser: Float32Array,
  ) {
    this.itemCount = learned.items.length / learned.d;
    this.ranking = new RelationalRanking(learned);
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, learned, meanUser, settings } = this;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach(({ items: history }, b) => {
      const point = history.length === 0 ? meanUser : foldInUser(history, learned, settings);
      this.ranking.score(point, scores.subarray(b * itemCount, (b + 1) * itemCount));
    });
    return scores;
  }

  save(): Artifact {
    const { settings, learned, meanUser } = this;
    const d = settings.embeddingSize;
    const table = (data: Float32Array) => ({ data, shape: [data.length / d, d] });
    return {
      kind: KIND,
      format: 1,
      settings,
      arrays: {
        itemPoints: table(learned.items),
        keys: table(learned.keys),
        memories: table(learned.memories),
        meanUser: { data: meanUser, shape: [d] },
      },
    };
  }
}

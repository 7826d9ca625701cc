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
 *  A user's point is always found from the history that is scored, for users seen
 *  and not seen in training. There is no space for `model.space`: the relation depends on both
 *  ends, so items have no fixed points to measure distances between. */
import { z } from 'zod';
import type { InteractionLog, UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { meanRow, PairSampler, stepThroughHistory } from '../pairwise';
import { defineSystem, type Model } from '../system';
import { runEpochs, Turns } from '../training-loop';
import {
  AdaGradTable,
  ImpostorSearch,
  type Numbers,
  projectOntoUnitBall,
  randomPoints,
  squaredDistance,
  UnitBallTable,
} from '../unit-ball';
import { differentiatePair, type LearnedLrml, lrmlGradient, Relation, RelationalRanking } from './relation';

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
    .describe(
      'Passes of as many pairs as there are interactions, unless validation stops training earlier.',
    ),
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
      'Of AdaGrad, for keys and memory, which every pair moves: at the rate of the points the ' +
        'relation outgrows the ball.',
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
type LrmlHyperparameters = z.output<typeof hyperparameters>;
const storedSettings = hyperparameters.extend({ seed: z.int() });

/** O(N (negatives + memorySlots) d) time an epoch. */
export const lrml = defineSystem({
  name: KIND,
  label: 'LRML',
  description:
    'Latent relational metric learning: a relation vector, read from a memory for each user ' +
    'and movie, leads from the one to the other (Tay et al., WWW 2018).',
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
        throw new CorruptArtifactError(`Array ${name} is empty or does not have embeddingSize columns.`);
      return data;
    };
    const [items, keys, memories] = ['itemPoints', 'keys', 'memories'].map(table);
    const { data: meanUser } = arrayOf(artifact, 'meanUser', 'float32', 1);
    if (keys.length !== memorySlots * d || memories.length !== keys.length || meanUser.length !== d) {
      throw new CorruptArtifactError('Points and memory have inconsistent shapes.');
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
    // In the ball as the points are: unconstrained, the slots outgrow it until the relation
    // dominates the user's point.
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

/** The training loop of LRML: points move pair by pair, the memory, which all pairs share, by the
 *  sum over a few of them. */

/** Pairs between two checks of the clock. */
const STRIDE = 2_048;
/** Pairs to a step of keys and memories: a step of them costs as much as a pair does. */
const MEMORY_BATCH = 64;

interface LrmlTables {
  readonly users: UnitBallTable;
  readonly items: UnitBallTable;
  /** [N, d] */
  readonly keys: AdaGradTable;
  /** [N, d] */
  readonly memories: UnitBallTable;
}

interface LrmlEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  readonly margin: number;
  readonly negatives: number;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** As many pairs as there are interactions.
 *  @returns the mean of L */
async function trainLrmlEpoch(
  tables: LrmlTables,
  plan: LrmlEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, epoch, epochs } = plan;
  const step = new LrmlStep(tables, plan);
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      loss += step.take(sampler.userOf(row), log.itemIndex[row], random);
    }
    if (turns.due()) await turns.take((epoch + from / pairs) / epochs);
  }
  step.moveMemory();
  return loss / pairs;
}

class LrmlStep {
  private readonly d: number;
  private readonly relation: Relation;
  private readonly impostors: ImpostorSearch;
  private readonly gradient;
  private readonly shared: { readonly keys: Float64Array; readonly memories: Float64Array };
  private readonly query: Float32Array;
  private pending = 0;

  constructor(
    private readonly tables: LrmlTables,
    private readonly plan: LrmlEpoch,
  ) {
    const { items, keys, memories } = tables;
    this.d = items.d;
    this.relation = new Relation(keys.rows, memories.rows, items.d);
    this.impostors = new ImpostorSearch(items.rows, items.d, plan.sampler);
    this.gradient = lrmlGradient(items.d);
    this.shared = {
      keys: new Float64Array(keys.rows.length),
      memories: new Float64Array(keys.rows.length),
    };
    this.query = new Float32Array(items.d);
  }

  /** @returns L before the step */
  take(user: number, positive: number, random: Random): number {
    const { tables, plan, d, relation, impostors, gradient, query } = this;
    const { users, items } = tables;
    const [u, p] = [user * d, positive * d];
    relation.attend(users.rows, u, items.rows, p);
    translate(users.rows, u, relation, query);
    const reach = plan.margin + squaredDistance(query, items.rows, p);
    impostors.search(query, { reach, user, draws: plan.negatives }, random);
    const { nearest } = impostors;
    if (nearest < 0) return 0;
    differentiatePair(
      { user: [users.rows, u], positive: [items.rows, p], negative: [items.rows, nearest * d] },
      relation,
      gradient,
    );
    relation.accumulate(gradient.relation, this.shared);
    users.descend(user, gradient.user);
    items.descend(positive, gradient.positive);
    items.descend(nearest, gradient.negative);
    if (++this.pending === MEMORY_BATCH) this.moveMemory();
    return reach - impostors.distance;
  }

  moveMemory(): void {
    const { tables, shared, d, relation } = this;
    for (let slot = 0; slot < relation.slots; slot++) {
      tables.keys.descend(slot, shared.keys.subarray(slot * d, (slot + 1) * d));
      tables.memories.descend(slot, shared.memories.subarray(slot * d, (slot + 1) * d));
    }
    shared.keys.fill(0);
    shared.memories.fill(0);
    this.pending = 0;
  }
}

/** query = p + r. */
export function translate(user: Numbers, u: number, relation: Relation, query: Float32Array): void {
  for (let k = 0; k < query.length; k++) query[k] = user[u + k] + relation.vector[k];
}

/** A user's point from a history: LRML's own objective for that user alone, items and memory as
 *  learned. It begins where the mean relation would carry it to the mean of the history's items,
 *  and takes projected gradient steps whose length falls linearly to 0. */

interface LrmlFoldIn {
  readonly margin: number;
  readonly negatives: number;
  readonly foldInSteps: number;
  /** Of half the gradient, i − j and what runs through the attention */
  readonly foldInRate: number;
  readonly seed: number;
}

/** @param history dense item indices, not empty
 *  @returns [d] in the unit ball */
export function foldInUser(
  history: Int32Array,
  { items, keys, memories, d }: LearnedLrml,
  plan: LrmlFoldIn,
): Float32Array {
  const meanRelation = meanRow(memories, d);
  const point = meanRow(items, d, history).map((x, k) => x - meanRelation[k]);
  projectOntoUnitBall(point, 0, d);
  const rated = new Set(history);
  const relation = new Relation(keys, memories, d);
  const impostors = new ImpostorSearch(items, d, { has: (_, item) => rated.has(item) });
  const gradient = lrmlGradient(d);
  const query = new Float32Array(d);
  const { margin, negatives, foldInRate, foldInSteps: steps, seed } = plan;
  stepThroughHistory(history, { steps, seed }, (positive, random, done) => {
    const p = positive * d;
    relation.attend(point, 0, items, p);
    translate(point, 0, relation, query);
    const reach = margin + squaredDistance(query, items, p);
    impostors.search(query, { reach, user: 0, draws: negatives }, random);
    if (impostors.nearest < 0) return;
    differentiatePair(
      { user: [point, 0], positive: [items, p], negative: [items, impostors.nearest * d] },
      relation,
      gradient,
    );
    const rate = (foldInRate * (1 - done)) / 2;
    for (let k = 0; k < d; k++) point[k] -= rate * gradient.user[k];
    projectOntoUnitBall(point, 0, d);
  });
  return point;
}

/** NITF: non-negative inductive tensor factorisation, learned from pairs by BPR.
 *
 *  Luo et al. name it without a source: "all elements in the factor matrix are non-negative". Ours
 *  is the canonical tensor decomposition of users, items and time (stretches of the calendar) with
 *  three properties.
 *  - Non-negative: every factor is ≥ 0, by projection after each step, so that a dimension is a
 *    theme that applies to some degree.
 *  - Inductive, after inductive matrix completion (Jain and Dhillon 2013): a user's factor is a sum
 *    over what is known of the user (the history, demographics), an item's over identity, genres
 *    and year. Users and items without training get a score.
 *  - Where times are unknown, the third factor is 1 and the tensor a matrix.
 *
 *    y(u, i, t) = Σ_k w_uk h_ik c_tk   (nitf/block-gradient.ts has w and h)
 *
 *  A ranking is for the time of the history's last interaction. */

import { z } from 'zod';
import { interactionCounts } from '../../interactions/csr';
import { groupsOf } from '../../interactions/demographic-prior';
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import { innerProducts } from '../../numeric/inner-products';
import { Random } from '../../numeric/random';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { encodeFeatures, featureCount, rowsOfGroups, type SparseFeatures } from '../metric-tower/forward';
import { defineSystem, type Model } from '../system';
import { binCount, binOf, binOfHistory, timeBinEdges } from '../time-bins';
import { runEpochs, Turns } from '../training-loop';
import { BlockGradient, historyScale, type NitfFactors } from './block-gradient';

const KIND = 'NITF';
/** Factors start uniform between 0 and this, those of time between 1 - this and 1 + this. Small
 *  ones are pushed to 0 by the first steps, and with them whole dimensions: at 0.1 half of the
 *  checkerboard is never learned. */
const INITIAL = 0.3;
/** What Adagrad's sums of squares begin with: without it, its first step is as long as any. */
const INITIAL_SQUARES = 1;

const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(64).describe('Dimensions of a factor (d).'),
  epochs: z
    .int()
    .min(1)
    .max(1_000)
    .default(30)
    .describe('Passes over all interactions, unless validation stops training earlier.'),
  patience: z
    .int()
    .min(1)
    .max(1_000)
    .default(5)
    .describe('Epochs without a better validation metric after which training stops.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.05)
    .describe("Adagrad's step size at the start; it falls linearly to 0."),
  regularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.01)
    .describe("λ of the factors that a user's step moves."),
  historyExponent: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('α: a history of n items counts as their sum times n^-α: 0 is the sum, 1 the mean.'),
  timeBins: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Stretches of the calendar, of equally many interactions each.'),
});
type NitfHyperparameters = z.output<typeof hyperparameters>;

const storedSettings = hyperparameters.extend({
  binEdges: z.array(z.number()).readonly().nullable(),
  demographicKeys: z.array(z.string()).readonly(),
});
type StoredSettings = z.output<typeof storedSettings>;

/** O(N d) time an epoch. */
export const nitf = defineSystem({
  name: 'NITF',
  label: 'NITF',
  description:
    'Non-negative inductive tensor factorisation: factors are computed from histories, ' +
    'demographics, genres and years.',
  task: 'MOVIES',
  engine: false,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const turns = new Turns(context);
    const training = new Training(data, settings, context.seed);
    const { epochs, patience } = settings;
    const trainEpoch = (epoch: number) => training.epoch(epoch, turns);
    return runEpochs({ epochs, patience, turns, trainEpoch, publish: () => training.publish() }, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, storedSettings);
    const { embeddingSize: d, binEdges, demographicKeys: keys } = settings;
    const [users, items, times] = ['userFactors', 'itemFactors', 'timeFactors'].map((name) => {
      const { data, shape } = arrayOf(artifact, name, 'float32', 2);
      if (shape[1] !== d || data.some((value) => value < 0))
        throw new CorruptArtifactError(
          `Array ${name} must have embeddingSize columns and no negative values.`,
        );
      return data;
    });
    const sized =
      users.length === items.length + (1 + keys.length) * d && times.length === binCount(binEdges) * d;
    if (!sized || items.length === 0)
      throw new CorruptArtifactError('The factors have inconsistent shapes.');
    return new NitfModel(settings, users, items, times);
  },
});

class Training {
  private readonly random: Random;
  private readonly features: readonly SparseFeatures[];
  private readonly factors: NitfFactors & Record<'users' | 'items' | 'times', Float32Array>;
  private readonly squares: Record<'users' | 'items' | 'times', Float32Array>;
  private readonly gradient: BlockGradient;
  private readonly binEdges: readonly number[] | null;
  private readonly keys: readonly string[];
  /** [U] rows of the user table in addition to the history */
  private readonly known: readonly (readonly number[])[];
  /** Items with interactions: the others are not known to be disliked */
  private readonly candidates: Int32Array;
  /** [I] 1 + the user at hand where that user has the item */
  private readonly owner: Int32Array;

  constructor(
    private readonly data: TrainingData,
    private readonly settings: NitfHyperparameters,
    seed: number,
  ) {
    const { interactions: log, itemFeatures, demographics } = data;
    const { embeddingSize: d, timeBins, historyExponent } = settings;
    const random = new Random(seed);
    this.random = random;
    const itemCount = log.items.size;
    const counts = interactionCounts(log);
    this.candidates = Int32Array.from(counts.keys()).filter((item) => counts[item] > 0);
    this.owner = new Int32Array(itemCount);
    this.binEdges = timeBinEdges(log.timestamp, timeBins);
    const keysOf = demographics?.map(groupsOf) ?? [];
    this.keys = [...new Set(keysOf.flat())].sort();
    const rowOf = new Map(this.keys.map((key, row) => [key, itemCount + 1 + row]));
    this.known = Array.from({ length: log.users.size }, (_, user) => [
      itemCount,
      ...(keysOf[user] ?? []).map((key) => rowOf.get(key)!),
    ]);
    this.features = featuresOf(data);
    const table = (rows: number, value: (row: number) => number) =>
      Float32Array.from({ length: rows * d }, (_, at) => value(Math.floor(at / d)));
    // An item without interactions is described by its features only: identity 0.
    const factor = (row: number) => (row < itemCount && counts[row] === 0 ? 0 : INITIAL * random.uniform());
    this.factors = {
      users: table(itemCount + 1 + this.keys.length, factor),
      items: table(itemCount + featureCount(itemFeatures.genreNames.length), factor),
      times: table(binCount(this.binEdges), () => 1 + INITIAL * (2 * random.uniform() - 1)),
      d,
    };
    const { users, items, times } = this.factors;
    const start = (table: Float32Array) => new Float32Array(table.length).fill(INITIAL_SQUARES);
    this.squares = { users: start(users), items: start(items), times: start(times) };
    this.gradient = new BlockGradient(this.factors, this.features, historyExponent);
  }

  /** One step a user, in random order; every interaction is a positive once. @returns the mean of
   *  −ln σ(x) */
  async epoch(epoch: number, turns: Turns): Promise<number> {
    const { interactions: log } = this.data;
    const { epochs, learningRate, regularization } = this.settings;
    const order = this.random.shuffle(Int32Array.from({ length: log.users.size }, (_, user) => user));
    let loss = 0;
    for (const [at, user] of order.entries()) {
      const done = (epoch - 1 + at / order.length) / epochs;
      loss += this.step(user, { learningRate: learningRate * (1 - done), regularization });
      if (turns.due()) await turns.take(done);
    }
    return loss / log.itemIndex.length;
  }

  private step(
    user: number,
    rates: { readonly learningRate: number; readonly regularization: number },
  ): number {
    const { factors, squares, gradient } = this;
    const { itemIndex, timestamp, offsets } = this.data.interactions;
    const history = itemIndex.subarray(offsets[user], offsets[user + 1]);
    if (history.length === 0) return 0;
    const bins = Int32Array.from(timestamp.subarray(offsets[user], offsets[user + 1]), (time) =>
      binOf(time, this.binEdges),
    );
    const loss = gradient.add({
      history,
      negatives: this.negatives(user, history),
      bins,
      known: this.known[user],
    });
    for (const name of ['users', 'items', 'times'] as const) {
      gradient[name].descend(factors[name], squares[name], rates);
      gradient[name].clear();
    }
    return loss;
  }

  /** @returns for each item of the history one that the user has not, uniform; -1 for a user of
   *    everything */
  private negatives(user: number, history: Int32Array): Int32Array {
    const { candidates, owner, random } = this;
    for (const item of history) owner[item] = user + 1;
    return Int32Array.from(history, () => {
      if (history.length >= candidates.length) return -1;
      for (;;) {
        const item = candidates[random.integerBelow(candidates.length)];
        if (owner[item] !== user + 1) return item;
      }
    });
  }

  publish(): NitfModel {
    const { users, items, times, d } = this.factors;
    const { features } = this;
    const whole = items.slice(0, features.length * d);
    features.forEach(({ columns, weights }, item) => {
      columns.forEach((column, n) => {
        const from = (features.length + column) * d;
        for (let k = 0; k < d; k++) whole[item * d + k] += weights[n] * items[from + k];
      });
    });
    const settings = { ...this.settings, binEdges: this.binEdges, demographicKeys: this.keys };
    return new NitfModel(settings, users.slice(), whole, times.slice());
  }
}

/** @returns [I] genres and year, as weights ≥ 0 of the feature rows */
function featuresOf({
  interactions,
  itemFeatures: { genreIndex, genreOffsets, genreNames, year },
}: TrainingData): SparseFeatures[] {
  return Array.from({ length: interactions.items.size }, (_, item) => {
    const genres = Array.from(genreIndex.subarray(genreOffsets[item], genreOffsets[item + 1]));
    return encodeFeatures(genres, year[item], genreNames.length);
  });
}

class NitfModel implements Model {
  readonly name = 'NITF';
  readonly space = null;
  readonly itemCount: number;
  private readonly rowOfKey: ReadonlyMap<string, number>;

  /** @param users [I + 1 + demographics, d] p
   *  @param items [I, d] h, features included
   *  @param times [T, d] c */
  constructor(
    private readonly settings: StoredSettings,
    private readonly users: Float32Array,
    private readonly items: Float32Array,
    private readonly times: Float32Array,
  ) {
    this.itemCount = items.length / settings.embeddingSize;
    this.rowOfKey = new Map(settings.demographicKeys.map((key, row) => [key, this.itemCount + 1 + row]));
  }

  score(histories: readonly UserHistory[]): Float32Array {
    const scores = new Float32Array(histories.length * this.itemCount);
    histories.forEach((history, b) => {
      innerProducts(
        this.query(history),
        this.items,
        scores.subarray(b * this.itemCount, (b + 1) * this.itemCount),
      );
    });
    return scores;
  }

  /** @returns [d] w ⊙ c: everything that is not the item's */
  private query({ items, timestamps, demographics }: UserHistory): Float64Array {
    const { users, times, itemCount, rowOfKey, settings } = this;
    const { embeddingSize: d, historyExponent, binEdges } = settings;
    const query = new Float64Array(d);
    const add = (row: number, weight: number) => {
      for (let k = 0; k < d; k++) query[k] += weight * users[row * d + k];
    };
    const scale = historyScale(items.length, historyExponent);
    for (const item of items) add(item, scale);
    add(itemCount, 1);
    for (const row of rowsOfGroups(rowOfKey, demographics)) add(row, 1);
    const bin = binOfHistory(timestamps, binEdges);
    if (bin >= 0) for (let k = 0; k < d; k++) query[k] *= times[bin * d + k];
    return query;
  }

  save(): Artifact {
    const d = this.settings.embeddingSize;
    const table = (data: Float32Array) => ({ data, shape: [data.length / d, d] });
    const arrays = {
      userFactors: table(this.users),
      itemFactors: table(this.items),
      timeFactors: table(this.times),
    };
    return { kind: KIND, format: 1, settings: this.settings, arrays };
  }
}

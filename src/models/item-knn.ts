/** Item-based nearest neighbours on who interacted with what: Sarwar et al. (WWW 2001), as top-N
 *  recommender after Deshpande and Karypis (ACM TOIS 2004). Letters: i, j items; u users; n =
 *  neighbours kept an item; x(u,i) the weight of an interaction. */
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Csr, usersByItem } from '../interactions/csr';
import type { InteractionLog, UserHistory } from '../interactions/interaction-log';
import { topK } from '../numeric/top-k';
import type { Artifact } from './artifact';
import { CorruptArtifactError } from './artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from './checks';
import { defineSystem, type Model } from './system';
import { reportOneEpoch } from './training-loop';

const KIND = 'ITEM_KNN';
/** Interval at which the event loop runs (for an abort). */
const TURN_MS = 100;

/** Defaults: what did best in NDCG@20 on the validation data of ml-latest-small and ML-1M without
 *  failing among sampled negatives (docs/evaluation.md). */
const hyperparameters = z.strictObject({
  neighbours: z
    .number()
    .int()
    .min(1)
    .max(2_000)
    .default(50)
    .describe('How many nearest items are kept for each item (k of the literature).'),
  weighting: z
    .enum(['COSINE', 'TFIDF', 'BM25'])
    .default('BM25')
    .describe(
      'The weight of an interaction: 1; log(I / items of the user), so that users of ' +
        'everything say little; or that of BM25.',
    ),
  shrinkage: z
    .number()
    .min(0)
    .max(10_000)
    .default(0)
    .describe(
      's in similarity · n / (n + s), n being the users two items share: distrusts ' +
        'similarities that few users carry.',
    ),
  bm25K1: z
    .number()
    .min(0)
    .max(1_000)
    .default(100)
    .describe('BM25 only: how slowly the weight of a popular item falls (its k1).'),
  bm25B: z
    .number()
    .min(0)
    .max(1)
    .default(0.35)
    .describe('BM25 only: how much popularity counts against an item (its b).'),
});
export type ItemKnnHyperparameters = z.output<typeof hyperparameters>;

/** similarity(i, j) = cosine of the columns x(·,i) and x(·,j) (BM25: their dot product); score(u,
 *  i) = sum over j in u's history, i among the n nearest of j, of similarity(i, j). O(sum over
 *  users of h²) time, O(interactions + I n) memory. No randomness. */
export const itemKnn = defineSystem({
  name: 'ITEM_KNN',
  label: 'CF (item-kNN)',
  description:
    'Item-based collaborative filtering: adds up how similar a movie is to those in the ' +
    'history (Sarwar et al., WWW 2001; Deshpande and Karypis, TOIS 2004).',
  task: 'MOVIES',
  engine: false,
  seedless: true,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    assertFit(data);
    const startedAt = performance.now();
    const log = data.interactions;
    const itemCount = log.items.size;
    const matrix = weightedMatrix(log, settings);
    const width = Math.min(settings.neighbours, itemCount);
    const neighbours = new Int32Array(itemCount * width).fill(-1);
    const similarities = new Float32Array(itemCount * width);
    const row = new SimilarityRow(log, matrix, settings.shrinkage);
    let turnAt = performance.now();
    for (let item = 0; item < itemCount; item++) {
      const cosines = row.of(item);
      // An item without company has no positive entries: nothing is kept.
      const nearest = topK(cosines, width).filter((other) => cosines[other] > 0);
      neighbours.set(nearest, item * width);
      nearest.forEach((other, n) => {
        similarities[item * width + n] = cosines[other];
      });
      if (performance.now() - turnAt < TURN_MS) continue;
      await setImmediate();
      context.signal.throwIfAborted();
      context.onProgress(item / itemCount);
      turnAt = performance.now();
    }
    const model = new ItemKnnModel(settings, itemCount, neighbours, similarities);
    return reportOneEpoch(model, startedAt, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, hyperparameters);
    const { data: neighbours, shape } = arrayOf(artifact, 'neighbours', 'int32', 2);
    const { data: similarities } = arrayOf(artifact, 'similarities', 'float32', 2);
    const [itemCount] = shape;
    if (
      similarities.length !== neighbours.length ||
      neighbours.length === 0 ||
      neighbours.some((j) => j < -1 || j >= itemCount)
    ) {
      throw new CorruptArtifactError('Neighbours and similarities have inconsistent shapes.');
    }
    return new ItemKnnModel(settings, itemCount, neighbours, similarities);
  },
});

/** The interactions by item; each item's column has unit length, but for BM25. */
interface WeightedMatrix extends Csr {
  /** [N] parallel to `indices` (users) */
  readonly weights: Float32Array;
}

function weightedMatrix(log: InteractionLog, settings: ItemKnnHyperparameters): WeightedMatrix {
  const { offsets, indices } = usersByItem(log);
  const weightOf = weighting(log, settings);
  const weights = new Float32Array(indices.length);
  for (let item = 0; item < log.items.size; item++) {
    let squares = 0;
    for (let at = offsets[item]; at < offsets[item + 1]; at++) {
      weights[at] = weightOf(indices[at], offsets[item + 1] - offsets[item]);
      squares += weights[at] * weights[at];
    }
    // Unit length would cancel what BM25 says of the item, so that one keeps its length: a dot
    // product instead of a cosine.
    const scale = settings.weighting === 'BM25' ? 1 : squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let at = offsets[item]; at < offsets[item + 1]; at++) weights[at] *= scale;
  }
  return { offsets, indices, weights };
}

/** @returns x(u, i) of a user and the number of i's users. A user of all items says nothing of any:
 *    weight 0. */
function weighting(
  log: InteractionLog,
  settings: ItemKnnHyperparameters,
): (user: number, popularity: number) => number {
  if (settings.weighting === 'COSINE') return () => 1;
  const idf = Float64Array.from({ length: log.users.size }, (_, user) =>
    Math.max(0, Math.log(log.items.size / (1 + log.offsets[user + 1] - log.offsets[user]))),
  );
  if (settings.weighting === 'TFIDF') return (user) => idf[user];
  const meanPopularity = log.itemIndex.length / log.items.size;
  const { bm25K1: k1, bm25B: b } = settings;
  return (user, popularity) =>
    (idf[user] * (k1 + 1)) / (1 + k1 * (1 - b + (b * popularity) / meanPopularity));
}

/** One row of the similarity matrix at a time, so that the whole of it never exists. */
class SimilarityRow {
  private readonly cosines: Float32Array;
  private readonly shared: Float32Array | null;
  /** [N] the weights of the log's rows, in the log's order (by user) */
  private readonly weightByRow: Float32Array;

  constructor(
    private readonly log: InteractionLog,
    private readonly matrix: WeightedMatrix,
    private readonly shrinkage: number,
  ) {
    this.cosines = new Float32Array(log.items.size);
    this.shared = shrinkage > 0 ? new Float32Array(log.items.size) : null;
    this.weightByRow = new Float32Array(log.itemIndex.length);
    // usersByItem lists users in ascending order, so walking the log by user meets each item's
    // entries in order.
    const next = matrix.offsets.slice(0, log.items.size);
    for (let row = 0; row < log.itemIndex.length; row++)
      this.weightByRow[row] = matrix.weights[next[log.itemIndex[row]]++];
  }

  /** @returns [I] similarity of every item to this one, 0 for itself; overwritten by the next
   *  call */
  of(item: number): Float32Array {
    const { log, matrix, cosines, shared, weightByRow } = this;
    cosines.fill(0);
    shared?.fill(0);
    for (let at = matrix.offsets[item]; at < matrix.offsets[item + 1]; at++) {
      const weight = matrix.weights[at];
      const until = log.offsets[matrix.indices[at] + 1];
      for (let row = log.offsets[matrix.indices[at]]; row < until; row++)
        cosines[log.itemIndex[row]] += weight * weightByRow[row];
      if (shared)
        for (let row = log.offsets[matrix.indices[at]]; row < until; row++) shared[log.itemIndex[row]]++;
    }
    if (shared)
      for (let i = 0; i < cosines.length; i++) cosines[i] *= shared[i] / (shared[i] + this.shrinkage);
    cosines[item] = 0;
    return cosines;
  }
}

class ItemKnnModel implements Model {
  readonly name = 'ITEM_KNN';
  readonly space = null;

  /** @param neighbours   [I, n], nearest first, -1 where there are fewer
   *  @param similarities [I, n] */
  constructor(
    private readonly settings: ItemKnnHyperparameters,
    readonly itemCount: number,
    private readonly neighbours: Int32Array,
    private readonly similarities: Float32Array,
  ) {}

  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, neighbours, similarities } = this;
    const width = neighbours.length / itemCount;
    const scores = new Float32Array(histories.length * itemCount);
    histories.forEach((history, b) => {
      const own = scores.subarray(b * itemCount, (b + 1) * itemCount);
      for (const item of history.items) {
        for (let at = item * width; at < (item + 1) * width && neighbours[at] >= 0; at++)
          own[neighbours[at]] += similarities[at];
      }
    });
    return scores;
  }

  save(): Artifact {
    const shape = [this.itemCount, this.neighbours.length / this.itemCount];
    return {
      kind: KIND,
      format: 1,
      settings: this.settings,
      arrays: {
        neighbours: { data: this.neighbours, shape },
        similarities: { data: this.similarities, shape },
      },
    };
  }
}

/** The metric tower's forward pass in plain code: the map from a history to its user's point, and
 *  from features to an item's point. This is the definition. Serving computes with it, in
 *  microseconds; `towers.ts` has the same in tensors with gradients, and `step.test.ts` holds the
 *  two together.
 *
 *  User tower, after Luo et al., section III:
 *    f = [mean_1 … mean_P, x_0 … x_(M−1)],    x_j = w(r_j) h_j,
 *    mean_p = Σ_j γ_p^j x_j / (Σ_j γ_p^j)^(1−e)
 *    q = b + Σ_demographics + Σ_p g_p ⊙ mean_p + Σ_j (a_j ⊙ x_j + A_j x_j) + W₄ relu(W₃ f + b₃)
 *  j counts from the newest rating, 0, into the past. Pool p is the mean of the last `window`
 *  history points h_j (γ = 1) or a mean that decays exponentially (γ < 1), g_p its gate [d], w(r)
 *  the learned weight of a rating of r stars. The newest ratings also have a gate a_j and a matrix
 *  A_j for their position. Each part but the pools may be absent.
 *
 *  Item tower, with e the item's identity embedding (0 for an item without ratings):
 *    v = e + W₂ relu(W₁ x + b₁) + b₂,    x = [genres, year, mean of the points of its tags]
 *  Genres share a weight of 1 / √(their number); the year is spread over the two nearest
 *  `YEAR_KNOTS`. */
import { groupsOf } from '../../interactions/demographic-prior';
import type { Demographics, TrainingData, UserHistory } from '../../interactions/interaction-log';
import {
  addGatedPlaces,
  addToPool,
  copyPlaces,
  type Numbers,
  poolShare,
  weighRows,
} from '../../numeric/packed-rows';

/** Half stars 0.5 to 5 are levels 1 to 10; level 0 is a rating of unknown value. */
export const RATING_LEVELS = 11;

export interface UserTower {
  readonly embeddingSize: number;
  /** Only the last `window` interactions of a history count. */
  readonly window: number;
  /** [P] γ_p in (0, 1]; 1 is the plain mean */
  readonly decays: Float32Array;
  /** e: 0 makes the pools means, 1 sums */
  readonly growth: number;
  /** [P, d] */
  readonly gates: Float32Array;
  /** [K, d] place 0 is the newest rating */
  readonly placeGates: Float32Array;
  /** [M · d, d] rows j · d … are the matrix of place j, transposed: it adds x_j · A_j */
  readonly transitions: Float32Array;
  /** [RATING_LEVELS] */
  readonly levelWeights: Float32Array;
  /** [d] */
  readonly bias: Float32Array;
  /** Row in `demographicPoints` of a gender, an age group, an occupation, by `groupsOf` */
  readonly demographicRows: ReadonlyMap<string, number>;
  /** [D, d] */
  readonly demographicPoints: Float32Array;
  /** [(P + M) · d, hidden], [hidden], [hidden, d]; empty without hidden units */
  readonly hiddenWeights: Float32Array;
  readonly hiddenBias: Float32Array;
  readonly outputWeights: Float32Array;
}

/** @param stars 0.5 to 5, or 0 where unknown @returns 0 .. RATING_LEVELS − 1 */
export function ratingLevel(stars: number): number {
  return Math.max(0, Math.min(RATING_LEVELS - 1, Math.round(stars * 2)));
}

/** @param historyPoints [I, d] @param history may be empty @returns [d] q */
export function userPoint(
  tower: UserTower,
  historyPoints: Float32Array,
  history: UserHistory,
): Float32Array {
  const { features, gated } = readHistory(tower, historyPoints, history);
  return addProducts(tower, features, gated);
}

/** What the matrices of the tower are applied to, and what needs none. */
export interface ReadHistory {
  /** [(P + M) · d] f */
  readonly features: Float64Array;
  /** [d] b + Σ_demographics + Σ_p g_p ⊙ mean_p + Σ_j a_j ⊙ x_j */
  readonly gated: Float32Array;
}

/** The first half of `userPoint`: all but the products with matrices, which many users may
 *  share. */
export function readHistory(
  tower: UserTower,
  historyPoints: Float32Array,
  history: UserHistory,
): ReadHistory {
  const values = historyValues(tower, historyPoints, history);
  const features = userFeatures(tower, values);
  return { features, gated: gatedSum(tower, features, values, history.demographics) };
}

/** The second half of `userPoint`, for `features` that were computed otherwise.
 *  @param newest [n, d] x, oldest first; as many as there are places do
 *  @returns [d] */
export function pointOfFeatures(
  tower: UserTower,
  features: Float64Array,
  newest: Float64Array,
  demographics: Demographics | undefined,
): Float32Array {
  return addProducts(tower, features, gatedSum(tower, features, newest, demographics));
}

/** @returns [h, d] x, oldest first, of the last `window` ratings */
export function historyValues(
  { embeddingSize: d, levelWeights: weights, window }: UserTower,
  points: Float32Array,
  { items, values }: UserHistory,
): Float64Array {
  const from = Math.max(0, items.length - window);
  const rows = items.subarray(from);
  const levels = new Uint8Array(rows.length);
  for (let j = 0; j < rows.length; j++) levels[j] = ratingLevel(values[from + j]);
  return weighRows(new Float64Array(rows.length * d), { points, d, rows, levels, weights });
}

/** @param values [h, d] x, oldest first @returns [(P + M) · d] f */
function userFeatures(
  { embeddingSize: d, decays, growth, gates, transitions }: UserTower,
  values: Float64Array,
): Float64Array {
  const features = new Float64Array(gates.length + transitions.length / d);
  for (let p = 0; p < decays.length; p++) {
    const pool = features.subarray(p * d, (p + 1) * d);
    for (let at = 0; at < values.length; at += d) addToPool(pool, decays[p], values, at);
    const share = poolShare(decays[p], values.length / d, growth);
    for (let k = 0; k < d; k++) pool[k] *= share;
  }
  copyPlaces(features.subarray(gates.length), values, { d, newest: values.length - d, oldest: 0 });
  return features;
}

function gatedSum(
  tower: UserTower,
  features: Float64Array,
  newest: Float64Array,
  demographics: Demographics | undefined,
): Float32Array {
  const { embeddingSize: d, gates, placeGates, demographicRows, demographicPoints } = tower;
  const point = tower.bias.slice();
  for (const row of rowsOfGroups(demographicRows, demographics)) {
    for (let k = 0; k < d; k++) point[k] += demographicPoints[row * d + k];
  }
  for (let at = 0; at < gates.length; at++) point[at % d] += gates[at] * features[at];
  addGatedPlaces(point, placeGates, newest, { newest: newest.length - d, oldest: 0 });
  return point;
}

/** @returns the rows of the user's known groups */
export function rowsOfGroups(
  rows: ReadonlyMap<string, number>,
  demographics: Demographics | undefined,
): number[] {
  return groupsOf(demographics)
    .map((group) => rows.get(group))
    .filter((row) => row !== undefined);
}

/** @param point [d], changed in place @returns point + Σ_j A_j x_j + W₄ relu(W₃ f + b₃) */
function addProducts(tower: UserTower, features: Float64Array, point: Float32Array): Float32Array {
  const { gates, transitions, hiddenWeights, hiddenBias, outputWeights } = tower;
  addProduct(point, features.subarray(gates.length), transitions);
  if (hiddenBias.length === 0) return point;
  const hidden = Float64Array.from(hiddenBias);
  addProduct(hidden, features, hiddenWeights);
  return addProduct(point, rectified(hidden), outputWeights);
}

/** The part of the item tower that sees features only. */
export interface FeatureTower {
  readonly embeddingSize: number;
  readonly hiddenSize: number;
  readonly genreNames: readonly string[];
  /** [F + d, hidden], F = featureCount(genreNames.length) */
  readonly hiddenWeights: Float32Array;
  /** [hidden] */
  readonly hiddenBias: Float32Array;
  /** [hidden, d] */
  readonly outputWeights: Float32Array;
  /** [d] */
  readonly outputBias: Float32Array;
}

/** @param tagMean [d], null without tags
 *  @returns [d] W₂ relu(W₁ x + b₁) + b₂ */
export function featurePoint(
  tower: FeatureTower,
  { columns, weights }: SparseFeatures,
  tagMean: Float32Array | null,
): Float32Array {
  const { hiddenSize, hiddenWeights, genreNames } = tower;
  const hidden = Float64Array.from(tower.hiddenBias);
  columns.forEach((column, n) => {
    for (let h = 0; h < hiddenSize; h++) hidden[h] += weights[n] * hiddenWeights[column * hiddenSize + h];
  });
  if (tagMean)
    addProduct(hidden, tagMean, hiddenWeights.subarray(featureCount(genreNames.length) * hiddenSize));
  return addProduct(tower.outputBias.slice(), rectified(hidden), tower.outputWeights);
}

/** @param points [T, d] @param rows of `points`, not empty @returns [d] */
export function meanPoint(points: Float32Array, rows: ArrayLike<number>, d: number): Float32Array {
  const mean = new Float32Array(d);
  for (let n = 0; n < rows.length; n++) {
    for (let k = 0; k < d; k++) mean[k] += points[rows[n] * d + k] / rows.length;
  }
  return mean;
}

/** Five years apart; before and after them counts as the outermost. */
export const YEAR_KNOTS: readonly number[] = Array.from({ length: 22 }, (_, knot) => 1920 + 5 * knot);

/** A sparse feature vector: `weights[n]` in column `columns[n]`. */
export interface SparseFeatures {
  readonly columns: readonly number[];
  readonly weights: readonly number[];
}

/** Columns: the genres, the years' knots, and one for "year unknown". */
export function featureCount(genres: number): number {
  return genres + YEAR_KNOTS.length + 1;
}

/** @param genres indices of genre names, each once @param year 0 where unknown */
export function encodeFeatures(
  genres: readonly number[],
  year: number,
  genreCount: number,
): SparseFeatures {
  const columns = [...genres];
  const weights = genres.map(() => 1 / Math.sqrt(genres.length));
  const last = YEAR_KNOTS.length - 1;
  if (year === 0) {
    columns.push(genreCount + last + 1);
    weights.push(1);
  } else {
    const place = Math.max(0, Math.min(last, (year - YEAR_KNOTS[0]) / 5));
    const left = Math.min(Math.floor(place), last - 1);
    columns.push(genreCount + left, genreCount + left + 1);
    weights.push(left + 1 - place, place - left);
  }
  return { columns, weights };
}

export interface ItemFeatureVectors {
  /** F: columns for genres and years */
  readonly featureCount: number;
  /** [I] */
  readonly sparse: readonly SparseFeatures[];
  /** [I] dense indices of the tags that people put on the item, one for each application */
  readonly tags: readonly Int32Array[];
}

export function buildFeatureVectors({
  interactions,
  itemFeatures,
  taggings,
}: TrainingData): ItemFeatureVectors {
  const { genreNames, genreOffsets, genreIndex, year } = itemFeatures;
  const tags: number[][] = Array.from({ length: interactions.items.size }, () => []);
  taggings.itemIndex.forEach((item, row) => {
    tags[item].push(taggings.tagIndex[row]);
  });
  return {
    featureCount: featureCount(genreNames.length),
    sparse: tags.map((_, item) => {
      const genres = genreIndex.subarray(genreOffsets[item], genreOffsets[item + 1]);
      return encodeFeatures(Array.from(genres), year[item], genreNames.length);
    }),
    tags: tags.map((list) => Int32Array.from(list)),
  };
}

function rectified(units: Float64Array): Float64Array {
  return units.map((unit) => Math.max(0, unit));
}

/** out += x W.  @param out [m] @param x [n] @param matrix [n, m], row-major @returns out */
function addProduct<Out extends Numbers>(out: Out, x: Numbers, matrix: Float32Array): Out {
  const m = out.length;
  for (let i = 0; i < x.length; i++) {
    const factor = x[i];
    if (factor === 0) continue;
    for (let k = 0, at = i * m; k < m; k++, at++) out[k] += factor * matrix[at];
  }
  return out;
}

/** The user tower in plain TypeScript: a history and the points of its items in, the user's point
 *  out, in microseconds.
 *
 *    f = [mean_1 … mean_P, x_0 … x_(M−1)],    x_j = w(r_j) h_j,    mean_p = Σ_j γ_p^j x_j / (Σ_j γ_p^j)^(1−e)
 *    q = b + Σ_demographics + Σ_p g_p ⊙ mean_p + Σ_j (a_j ⊙ x_j + A_j x_j) + W₄ relu(W₃ f + b₃)
 *
 *  j counts from the newest rating, 0, into the past. Pool p is the mean of the last `window`
 *  history points h_j (γ = 1) or a mean that decays exponentially (γ < 1), g_p its gate [d], w(r)
 *  the learned weight of a rating of r stars. The newest ratings have besides a gate a_j and a
 *  matrix A_j for their place. Each part but the pools may be absent. Training holds its tensor
 *  twin to this file by a test. */
import { groupsOf } from '../../interactions/demographic-prior';
import type { Demographics, UserHistory } from '../../interactions/interaction-log';

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
  /** [M · d, d] rows j · d … are the matrix of place j, transposed: it adds h_j · A_j */
  readonly transitions: Float32Array;
  /** [RATING_LEVELS] */
  readonly levelWeights: Float32Array;
  /** [d] */
  readonly bias: Float32Array;
  /** What is added for a gender, an age group, an occupation; rows of `demographicPoints`, by
   *  `demographicKeys`. */
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

/** @returns the names under which the known facts are learned: `gender:F`, `age:25` (of an age, its
 *    group), `occupation:artist` */
export function demographicKeys(demographics: Demographics | undefined): string[] {
  return groupsOf(demographics);
}

/** @param rows by `demographicKeys`; of models that were stored when every age was a key of its
 *    own, by these
 *  @returns the rows that are there for somebody */
export function demographicRowsOf(
  rows: ReadonlyMap<string, number>,
  demographics: Demographics | undefined,
): number[] {
  return demographicKeys(demographics)
    .map((key) =>
      key.startsWith('age:') ? (rows.get(`age:${demographics?.age}`) ?? rows.get(key)) : rows.get(key),
    )
    .filter((row) => row !== undefined);
}

/** The part of a user's point that does not come from what they rated. @returns [d] */
export function userOffset(tower: UserTower, demographics: Demographics | undefined): Float32Array {
  const { embeddingSize: d, demographicRows, demographicPoints } = tower;
  const offset = tower.bias.slice();
  for (const row of demographicRowsOf(demographicRows, demographics)) {
    for (let k = 0; k < d; k++) offset[k] += demographicPoints[row * d + k];
  }
  return offset;
}

/** @param historyPoints [I, d] @returns [d] */
export function computeUserPoint(
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

/** The first half of `computeUserPoint`: all but the products with matrices, which many users may
 *  share.
 *  @param historyPoints [I, d] @param history may be empty */
export function readHistory(
  tower: UserTower,
  historyPoints: Float32Array,
  history: UserHistory,
): ReadHistory {
  const values = historyValues(tower, historyPoints, history);
  const features = userFeatures(tower, values);
  return { features, gated: gatedSum(tower, features, values, history.demographics) };
}

/** The last steps of `computeUserPoint`. @param features [(P + M) · d] f @param newest [n, d] x,
 *  oldest first; the places of `placeGates` do
 *  @returns [d] */
export function pointOfFeatures(
  tower: UserTower,
  features: Float64Array,
  newest: Float64Array,
  demographics: Demographics | undefined,
): Float32Array {
  return addProducts(tower, features, gatedSum(tower, features, newest, demographics));
}

function gatedSum(
  tower: UserTower,
  features: Float64Array,
  newest: Float64Array,
  demographics: Demographics | undefined,
): Float32Array {
  const { embeddingSize: d, gates, placeGates } = tower;
  const point = userOffset(tower, demographics);
  for (let at = 0; at < gates.length; at++) point[at % d] += gates[at] * features[at];
  for (let gate = 0, x = newest.length - d; gate < placeGates.length && x >= 0; gate += d, x -= d) {
    for (let k = 0; k < d; k++) point[k] += placeGates[gate + k] * newest[x + k];
  }
  return point;
}

/** @param point [d], changed in place @returns point + Σ_j A_j x_j + W₄ relu(W₃ f + b₃) */
function addProducts(tower: UserTower, features: Float64Array, point: Float32Array): Float32Array {
  addProduct(point, features.subarray(tower.gates.length), tower.transitions);
  return addPerceptron(tower, features, point);
}

/** Where someone without a history is put. @returns [d] */
export function emptyUserPoint(tower: UserTower, demographics: Demographics | undefined): Float32Array {
  const features = new Float64Array(tower.gates.length + tower.transitions.length / tower.embeddingSize);
  return addPerceptron(tower, features, userOffset(tower, demographics));
}

/** @returns [h, d] x, oldest first, of the last `window` ratings */
export function historyValues(
  { embeddingSize: d, levelWeights, window }: UserTower,
  points: Float32Array,
  history: UserHistory,
): Float64Array {
  const { items } = history;
  const from = Math.max(0, items.length - window);
  const values = new Float64Array((items.length - from) * d);
  for (let j = from, at = 0; j < items.length; j++) {
    const weight = levelWeights[ratingLevel(history.values[j])];
    for (let k = 0, point = items[j] * d; k < d; k++, at++, point++) values[at] = weight * points[point];
  }
  return values;
}

/** @param values [h, d] x, oldest first @returns [(P + M) · d] f */
function userFeatures(
  { embeddingSize: d, decays, growth, gates, transitions }: UserTower,
  values: Float64Array,
): Float64Array {
  const features = new Float64Array(gates.length + transitions.length / d);
  for (let p = 0; p < decays.length; p++) {
    const pool = features.subarray(p * d, (p + 1) * d);
    const decay = decays[p];
    let total = 0;
    for (let from = 0; from < values.length; from += d) {
      total = decay * total + 1;
      for (let k = 0; k < d; k++) pool[k] = decay * pool[k] + values[from + k];
    }
    const share = Math.max(1, total) ** (growth - 1);
    for (let k = 0; k < d; k++) pool[k] *= share;
  }
  for (
    let from = values.length - d, to = gates.length;
    from >= 0 && to < features.length;
    from -= d, to += d
  ) {
    features.set(values.subarray(from, from + d), to);
  }
  return features;
}

/** The perceptron of the paper's user tower. @param point [d], changed in place @returns point + W₄
 *  relu(W₃ f + b₃) */
function addPerceptron(tower: UserTower, features: Float64Array, point: Float32Array): Float32Array {
  const { hiddenWeights, hiddenBias, outputWeights } = tower;
  if (hiddenBias.length === 0) return point;
  const hidden = Float64Array.from(hiddenBias);
  addProduct(hidden, features, hiddenWeights);
  addProduct(
    point,
    hidden.map((unit) => Math.max(0, unit)),
    outputWeights,
  );
  return point;
}

/** out += x W.  @param out [m] @param x [n] @param matrix [n, m], row-major */
function addProduct(out: Float32Array | Float64Array, x: Float64Array, matrix: Float32Array): void {
  const m = out.length;
  for (let i = 0; i < x.length; i++) {
    const factor = x[i];
    if (factor === 0) continue;
    for (let k = 0, at = i * m; k < m; k++, at++) out[k] += factor * matrix[at];
  }
}

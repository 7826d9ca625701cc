/** The user tower in plain TypeScript: a history and the points of its items in, the user's point out, in microseconds.
 *
 *    x = b + Σ_demographics + Σ_j c_j ⊙ v_j,    c_j = w(r_j) · Σ_p g_p · γ_p^(h−1−j) / Σ_i γ_p^i
 *    q = x + W₄ relu(W₃ x + b₃)                 or q = x, where the tower has no hidden units
 *
 *  Pool p is the mean of the last `window` item points v_j (γ = 1) or a mean decaying exponentially into the past (γ < 1);
 *  g_p is its gate [d], w(r) the learned weight of a rating of r stars. x is linear in the item points,
 *  so what each rated movie adds to it is known exactly, and where the user would be without it. Training holds its tensor twin to this file by a test. */
import type { Demographics, UserHistory } from '../interactions/interaction-log';

/** Half stars 0.5 to 5 are levels 1 to 10; level 0 is a rating of unknown value. */
export const RATING_LEVELS = 11;

export interface UserTower {
  readonly embeddingSize: number;
  /** Only the last `window` interactions of a history count. */
  readonly window: number;
  /** [P] γ_p in (0, 1]; 1 is the plain mean */
  readonly decays: Float32Array;
  /** [P, d] */
  readonly gates: Float32Array;
  /** [RATING_LEVELS] */
  readonly levelWeights: Float32Array;
  /** [d] */
  readonly bias: Float32Array;
  /** What is added for a gender, an age group, an occupation; rows of `demographicPoints`, by `demographicKeys`. */
  readonly demographicRows: ReadonlyMap<string, number>;
  /** [D, d] */
  readonly demographicPoints: Float32Array;
  /** [d, hidden], [hidden], [hidden, d]; empty without hidden units */
  readonly hiddenWeights: Float32Array;
  readonly hiddenBias: Float32Array;
  readonly outputWeights: Float32Array;
}

/** @param stars 0.5 to 5, or 0 where unknown @returns 0 .. RATING_LEVELS − 1 */
export function ratingLevel(stars: number): number {
  return Math.max(0, Math.min(RATING_LEVELS - 1, Math.round(stars * 2)));
}

/** @returns the names under which the known facts are looked up: `gender:F`, `age:25`, `occupation:artist` */
export function demographicKeys(demographics: Demographics | undefined): string[] {
  if (demographics === undefined) return [];
  return Object.entries({ gender: demographics.gender, age: demographics.age, occupation: demographics.occupation })
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}:${value}`);
}

/** The weight of each pool for each interaction, γ_p^(h−1−j) / Σ_i γ_p^i · w(r_j).
 *  @param levels [h] rating levels of the last h interactions, oldest first
 *  @returns [h, P] */
export function poolWeights(tower: UserTower, levels: Uint8Array): Float64Array {
  const { decays, levelWeights } = tower;
  const pools = decays.length;
  const weights = new Float64Array(levels.length * pools);
  for (let p = 0; p < pools; p++) {
    let weight = 1;
    let total = 0;
    for (let j = levels.length - 1; j >= 0; j--) {
      weights[j * pools + p] = weight;
      total += weight;
      weight *= decays[p];
    }
    for (let j = 0; j < levels.length; j++) weights[j * pools + p] *= levelWeights[levels[j]] / total;
  }
  return weights;
}

/** What each of the last h = min(window, history) interactions adds to the user's point.
 *  @param itemPoints [I, d]
 *  @returns `items` [h], and `contributions` [h, d]; with `userOffset` they add up to what `bend` makes the user's point of */
export function historyContributions(
  tower: UserTower,
  itemPoints: Float32Array,
  history: UserHistory,
): { readonly items: Int32Array; readonly contributions: Float32Array } {
  const { embeddingSize: d, gates } = tower;
  const { items, weights, pools } = recentWeights(tower, history);
  const contributions = new Float32Array(items.length * d);
  for (let j = 0; j < items.length; j++) {
    for (let k = 0; k < d; k++) {
      let coefficient = 0;
      for (let p = 0; p < pools; p++) coefficient += weights[j * pools + p] * gates[p * d + k];
      contributions[j * d + k] = coefficient * itemPoints[items[j] * d + k];
    }
  }
  return { items, contributions };
}

/** The part of a user's point that does not come from what they rated. @returns [d] */
export function userOffset(tower: UserTower, demographics: Demographics | undefined): Float32Array {
  const { embeddingSize: d, demographicRows, demographicPoints } = tower;
  const offset = tower.bias.slice();
  for (const key of demographicKeys(demographics)) {
    const row = demographicRows.get(key);
    if (row === undefined) continue;
    for (let k = 0; k < d; k++) offset[k] += demographicPoints[row * d + k];
  }
  return offset;
}

/** @param itemPoints [I, d] @returns [d] */
export function computeUserPoint(tower: UserTower, itemPoints: Float32Array, history: UserHistory): Float32Array {
  const { embeddingSize: d, gates } = tower;
  const { items, weights, pools } = recentWeights(tower, history);
  const point = userOffset(tower, history.demographics);
  const pooled = new Float64Array(d);
  for (let p = 0; p < pools; p++) {
    pooled.fill(0);
    for (let j = 0; j < items.length; j++) {
      const weight = weights[j * pools + p];
      for (let k = 0, at = items[j] * d; k < d; k++, at++) pooled[k] += weight * itemPoints[at];
    }
    for (let k = 0; k < d; k++) point[k] += gates[p * d + k] * pooled[k];
  }
  return bend(tower, point);
}

/** Where someone without a history is put. @returns [d] */
export function emptyUserPoint(tower: UserTower, demographics: Demographics | undefined): Float32Array {
  return bend(tower, userOffset(tower, demographics));
}

/** The multi-layer perceptron on top of the pools. @param x [d], changed in place @returns x + W₄ relu(W₃ x + b₃) */
export function bend(tower: UserTower, x: Float32Array): Float32Array {
  const { embeddingSize: d, hiddenWeights, hiddenBias, outputWeights } = tower;
  const size = hiddenBias.length;
  if (size === 0) return x;
  const hidden = Float64Array.from(hiddenBias);
  for (let k = 0; k < d; k++) for (let n = 0; n < size; n++) hidden[n] += x[k] * hiddenWeights[k * size + n];
  for (let n = 0; n < size; n++) {
    if (hidden[n] <= 0) continue;
    for (let k = 0; k < d; k++) x[k] += hidden[n] * outputWeights[n * d + k];
  }
  return x;
}

function recentWeights(tower: UserTower, history: UserHistory): { items: Int32Array; weights: Float64Array; pools: number } {
  const from = Math.max(0, history.items.length - tower.window);
  const items = history.items.subarray(from);
  const levels = Uint8Array.from(history.values.subarray(from), ratingLevel);
  return { items, weights: poolWeights(tower, levels), pools: tower.decays.length };
}

/** The two towers in tensors, for training. Serving computes the same in plain TypeScript
 *  (`space/user-tower.ts`, `space/feature-tower.ts`); a test holds the two together.
 *
 *  Item tower:  v_i = e_i + W₂ relu(W₁ [genres, year, mean of the points of its tags] + b₁) + b₂
 *  User tower:  q = b + Σ_demographics + Σ_p g_p ⊙ pool_p + Σ_j (a_j ⊙ x_j + A_j x_j) + W₄ relu(W₃
 *  f + b₃),
 *               f = [pool_1 … pool_P, x_0 … x_(M−1)],  x_j = w(r_j) (v_j + o_j)
 *  (Luo et al., section III: h_u, h_v). a_j and A_j belong to the place of a rating, counted from
 *  the newest. */
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { product, tf } from '../../tensor';
import { type Dislikes, dislikedLevels } from './dislikes';
import { finalPools, historyPools } from './history-pools';
import { historyValues, type PackedHistories } from './history-values';
import { meanRows } from './mean-rows';
import type { ParameterName } from './parameters';
import { gatedPlaces, placesSideBySide } from './recent-places';

/** The rows of each table that a step works on; a table that it does not touch is absent. */
export type ParameterTensors = Partial<Record<ParameterName, Tensor2D>>;

export interface ItemInput {
  /** [R, F] */
  readonly features: Tensor2D;
  /** [R] rows of the `tags` tensor; an empty list has no tag part */
  readonly tags: readonly ArrayLike<number>[];
  /** [R, 1] 0 hides an item's identity, so that its features must do */
  readonly identityMask: Tensor2D;
}

/** @returns [R, d] */
export function itemTower(parameters: ParameterTensors, input: ItemInput): Tensor2D {
  const { items, tags, hiddenWeights, hiddenBias, outputWeights, outputBias } = need(parameters);
  const d = items.shape[1];
  const tagMeans =
    parameters.tags === undefined ? (tf.zeros([items.shape[0], d]) as Tensor2D) : meanRows(tags, input.tags);
  const x = tf.concat([input.features, tagMeans], 1) as Tensor2D; // [R, F + d]
  const hidden = tf.relu(tf.add(product(x, hiddenWeights), hiddenBias)) as Tensor2D; // [R, hidden]
  const fromFeatures = tf.add(product(hidden, outputWeights), outputBias); // [R, d]
  return tf.add(tf.mul(items, input.identityMask), fromFeatures) as Tensor2D;
}

export interface UserInput {
  readonly histories: PackedHistories;
  /** [S] rows of the `demographics` tensor; null where nobody's are known */
  readonly demographics: readonly ArrayLike<number>[] | null;
  /** Whether only the end of each history is asked for (Q = S), and not every position (Q = N) */
  readonly endsOnly?: boolean | undefined;
  /** e: pools are means with 0, sums with 1 */
  readonly growth?: number | undefined;
  /** [Q, (P + M) · d] dropout of f, what the perceptron reads: 0 or 1 / (1 − rate); nothing is
   *  hidden without it */
  readonly featureMask?: Float32Array | null | undefined;
  /** What ratings are set to weigh instead of what is learned; null: all are learned */
  readonly dislikes?: Dislikes | null | undefined;
}

/** Where movies lie as part of a history: where they are recommended from, and a learned offset.
 *  @param points [R, d] item points
 *  @param rows   [H] of `points`; `parameters.historyOffsets` has these rows, where it is there
 *  @returns [H, d] */
export function historyPoints(
  { historyOffsets }: ParameterTensors,
  points: Tensor2D,
  rows: Int32Array,
): Tensor2D {
  const known = tf.gather(points, tf.tensor1d(rows, 'int32')) as Tensor2D;
  return historyOffsets === undefined ? known : tf.add(known, historyOffsets);
}

/** @param points [H, d] history points, to which the histories' rows refer
 *  @returns [Q, d] the user's point after each of these positions of the histories */
export function userTower(
  parameters: ParameterTensors,
  points: Tensor2D,
  { histories, demographics, endsOnly, growth, dislikes, featureMask }: UserInput,
): Tensor2D {
  const { levelWeights, gates, userBias } = need(parameters);
  const { placeGates, transitions } = parameters;
  const { offsets } = histories;
  const d = points.shape[1];
  const x = historyValues(points, pushing(levelWeights, dislikes), histories); // [N, d]
  const ends = endsOnly
    ? tf.tensor1d(
        offsets.subarray(1).map((end) => end - 1),
        'int32',
      )
    : null;
  const at = (values: Tensor): Tensor2D => (ends === null ? values : tf.gather(values, ends)) as Tensor2D;
  const pools = (endsOnly ? finalPools : historyPools)(x, learnedDecays(parameters), offsets, growth);
  const features = [...tf.unstack(pools)] as Tensor2D[]; // P times [Q, d]; a copy, since the tape keeps its own
  let query: Tensor = userBias;
  features.forEach((pool, p) => {
    query = tf.add(query, tf.mul(pool, tf.slice(gates, [p, 0], [1, d])));
  });
  if (placeGates !== undefined) query = tf.add(query, at(gatedPlaces(x, placeGates, offsets)));
  if (transitions !== undefined) {
    const newest = at(placesSideBySide(x, transitions.shape[0] / d, offsets)); // [Q, M · d]
    query = tf.add(query, product(newest, transitions));
    features.push(newest);
  }
  if (parameters.userHiddenWeights !== undefined) {
    const { userHiddenWeights, userHiddenBias, userOutputWeights } = need(parameters);
    const all = tf.concat(features, 1) as Tensor2D;
    const shown = featureMask ? (tf.mul(all, tf.tensor2d(featureMask, all.shape)) as Tensor2D) : all;
    const hidden = tf.relu(tf.add(product(shown, userHiddenWeights), userHiddenBias)) as Tensor2D;
    query = tf.add(query, product(hidden, userOutputWeights));
  }
  if (demographics === null) return query as Tensor2D;
  const counts = tf.tensor2d(
    Float32Array.from(demographics, (rows) => rows.length),
    [demographics.length, 1],
  );
  const sums = tf.mul(meanRows(need(parameters).demographics, demographics), counts); // [S, d]
  return tf.add(query, at(tf.gather(sums, historyOfPosition(offsets, x.shape[0]))));
}

/** Set weights learn nothing. */
function pushing(levelWeights: Tensor2D, dislikes: Dislikes | null | undefined): Tensor2D {
  if (!dislikes) return levelWeights;
  const disliked = tf.tensor2d(dislikedLevels(dislikes), levelWeights.shape); // [L, 1]
  return tf.sub(tf.mul(levelWeights, tf.sub(1, disliked)), tf.mul(disliked, dislikes.weight)) as Tensor2D;
}

/** @returns [P, 1]: 1 for the long-run mean, then the learned ones */
export function learnedDecays(parameters: ParameterTensors): Tensor2D {
  return tf.concat([tf.ones([1, 1]), tf.sigmoid(need(parameters).decayLogits)]) as Tensor2D;
}

/** @param user [M, d] @param item [M, d] @param withUser [M, 1] @param withItem [M, 1] at least one
 *    of the two is 1
 *  @returns [M, d] the point near which the tags should lie: a mix of both by a gate, or the one
 *    alone */
export function tagQuery(
  parameters: ParameterTensors,
  {
    user,
    item,
    withUser,
    withItem,
  }: { user: Tensor2D; item: Tensor2D; withUser: Tensor2D; withItem: Tensor2D },
): Tensor2D {
  const gate = tf.sigmoid(need(parameters).tagGateLogits); // [1, d]
  const both = tf.mul(withUser, withItem);
  const share = tf.add(tf.mul(both, gate), tf.sub(withUser, both)); // [M, d]
  return tf.add(tf.mul(share, user), tf.mul(tf.sub(1, share), item)) as Tensor2D;
}

function historyOfPosition(offsets: Int32Array, n: number): Tensor1D {
  const owner = new Int32Array(n);
  for (let s = 0; s + 1 < offsets.length; s++) owner.fill(s, offsets[s], offsets[s + 1]);
  return tf.tensor1d(owner, 'int32');
}

/** Parameters that the caller knows to be there. */
function need(parameters: ParameterTensors): Record<ParameterName, Tensor2D> {
  return parameters as Record<ParameterName, Tensor2D>;
}

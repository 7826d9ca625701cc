/** Triplet loss with a hinge: the positive should be nearer than every negative by a margin.
 *
 *  L = mean over (row i, negative j) of max(0, d(q_i, p_i) − d(q_i, x_j) + margin) (Weinberger &
 *  Saul 2009; with squared distances Hsieh et al., WWW 2017, eq. 3; with `hardest: 1` and true
 *  distances the triplet loss of Luo et al.). The mean is weighted: Σ w_i h_ij / Σ w_i over the
 *  pairs that count. One custom gradient; comparisons and selections are arithmetic on 0/1
 *  matrices, because on wasm `where` takes 84 ms, `greater` 6 and `step` 0.3 at 1300 × 1024. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { withGradient } from './custom-gradient';
import { distancesForward, pullBack } from './squared-distances';
import { tf } from './tf';

/** Added to d² under the root: coincident points get the distance 1e-3 and a gradient of 0. Smaller
 *  values would let float32's rounding of d² (1e-7) through the steep end of the root. */
const EPSILON = 1e-6;
const FAR = 1e9;

export interface TripletHingeInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [n, d], row i belongs to query i */
  positives: Tensor2D;
  /** [m, d], shared by the batch */
  negatives: Tensor2D;
  /** ≥ 0, in the unit of the distance: squared when `squared` */
  margin: number;
  /** distance² (true) or Euclidean distance (false, the default) */
  squared?: boolean | undefined;
  /** only this many nearest negatives of each row count (and those exactly as far as the last); all
   *  when absent */
  hardest?: number | undefined;
  /** [n, m], float32, 1 where the negative is really an interaction of that row's user: it is left
   *  out */
  mask?: Tensor2D | undefined;
  /** [n], ≥ 0; 1 each when absent */
  rowWeights?: Tensor1D | undefined;
}

/** @returns scalar ≥ 0, in the unit of the distance; 0 when no pair counts.
 *  Differentiable once in queries, positives and negatives; mask and weights are constants.
 *  @throws RangeError when `hardest` is not a whole number above 0 */
export function tripletHingeLoss(input: TripletHingeInput): Scalar {
  const { queries, positives, negatives, margin, hardest, squared = false } = input;
  if (hardest !== undefined && !(Number.isInteger(hardest) && hardest > 0))
    throw new RangeError(`hardest is ${hardest}; it must be a whole number above 0`);
  return withGradient([queries, positives, negatives], (q, p, x) => {
    const length = (d2: Tensor2D) => (squared ? d2 : (tf.sqrt(tf.add(d2, EPSILON)) as Tensor2D));
    const offset = tf.sub(q, p);
    const near = length(tf.sum(tf.square(offset), 1, true)); // [n, 1]
    const far = length(distancesForward(q, x)); // [n, m]
    const pairs = weightedPairs(far, input); // [n, m], adds up to 1
    const violation = tf.add(tf.sub(near, far), margin); // [n, m]
    const active = tf.mul(tf.step(violation), pairs); // [n, m], ∂L/∂near per pair
    const value = tf.sum(tf.mul(active, violation)) as Scalar;
    const saved = [q, x, offset, near, far, active];
    return {
      value,
      saved,
      gradient: (dy: Scalar, kept: Tensor[]) => gradients(dy, kept as Tensor2D[], squared),
    };
  });
}

function gradients(dy: Scalar, saved: Tensor2D[], squared: boolean): Tensor[] {
  const [q, x, offset, near, far, active] = saved;
  const weight = tf.mul(active, dy) as Tensor2D;
  const perRow = tf.sum(weight, 1, true); // [n, 1]
  // from the distance to its square: ∂d/∂d² = 1 / 2d
  const forNear = squared ? perRow : tf.div(perRow, tf.mul(near, 2)); // [n, 1]
  const forFar = (squared ? tf.neg(weight) : tf.div(weight, tf.mul(far, -2))) as Tensor2D; // [n, m]
  const [forQ, forNegatives] = pullBack(q, x, forFar);
  const forOffset = tf.mul(tf.mul(offset, 2), forNear); // [n, d]
  return [tf.add(forQ, forOffset), tf.neg(forOffset), forNegatives];
}

/** The weight of every pair in the mean: w_i / Σ w over the pairs that count, 0 for the others.
 *  far: [n, m] → [n, m] */
function weightedPairs(far: Tensor2D, { hardest, mask, rowWeights }: TripletHingeInput): Tensor {
  const [n, m] = far.shape;
  let pairs: Tensor | undefined = mask && tf.sub(1, mask);
  if (hardest !== undefined && hardest < m) {
    const reachable = mask ? tf.add(far, tf.mul(mask, FAR)) : far;
    const { values } = tf.topk(tf.neg(reachable), hardest); // nearest first
    const last = tf.neg(tf.slice(values, [0, hardest - 1], [n, 1])); // [n, 1]
    const chosen = tf.sub(1, tf.step(tf.sub(reachable, last))); // 1 where not farther than the last
    pairs = pairs ? tf.mul(pairs, chosen) : chosen;
  }
  const weights = rowWeights ? tf.reshape(rowWeights, [n, 1]) : tf.ones([n, 1]);
  const weighted = pairs ? tf.mul(pairs, weights) : tf.mul(tf.ones([1, m]), weights);
  return tf.div(weighted, tf.add(tf.sum(weighted), 1e-30));
}

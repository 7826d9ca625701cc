/** Softmax over distances: each query should be nearer to its positive than to a shared set of
 *  negatives.
 *
 *  Per row i, with logit z = −d²:
 *    L_i = −z_i⁺ + log( exp z_i⁺ + Σ_j exp(z_ij − h_ij) )
 *  and the loss is Σ_i w_i L_i / Σ_i w_i. The handicap h is the sampling correction of Bengio &
 *  Senécal 2008, as in TensorFlow's sampled_softmax_loss, log of the expected number of times j is
 *  in the sample, and without end where j is left out. With no correction and the whole catalogue
 *  as negatives (the positive's own column left out) this is the full softmax.
 *
 *  One custom gradient. L_i = softplus(ℓ_i − z_i⁺) with ℓ_i = logsumexp_j, so the positive never
 *  joins the matrix (concat and slice cost 5.5 ms on wasm at 1300 × 1024), and logsumexp comes from
 *  softmax (1.4 ms) as max z − log max p, where tf.logSumExp takes 12 and its gradient 17. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { withGradient } from './custom-gradient';
import { distancesForward, pullBack } from './squared-distances';
import { tf } from './tf';

/** Far above any squared distance, far from float32's end (3e38). */
const NEVER = 1e9;

export interface SoftmaxDistanceInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [n, d], row i belongs to query i */
  positives: Tensor2D;
  /** [m, d], shared by the batch */
  negatives: Tensor2D;
  /** [n, m] of `handicaps`; none when absent */
  handicaps?: Tensor2D | undefined;
  /** [n], ≥ 0; 1 each when absent */
  rowWeights?: Tensor1D | undefined;
}

/** What is added to the squared distances of negatives, made once for all losses over the same
 *  batch.
 *  @param mask [n, m], float32, 1 where the negative is really an interaction of that row's user:
 *    it is left out
 *  @param logQ [m]
 *  @returns [n, m], in nats, as the squared distances are here */
export function handicaps(mask: Tensor2D, logQ?: Tensor1D): Tensor2D {
  const leftOut = tf.mul(mask, NEVER) as Tensor2D;
  return logQ ? tf.add(leftOut, tf.reshape(logQ, [1, -1])) : leftOut;
}

/** @returns scalar, in nats. A row whose negatives are all left out contributes 0; all-zero weights
 *    give 0. Differentiable once in queries, positives and negatives; handicaps and weights are
 *    constants. */
export function softmaxDistanceLoss(input: SoftmaxDistanceInput): Scalar {
  const { queries, positives, negatives } = input;
  return withGradient([queries, positives, negatives], (q: Tensor2D, p: Tensor2D, x: Tensor2D) => {
    const distances = distancesForward(q, x); // [n, m]
    const logits = tf.neg(input.handicaps ? tf.add(distances, input.handicaps) : distances); // [n, m]
    const probabilities = tf.softmax(logits); // among the negatives only
    const logSum = tf.sub(tf.max(logits, 1, true), tf.log(tf.max(probabilities, 1, true))); // ℓ: [n, 1]
    const offset = tf.sub(q, p);
    const gap = tf.add(logSum, tf.sum(tf.square(offset), 1, true)); // ℓ − z⁺: [n, 1]
    const weights = normalised(input.rowWeights, q.shape[0]); // [n, 1]
    const value = tf.sum(tf.mul(weights, softplus(gap))) as Scalar;
    const pull = tf.mul(weights, tf.sigmoid(gap)); // ∂L/∂d⁺²: [n, 1]
    return { value, saved: [q, x, probabilities, offset, pull] as Tensor2D[], gradient: gradients };
  });
}

function gradients(dy: Scalar, [q, x, probabilities, offset, pull]: Tensor2D[]): Tensor[] {
  const weight = tf.mul(dy, pull); // [n, 1]
  const [forQ, forNegatives] = pullBack(q, x, tf.mul(tf.neg(weight), probabilities) as Tensor2D);
  const forOffset = tf.mul(tf.mul(offset, 2), weight); // [n, d]
  return [tf.add(forQ, forOffset), tf.neg(forOffset), forNegatives];
}

/** Row weights that add up to 1, as a column [n, 1]; all zero stays zero. */
function normalised(rowWeights: Tensor1D | undefined, n: number): Tensor2D {
  if (!rowWeights) return tf.fill([n, 1], 1 / n);
  const total = tf.add(tf.sum(rowWeights), 1e-30);
  return tf.reshape(tf.div(rowWeights, total), [n, 1]);
}

/** log(1 + eˣ) without overflow: relu(x) + log(1 + e^−|x|). */
function softplus(x: Tensor): Tensor {
  return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
}

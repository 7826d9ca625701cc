/** Softmax over distances: each query should be nearer to its positive than to a shared set of negatives.
 *
 *  Per row i, with logit z = −s·d² (s > 0):
 *    L_i = −z_i⁺ + log( exp z_i⁺ + Σ_j exp(z_ij − logQ_j) )
 *  and the loss is Σ_i w_i L_i / Σ_i w_i. logQ is the sampling correction of Bengio & Senécal 2008, as in TensorFlow's
 *  sampled_softmax_loss: logQ_j = log of the expected number of times j is in the sample. Without it and with
 *  the whole catalogue as negatives (the positive's own column masked) this is the full softmax.
 *
 *  One custom gradient. L_i = softplus(ℓ_i − z_i⁺) with ℓ_i = logsumexp_j, so the positive never joins the
 *  matrix (concat and slice cost 5.5 ms on wasm at 1300 × 1024), and logsumexp comes from softmax
 *  (1.4 ms) as max z − log max p, where tf.logSumExp takes 12 and its gradient 17. */
import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { withGradient } from './custom-gradient';
import { distancesForward, pullBack } from './squared-distances';
import { tf } from './tf';

/** Far below any logit, far from float32's end (3e38). */
const NEVER = 1e9;

export interface SoftmaxDistanceInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [n, d], row i belongs to query i */
  positives: Tensor2D;
  /** [m, d], shared by the batch */
  negatives: Tensor2D;
  /** s > 0, in 1 / squared distance; a tensor is differentiated, a number is not (and saves 1.3 ms) */
  scale: Scalar | number;
  /** [n, m], float32, 1 where the negative is really an interaction of that row's user: it is left out */
  mask?: Tensor2D | undefined;
  /** [m] */
  logQ?: Tensor1D | undefined;
  /** [n], ≥ 0; 1 each when absent */
  rowWeights?: Tensor1D | undefined;
}

/** @returns scalar, in nats. A row whose negatives are all masked contributes 0; all-zero weights give 0.
 *  Differentiable once in queries, positives, negatives and a tensor scale; mask, logQ and weights are constants. */
export function softmaxDistanceLoss(input: SoftmaxDistanceInput): Scalar {
  const { queries, positives, negatives, scale } = input;
  const n = queries.shape[0];
  const trained: Scalar[] = typeof scale === 'number' ? [] : [scale];
  return withGradient([queries, positives, negatives, ...trained], (q: Tensor2D, p: Tensor2D, x: Tensor2D, ...given: Scalar[]) => {
    const s = given[0] ?? tf.scalar(scale as number);
    const distances = distancesForward(q, x); // [n, m]
    let logits = tf.mul(distances, tf.neg(s)); // [n, m]
    if (input.logQ) logits = tf.sub(logits, tf.reshape(input.logQ, [1, -1]));
    if (input.mask) logits = tf.sub(logits, tf.mul(input.mask, NEVER));
    const probabilities = tf.softmax(logits); // among the negatives only
    const logSum = tf.sub(tf.max(logits, 1, true), tf.log(tf.max(probabilities, 1, true))); // ℓ: [n, 1]
    const offset = tf.sub(q, p);
    const near = tf.sum(tf.square(offset), 1, true); // d⁺²: [n, 1]
    const gap = tf.add(logSum, tf.mul(near, s)); // ℓ − z⁺: [n, 1]
    const weights = normalised(input.rowWeights, n); // [n, 1]
    const value = tf.sum(tf.mul(weights, softplus(gap))) as Scalar;
    const pull = tf.mul(weights, tf.sigmoid(gap)); // −∂L/∂z⁺: [n, 1]
    const saved = [q, x, s, distances, probabilities, offset, near, pull];
    return { value, saved, gradient: (dy: Scalar, kept: Tensor[]) => gradients(dy, kept as Tensor2D[], given.length > 0) };
  });
}

function gradients(dy: Scalar, saved: Tensor2D[], trained: boolean): Tensor[] {
  const [q, x, s, distances, probabilities, offset, near, pull] = saved;
  const weight = tf.mul(dy, pull); // [n, 1]
  const forLogits = tf.mul(weight, probabilities) as Tensor2D; // ∂L/∂z: [n, m]
  const [forQ, forNegatives] = pullBack(q, x, tf.mul(forLogits, tf.neg(s)) as Tensor2D);
  const forOffset = tf.mul(tf.mul(offset, 2), tf.mul(weight, s)); // [n, d]
  const result: Tensor[] = [tf.add(forQ, forOffset), tf.neg(forOffset), forNegatives];
  if (trained) result.push(tf.reshape(tf.sub(tf.sum(tf.mul(weight, near)), tf.sum(tf.mul(forLogits, distances))), []));
  return result;
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

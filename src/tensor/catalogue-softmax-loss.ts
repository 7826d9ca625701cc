/** Cross-entropy over the whole catalogue, for queries with several right answers at once.
 *
 *    L = −Σ_b Σ_i w_bi log softmax_i(−d²_bi),    the softmax running over what b does not know already
 *
 *  w holds the shares of the right answers, or a teacher's distribution, or both (Hinton et al.
 *  2015); the multinomial likelihood of Liang et al. (WWW 2018) with distances in place of inner
 *  products. */
import type { Scalar, Tensor2D } from '@tensorflow/tfjs';
import { withGradient } from './custom-gradient';
import { distancesForward, pullBack } from './squared-distances';
import { tf } from './tf';

/** Far below any logit, far from float32's end (3e38). */
const NEVER = 1e9;

export interface CatalogueSoftmaxInput {
  /** [n, d] */
  queries: Tensor2D;
  /** [m, d] */
  points: Tensor2D;
  /** [n, m] w ≥ 0, 0 wherever `known` is 1 */
  shares: Tensor2D;
  /** [n, m] 1 for what does not compete */
  known: Tensor2D;
}

/** @returns scalar, in nats. Differentiable once in queries and points; shares and known are
 *    constants. */
export function catalogueSoftmaxLoss({ queries, points, shares, known }: CatalogueSoftmaxInput): Scalar {
  return withGradient<Scalar, [Tensor2D, Tensor2D], [Tensor2D, Tensor2D, Tensor2D, Tensor2D]>(
    [queries, points],
    (q, x) => {
      const logits = tf.sub(tf.mul(known, -NEVER), distancesForward(q, x)); // [n, m]
      const probabilities = tf.softmax(logits) as Tensor2D;
      const logSum = tf.sub(tf.max(logits, 1, true), tf.log(tf.max(probabilities, 1, true))); // [n, 1]
      const value = tf.sum(tf.mul(shares, tf.sub(logSum, logits))) as Scalar;
      return {
        value,
        saved: [q, x, probabilities, shares],
        gradient: (dy, [savedQ, savedX, p, w]) => {
          // ∂L/∂d² = w − p Σ w
          const forDistances = tf.sub(w, tf.mul(p, tf.sum(w, 1, true)));
          return pullBack(savedQ, savedX, tf.mul(forDistances, dy) as Tensor2D);
        },
      };
    },
  );
}

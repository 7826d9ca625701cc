/** A softmax whose denominator is smoothed, as one operation with its own gradient (He et al.,
 *  NAIS, TKDE 2018, eq. 10).
 *
 *    a_j = exp(f_j) / (Σ_l exp(f_l))^β
 *
 *  With β = 1 it is the softmax, which makes long histories weak: their weights share 1 as short
 *  ones' do. */
import type { Tensor3D } from '@tensorflow/tfjs';
import { tf, withGradient } from '../../tensor/tf';

/** What `mask` adds where there is nothing to attend to. */
const NOTHING = -1e9;

/** @param logits [S, T, n]
 *  @param mask   [S, 1, n] 1 where there is something, 0 where not
 *  @returns [S, T, n]; 0 where there is nothing, and everywhere for someone who has nothing
 *
 *  ∂L/∂f_l = a_l g_l − β p_l Σ_j a_j g_j, with g = ∂L/∂a and p the ordinary softmax. */
export function smoothedSoftmax(logits: Tensor3D, mask: Tensor3D, beta: number): Tensor3D {
  return withGradient<Tensor3D, [Tensor3D], [Tensor3D, Tensor3D]>([logits], (f) => {
    const masked = tf.add(f, tf.mul(tf.sub(1, mask), NOTHING));
    const top = tf.max(masked, 2, true);
    const logSum = tf.add(top, tf.log(tf.sum(tf.exp(tf.sub(masked, top)), 2, true))); // [S, T, 1]
    const value = tf.mul(tf.exp(tf.sub(masked, tf.mul(logSum, beta))), mask) as Tensor3D;
    const softmax = tf.mul(tf.exp(tf.sub(masked, logSum)), mask) as Tensor3D;
    return {
      value,
      saved: [value, softmax],
      gradient(dy, [a, p]) {
        const weighted = tf.mul(a, dy);
        return [tf.sub(weighted, tf.mul(p, tf.mul(tf.sum(weighted, 2, true), beta)))];
      },
    };
  });
}

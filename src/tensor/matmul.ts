/** Products of matrices that are fast on every back end, gradients included. */
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { tf } from './tf';

/** a: [n, k], b: [k, m] → [n, m]. The gradient's transposed products are made fast by
 *  `kernels/matmul.ts`, so this is `tf.matMul` with the shapes said in the types.
 *  @throws Error when the inner sizes differ */
export function product(a: Tensor2D, b: Tensor2D): Tensor2D {
  return tf.matMul(a, b);
}

/** One matrix for all members of the batch, mixing positions: out[b] = weights · x[b]. weights: [l,
 *  m], x: [batch, m, d] → [batch, l, d].
 *
 *  The batch becomes columns of one product: wasm multiplies batches 5 times as slowly (45 ms
 *  against 8.6 at 256 × 50 × 64; native 0.7 against 1.5), and `tf.matMul` has no gradient for a
 *  factor shared by a batch ("gradient of input 'a' has shape '2,3,5'").
 *  @throws Error when m differs */
export function mixPositions(weights: Tensor2D, x: Tensor3D): Tensor3D {
  const [batch, m, d] = x.shape;
  const l = weights.shape[0];
  return tf.tidy(() => {
    const columns = tf.reshape(tf.transpose(x, [1, 0, 2]), [m, batch * d]) as Tensor2D; // [m, batch · d]
    const mixed = tf.reshape(tf.matMul(weights, columns), [l, batch, d]);
    return tf.transpose(mixed, [1, 0, 2]) as Tensor3D;
  });
}

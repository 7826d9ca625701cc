/** The network: attention over a history for each target, and the score of the target. The same
 *  code trains and ranks.
 *
 *    f_ij = (Q p_i) · (K q_j) / √a,   a_ij = exp f_ij / (Σ_j exp f_ij)^β,   v_i = Σ_j a_ij q_j
 *    y_i = Σ_k z_k + o · relu(W z + b) + b_i   with z = p_i ⊙ v_i
 *
 *  S histories of n items and T targets each; p, q: [d]. */
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { tf } from '../../tensor/tf';
import type { ParameterTensors } from './parameters';
import { smoothedSoftmax } from './smoothed-softmax';

export interface NetworkInput {
  /** [S, T, d] p */
  readonly targets: Tensor3D;
  /** [S, T, a] Q p */
  readonly queries: Tensor3D;
  /** [S, T] b_i */
  readonly biases: Tensor2D;
  /** [S, n, d] q */
  readonly memories: Tensor3D;
  /** [S, n, a] K q */
  readonly keys: Tensor3D;
  /** [S, 1, n] 1 where there is an item, 0 where the history is shorter */
  readonly mask: Tensor3D;
}

export type Weights = Pick<ParameterTensors, 'hiddenWeights' | 'hiddenBiases' | 'outputWeights'>;

/** @returns [S, T] logits; not bounded */
export function network(weights: Weights, input: NetworkInput, beta: number): Tensor2D {
  const { targets, queries, biases, memories, keys, mask } = input;
  const [s, t, d] = targets.shape;
  const logits = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(keys.shape[2])) as Tensor3D; // [S, T, n]
  const pooled = tf.matMul(smoothedSoftmax(logits, mask, beta), memories); // [S, T, d]
  const z = tf.reshape(tf.mul(targets, pooled), [s * t, d]) as Tensor2D;
  const hidden = tf.relu(tf.add(tf.matMul(z, weights.hiddenWeights), weights.hiddenBiases)) as Tensor2D; // [S · T, h]
  const scores = tf.add(tf.sum(z, 1, true), tf.matMul(hidden, weights.outputWeights)); // [S · T, 1]
  return tf.add(tf.reshape(scores, [s, t]), biases);
}

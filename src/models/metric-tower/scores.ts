/** Scores of a trained tower for many users at once: sums over histories in plain code, as serving
 *  does them (space/user-tower.ts), the products with matrices as tensors. Users × catalogue in
 *  plain code took nine tenths of an evaluation. */
import type { Tensor2D } from '@tensorflow/tfjs';
import type { UserHistory } from '../../interactions/interaction-log';
import { product, squaredDistances, tf } from '../../tensor';
import type { TowerSpace } from './tower-space';

/** @returns [B, I] −‖q_b − v_i‖², single precision */
export function negatedSquaredDistances(space: TowerSpace, histories: readonly UserHistory[]): Float32Array {
  if (histories.length === 0) return new Float32Array(0);
  const { itemPoints, embeddingSize: d } = space;
  const scores = tf.tidy(() => {
    const points = tf.tensor2d(itemPoints, [itemPoints.length / d, d]);
    return tf.neg(squaredDistances(userPoints(space, histories), points));
  });
  // Not inside: `tidy` looks for tensors in whatever is returned, number by number.
  const values = scores.dataSync<'float32'>();
  scores.dispose();
  return values;
}

/** @returns [B, d] as `TowerSpace.userPoint` has them; of someone without a history the tower's
 *    constant */
function userPoints(space: TowerSpace, histories: readonly UserHistory[]): Tensor2D {
  const { embeddingSize: d, gates, transitions, hiddenWeights, hiddenBias, outputWeights } = space.userTower;
  const width = gates.length + transitions.length / d;
  const known = new Float32Array(histories.length * width);
  const sums = new Float32Array(histories.length * d);
  histories.forEach((history, b) => {
    const { features, gated } = space.readHistory(history);
    known.set(features, b * width);
    sums.set(gated, b * d);
  });
  const features = tf.tensor2d(known, [histories.length, width]);
  let points = tf.tensor2d(sums, [histories.length, d]);
  if (transitions.length > 0) {
    const newest = tf.slice(features, [0, gates.length], [-1, -1]);
    points = tf.add(points, product(newest, tf.tensor2d(transitions, [transitions.length / d, d])));
  }
  if (hiddenBias.length === 0) return points;
  const units = hiddenBias.length;
  const hidden = tf.relu(
    tf.add(product(features, tf.tensor2d(hiddenWeights, [width, units])), tf.tensor1d(hiddenBias)),
  ) as Tensor2D;
  return tf.add(points, product(hidden, tf.tensor2d(outputWeights, [units, d])));
}

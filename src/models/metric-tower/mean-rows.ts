/** Means of listed rows (an item's tags) as one operation with its own gradient, in plain
 *  JavaScript on any back end. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tf, withGradient } from '../../tensor';

/** @param points [R, d]
 *  @param lists  [n] rows of `points`; an empty list gives zeros
 *  @returns [n, d], differentiable once in `points` */
export function meanRows(points: Tensor2D, lists: readonly ArrayLike<number>[]): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D], []>([points], (x) => {
    const d = x.shape[1];
    const data = x.dataSync<'float32'>();
    const means = new Float32Array(lists.length * d);
    forEachEntry(lists, (list, row, share) => {
      for (let k = 0; k < d; k++) means[list * d + k] += share * data[row * d + k];
    });
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const slope = dy.dataSync<'float32'>();
      const sums = new Float32Array(x.size);
      forEachEntry(lists, (list, row, share) => {
        for (let k = 0; k < d; k++) sums[row * d + k] += share * slope[list * d + k];
      });
      return [tf.tensor2d(sums, x.shape)];
    };
    return { value: tf.tensor2d(means, [lists.length, d]), saved: [], gradient };
  });
}

function forEachEntry(
  lists: readonly ArrayLike<number>[],
  visit: (list: number, row: number, share: number) => void,
): void {
  for (let list = 0; list < lists.length; list++) {
    const rows = lists[list];
    for (let n = 0; n < rows.length; n++) visit(list, rows[n], 1 / rows.length);
  }
}

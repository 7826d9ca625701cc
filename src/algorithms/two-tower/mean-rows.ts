/** Means of listed rows (an item's tags) as one operation with its own gradient, in plain JavaScript on any back end. */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { tf } from '../../tensor';

/** @param points [R, d]
 *  @param lists  [n] rows of `points`; an empty list gives zeros
 *  @returns [n, d], differentiable once in `points` */
export function meanRows(points: Tensor2D, lists: readonly ArrayLike<number>[]): Tensor2D {
  return tf.customGrad((...args) => {
    const x = args[0] as Tensor2D;
    const d = x.shape[1];
    const data = x.dataSync();
    const means = new Float32Array(lists.length * d);
    forEachEntry(lists, (list, row, share) => {
      for (let k = 0; k < d; k++) means[list * d + k] += share * data[row * d + k];
    });
    const gradFunc = (dy: Tensor): Tensor => {
      const slope = dy.dataSync();
      const gradient = new Float32Array(x.size);
      forEachEntry(lists, (list, row, share) => {
        for (let k = 0; k < d; k++) gradient[row * d + k] += share * slope[list * d + k];
      });
      return tf.tensor2d(gradient, x.shape);
    };
    return { value: tf.tensor2d(means, [lists.length, d]), gradFunc };
  })(points) as Tensor2D;
}

function forEachEntry(lists: readonly ArrayLike<number>[], visit: (list: number, row: number, share: number) => void): void {
  for (let list = 0; list < lists.length; list++) {
    const rows = lists[list];
    for (let n = 0; n < rows.length; n++) visit(list, rows[n], 1 / rows.length);
  }
}

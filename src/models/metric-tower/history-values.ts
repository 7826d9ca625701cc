/** What a user tower reads of packed histories: one weighted point per rating, as one operation
 *  with its own gradient, outside TensorFlow on any back end.
 *
 *  x_j = mask_j ⊙ w(level_j) · h_j */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { packedRows } from '../../numeric/packed-rows-simd';
import { tf, withGradient } from '../../tensor';

export interface PackedHistories {
  /** [N] rows of `points`, history after history, oldest first */
  readonly rows: Int32Array;
  /** [N] rating levels */
  readonly levels: Uint8Array;
  /** [S + 1] history s stands at offsets[s] .. offsets[s+1] */
  readonly offsets: Int32Array;
  /** [N, d] dropout: 0 or 1 / (1 − rate); all ones when absent */
  readonly mask?: Float32Array | undefined;
}

/** Never a view of wasm's memory, which moves: the back ends that compute elsewhere copy. */
export const plainValues = (tensor: Tensor): Float32Array => tensor.dataSync<'float32'>();

/** @param points       [R, d] h
 *  @param levelWeights [L, 1] w
 *  @returns [N, d] x, differentiable once in both */
export function historyValues(
  points: Tensor2D,
  levelWeights: Tensor2D,
  { rows, levels, mask }: PackedHistories,
): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([points, levelWeights], (h, w) => {
    const d = h.shape[1];
    const input = { points: plainValues(h), d, rows, levels, weights: plainValues(w), mask };
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const { forPoints, forWeights } = packedRows().weighGradient(input, plainValues(dy));
      return [tf.tensor2d(forPoints, h.shape), tf.tensor2d(forWeights, w.shape)];
    };
    return { value: tf.tensor2d(packedRows().weigh(input), [rows.length, d]), saved: [], gradient };
  });
}

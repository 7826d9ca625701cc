/** What a user tower reads of packed histories: one weighted point per rating, as one operation with its own gradient, in plain
 *  JavaScript on any back end.
 *
 *  x_j = mask_j ⊙ w(level_j) · h_j */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
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
export function historyValues(points: Tensor2D, levelWeights: Tensor2D, { rows, levels, mask }: PackedHistories): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([points, levelWeights], (h, w) => {
    const d = h.shape[1];
    const [point, weight] = [plainValues(h), plainValues(w)];
    const value = new Float32Array(rows.length * d);
    for (let j = 0; j < rows.length; j++) {
      const own = weight[levels[j]];
      for (let k = 0, at = j * d, from = rows[j] * d; k < d; k++, at++, from++) value[at] = own * point[from];
    }
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const slope = masked(plainValues(dy), mask);
      const forPoints = new Float32Array(point.length);
      const forWeights = new Float32Array(weight.length);
      for (let j = 0; j < rows.length; j++) {
        const own = weight[levels[j]];
        let along = 0;
        for (let k = 0, at = j * d, to = rows[j] * d; k < d; k++, at++, to++) {
          forPoints[to] += slope[at] * own;
          along += slope[at] * point[to];
        }
        forWeights[levels[j]] += along;
      }
      return [tf.tensor2d(forPoints, h.shape), tf.tensor2d(forWeights, w.shape)];
    };
    return { value: tf.tensor2d(masked(value, mask), [rows.length, d]), saved: [], gradient };
  });
}

function masked(values: Float32Array, mask: Float32Array | undefined): Float32Array {
  if (mask === undefined) return values;
  const out = new Float32Array(values.length);
  for (let at = 0; at < out.length; at++) out[at] = values[at] * mask[at];
  return out;
}

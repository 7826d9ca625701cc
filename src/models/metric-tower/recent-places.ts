/** What the last ratings add by their place, the newest being place 0, over packed histories:
 *  outside TensorFlow on any back end, as operations with their own gradients. Nothing comes from a
 *  later rating or from another history. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { packedRows } from '../../numeric/packed-rows-simd';
import { tf, withGradient } from '../../tensor';
import { plainValues } from './history-values';

/** A gate per place and dimension: out_t = Σ_(j < K) a_j ⊙ x_(t−j).
 *  @param x     [N, d]
 *  @param gates [K, d]
 *  @returns [N, d], differentiable once in both */
export function gatedPlaces(x: Tensor2D, gates: Tensor2D, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([x, gates], (history, gate) => {
    const input = { x: plainValues(history), d: history.shape[1], gates: plainValues(gate), offsets };
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const { forX, forGates } = packedRows().gateGradient(input, plainValues(dy));
      return [tf.tensor2d(forX, history.shape), tf.tensor2d(forGates, gate.shape)];
    };
    return { value: tf.tensor2d(packedRows().gate(input), history.shape), saved: [], gradient };
  });
}

/** The last ratings beside each other, for a product with a matrix per place: row t is [x_t,
 *  x_(t−1), …, x_(t−M+1)], zeros before the first rating.
 *  @param x [N, d] @returns [N, M · d], differentiable once */
export function placesSideBySide(x: Tensor2D, places: number, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D], []>([x], (history) => {
    const [n, d] = history.shape;
    const value = plainValues(history);
    const out = new Float32Array(n * places * d);
    for (let s = 0; s + 1 < offsets.length; s++) {
      for (let t = offsets[s]; t < offsets[s + 1]; t++) {
        const reach = Math.min(places, t - offsets[s] + 1);
        for (let place = 0; place < reach; place++) {
          out.set(value.subarray((t - place) * d, (t - place + 1) * d), (t * places + place) * d);
        }
      }
    }
    const gradient = (dy: Tensor2D): Tensor2D[] => [
      tf.tensor2d(packedRows().besideGradient({ d, places, offsets }, plainValues(dy)), history.shape),
    ];
    return { value: tf.tensor2d(out, [n, places * d]), saved: [], gradient };
  });
}

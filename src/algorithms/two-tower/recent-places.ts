/** What the last ratings add by their place, the newest being place 0, over packed histories: in plain JavaScript on any back end,
 *  as operations with their own gradients. Nothing comes from a later rating or from another history. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tf, withGradient } from '../../tensor';
import { forEachHistory, plainValues } from './history-values';

/** A gate per place and dimension: out_t = Σ_(j < K) a_j ⊙ x_(t−j).
 *  @param x     [N, d]
 *  @param gates [K, d]
 *  @returns [N, d], differentiable once in both */
export function gatedPlaces(x: Tensor2D, gates: Tensor2D, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([x, gates], (history, gate) => {
    const [places, d] = gate.shape;
    const [value, weight] = [plainValues(history), plainValues(gate)];
    const out = new Float32Array(value.length);
    forEachPlace(offsets, places, (t, place) => {
      for (let k = 0, at = t * d, from = (t - place) * d, g = place * d; k < d; k++) out[at + k] += weight[g + k] * value[from + k];
    });
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const slope = plainValues(dy);
      const forValue = new Float32Array(value.length);
      const forGates = new Float32Array(weight.length);
      forEachPlace(offsets, places, (t, place) => {
        for (let k = 0, at = t * d, from = (t - place) * d, g = place * d; k < d; k++) {
          const s = slope[at + k];
          forValue[from + k] += s * weight[g + k];
          forGates[g + k] += s * value[from + k];
        }
      });
      return [tf.tensor2d(forValue, history.shape), tf.tensor2d(forGates, gate.shape)];
    };
    return { value: tf.tensor2d(out, history.shape), saved: [], gradient };
  });
}

/** The last ratings beside each other, for a product with a matrix per place: row t is [x_t, x_(t−1), …, x_(t−M+1)], zeros before
 *  the first rating.
 *  @param x [N, d] @returns [N, M · d], differentiable once */
export function placesSideBySide(x: Tensor2D, places: number, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D], []>([x], (history) => {
    const [n, d] = history.shape;
    const value = plainValues(history);
    const out = new Float32Array(n * places * d);
    forEachPlace(offsets, places, (t, place) => {
      out.set(value.subarray((t - place) * d, (t - place + 1) * d), (t * places + place) * d);
    });
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const slope = plainValues(dy);
      const forValue = new Float32Array(value.length);
      forEachPlace(offsets, places, (t, place) => {
        for (let k = 0, to = (t - place) * d, at = (t * places + place) * d; k < d; k++) forValue[to + k] += slope[at + k];
      });
      return [tf.tensor2d(forValue, history.shape)];
    };
    return { value: tf.tensor2d(out, [n, places * d]), saved: [], gradient };
  });
}

/** Every position t with every place before it that its history has. */
function forEachPlace(offsets: Int32Array, places: number, visit: (t: number, place: number) => void): void {
  forEachHistory(offsets, (from, to) => {
    for (let t = from; t < to; t++) for (let place = 0; place < Math.min(places, t - from + 1); place++) visit(t, place);
  });
}

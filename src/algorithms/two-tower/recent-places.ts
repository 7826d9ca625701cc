/** What the last ratings add by their place, the newest being place 0, over packed histories: in plain JavaScript on any back end,
 *  as operations with their own gradients. Nothing comes from a later rating or from another history. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tf, withGradient } from '../../tensor';
import { plainValues } from './history-values';

/** A gate per place and dimension: out_t = Σ_(j < K) a_j ⊙ x_(t−j).
 *  @param x     [N, d]
 *  @param gates [K, d]
 *  @returns [N, d], differentiable once in both */
export function gatedPlaces(x: Tensor2D, gates: Tensor2D, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([x, gates], (history, gate) => {
    const [value, weight] = [plainValues(history), plainValues(gate)];
    const out = gatedSums({ value, weight, shape: gate.shape, offsets });
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const { forValue, forWeight } = gatedSumsGradient({ value, weight, shape: gate.shape, offsets }, plainValues(dy));
      return [tf.tensor2d(forValue, history.shape), tf.tensor2d(forWeight, gate.shape)];
    };
    return { value: tf.tensor2d(out, history.shape), saved: [], gradient };
  });
}

interface GatedInput {
  /** [N, d] */
  readonly value: Float32Array;
  /** [K, d] */
  readonly weight: Float32Array;
  /** [K, d] */
  readonly shape: readonly [number, number];
  readonly offsets: Int32Array;
}

function gatedSums({ value, weight, shape: [places, d], offsets }: GatedInput): Float32Array {
  const out = new Float32Array(value.length);
  for (let s = 0; s + 1 < offsets.length; s++) {
    for (let t = offsets[s]; t < offsets[s + 1]; t++) {
      const reach = Math.min(places, t - offsets[s] + 1);
      for (let k = 0, at = t * d; k < d; k++, at++) {
        let sum = 0;
        for (let place = 0; place < reach; place++) sum += weight[place * d + k] * value[at - place * d];
        out[at] = sum;
      }
    }
  }
  return out;
}

function gatedSumsGradient(
  { value, weight, shape: [places, d], offsets }: GatedInput,
  slope: Float32Array,
): { forValue: Float32Array; forWeight: Float32Array } {
  const forValue = new Float32Array(value.length);
  const forWeight = new Float32Array(weight.length);
  for (let s = 0; s + 1 < offsets.length; s++) {
    const end = offsets[s + 1];
    for (let t = offsets[s]; t < end; t++) {
      // Seen from the rating that is read: it counts at its own place and at those of the next K − 1 positions.
      const reach = Math.min(places, end - t);
      for (let k = 0, at = t * d; k < d; k++, at++) {
        const known = value[at];
        let sum = 0;
        for (let place = 0; place < reach; place++) {
          const above = slope[at + place * d];
          sum += above * weight[place * d + k];
          forWeight[place * d + k] += above * known;
        }
        forValue[at] = sum;
      }
    }
  }
  return { forValue, forWeight };
}

/** The last ratings beside each other, for a product with a matrix per place: row t is [x_t, x_(t−1), …, x_(t−M+1)], zeros before
 *  the first rating.
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
    const gradient = (dy: Tensor2D): Tensor2D[] => [tf.tensor2d(besideGradient(plainValues(dy), { d, places, offsets }), history.shape)];
    return { value: tf.tensor2d(out, [n, places * d]), saved: [], gradient };
  });
}

/** @param slope [N, M · d] @returns [N, d] */
function besideGradient(slope: Float32Array, { d, places, offsets }: { d: number; places: number; offsets: Int32Array }): Float32Array {
  const forValue = new Float32Array(slope.length / places);
  for (let s = 0; s + 1 < offsets.length; s++) {
    for (let t = offsets[s]; t < offsets[s + 1]; t++) {
      const reach = Math.min(places, offsets[s + 1] - t);
      // Place by place, so that memory is read in order: four times as fast as dimension by dimension.
      for (let place = 0; place < reach; place++) {
        const from = ((t + place) * places + place) * d;
        for (let k = 0, at = t * d; k < d; k++, at++) forValue[at] += slope[from + k];
      }
    }
  }
  return forValue;
}

/** The user tower's pools over packed histories, as one operation with its own gradient, outside
 *  TensorFlow on any back end.
 *
 *  For position t of a history and pool p:  out_p,t = S_t / Z_t^(1−e),  S_t = x_t + γ S_(t−1),  Z_t
 *  = 1 + γ Z_(t−1); with e = 0 it is a mean, with e = 1 a sum, in between it grows with the
 *  history. As a recurrence that is O(N d) for all positions of all histories, however long each
 *  is, where a product with a decay matrix is O(N window d) and wants padding. The output at t
 *  knows the history up to and including t. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { packedRows } from '../../numeric/packed-rows-simd';
import { tf, withGradient } from '../../tensor';
import { plainValues } from './history-values';

/** @param x       [N, d] what each rating is worth, history after history
 *  @param decays  [P, 1] γ in (0, 1]
 *  @param offsets [S + 1] of the histories
 *  @param growth  e, 0 to 1
 *  @returns [P, N, d], differentiable once in x and decays */
export function historyPools(x: Tensor2D, decays: Tensor2D, offsets: Int32Array, growth = 0): Tensor3D {
  return withGradient<Tensor3D, [Tensor2D, Tensor2D], []>([x, decays], (values, gamma) => {
    const [n, d] = values.shape;
    const input = { x: plainValues(values), d, decays: plainValues(gamma), offsets, power: 1 - growth };
    const output = packedRows().pools(input);
    return {
      value: tf.tensor3d(output, [gamma.shape[0], n, d]),
      saved: [],
      gradient(dy) {
        const { forX, forDecays } = packedRows().poolsGradient(input, output, plainValues(dy));
        return [tf.tensor2d(forX, values.shape), tf.tensor2d(forDecays, gamma.shape)];
      },
    };
  });
}

/** The pools after the last rating of each history alone: no position in between costs memory.
 *  @returns [P, S, d], differentiable once in x and decays */
export function finalPools(x: Tensor2D, decays: Tensor2D, offsets: Int32Array, growth = 0): Tensor3D {
  const power = 1 - growth;
  return withGradient<Tensor3D, [Tensor2D, Tensor2D], []>([x, decays], (values, gamma) => {
    const d = values.shape[1];
    const size = offsets.length - 1;
    const [known, rates] = [plainValues(values), plainValues(gamma)];
    const output = new Float32Array(rates.length * size * d);
    /** [P, S] Z, at least 1 */
    const totals = new Float64Array(rates.length * size);
    rates.forEach((rate, p) => {
      for (let s = 0; s < size; s++) {
        const pool = output.subarray((p * size + s) * d, (p * size + s + 1) * d);
        let total = 0;
        for (let t = offsets[s]; t < offsets[s + 1]; t++) {
          total = rate * total + 1;
          for (let k = 0, at = t * d; k < d; k++, at++) pool[k] = rate * pool[k] + known[at];
        }
        totals[p * size + s] = Math.max(1, total);
        for (let k = 0; k < d; k++) pool[k] *= totals[p * size + s] ** -power;
      }
    });
    /** With a = 1 − e:  ∂out/∂x_t = γ^age / Z^a,  ∂out/∂γ = Σ age γ^(age−1) (x_t / Z^a − a out /
     *  Z). */
    const gradient = (dy: Tensor3D): Tensor[] => {
      const slope = plainValues(dy);
      const forValues = new Float32Array(known.length);
      const forDecays = new Float32Array(rates.length);
      rates.forEach((rate, p) => {
        let forDecay = 0;
        for (let s = 0, at = p * size * d; s < size; s++, at += d) {
          const total = totals[p * size + s];
          const share = total ** -power;
          const decline = power / total;
          for (let t = offsets[s + 1] - 1, age = 0, weight = 1; t >= offsets[s]; t--, age++, weight *= rate) {
            let along = 0;
            for (let k = 0, value = t * d; k < d; k++, value++) {
              forValues[value] += weight * share * slope[at + k];
              along += slope[at + k] * (share * known[value] - decline * output[at + k]);
            }
            forDecay += (age * weight * along) / rate;
          }
        }
        forDecays[p] = forDecay;
      });
      return [tf.tensor2d(forValues, values.shape), tf.tensor2d(forDecays, gamma.shape)];
    };
    return { value: tf.tensor3d(output, [rates.length, size, d]), saved: [], gradient };
  });
}

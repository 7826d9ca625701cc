/** The user tower's pools over packed histories, as one operation with its own gradient, in plain JavaScript on any back end.
 *
 *  For position t of a history and pool p:  out_p,t = S_t / Z_t^(1−e),  S_t = x_t + γ S_(t−1),  Z_t = 1 + γ Z_(t−1); with e = 0 it is a mean, with
 *  e = 1 a sum, in between it grows with the history.
 *  As a recurrence that is O(N d) for all positions of all histories, however long each is,
 *  where a product with a decay matrix is O(N window d) and wants padding. The output at t knows the history up to and including t. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
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
    const pools = new Pools(plainValues(values), d, plainValues(gamma), offsets, 1 - growth);
    return {
      value: tf.tensor3d(pools.forward(), [gamma.shape[0], n, d]),
      saved: [],
      gradient(dy) {
        const gradients = pools.backward(plainValues(dy));
        return [tf.tensor2d(gradients.values, values.shape), tf.tensor2d(gradients.decays, gamma.shape)];
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
    /** With a = 1 − e:  ∂out/∂x_t = γ^age / Z^a,  ∂out/∂γ = Σ age γ^(age−1) (x_t / Z^a − a out / Z). */
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

class Pools {
  private output = new Float32Array(0);

  constructor(
    /** [N, d] x */
    private readonly values: Float32Array,
    private readonly d: number,
    private readonly decays: Float32Array,
    private readonly offsets: Int32Array,
    /** 1 − e */
    private readonly power: number,
  ) {}

  forward(): Float32Array {
    const { d, decays, values, offsets, power } = this;
    const n = values.length / d;
    const sum = new Float64Array(d);
    const output = new Float32Array(decays.length * n * d);
    // Loops without a callback: half the time.
    for (let p = 0; p < decays.length; p++) {
      const decay = decays[p];
      for (let s = 0; s + 1 < offsets.length; s++) {
        sum.fill(0);
        let total = 0;
        for (let t = offsets[s]; t < offsets[s + 1]; t++) {
          total = 1 + decay * total;
          const share = total ** -power;
          const [at, out] = [t * d, (p * n + t) * d];
          for (let k = 0; k < d; k++) {
            const next = values[at + k] + decay * sum[k];
            sum[k] = next;
            output[out + k] = next * share;
          }
        }
      }
    }
    this.output = output;
    return output;
  }

  /** @param slope [P, N, d] ∂L/∂output */
  backward(slope: Float32Array): { values: Float32Array; decays: Float32Array } {
    const forValues = new Float32Array(this.values.length);
    const decays = this.decays.map((_, p) => this.backwardPool(p, slope, forValues));
    return { values: forValues, decays };
  }

  /** Adds pool p's part to ∂L/∂x. @returns ∂L/∂γ_p
   *  With G_t = ∂L/∂S_t = slope_t / Z_t^(1−e) + γ G_(t+1), and H_t likewise for Z:  ∂L/∂γ = Σ_t (G_t S_(t−1) + H_t Z_(t−1)). */
  private backwardPool(p: number, slope: Float32Array, forValues: Float32Array): number {
    const { d, output, offsets, power } = this;
    const decay = this.decays[p];
    const n = this.values.length / d;
    const totals = new Float64Array(n);
    const carried = new Float64Array(d);
    let forDecay = 0;
    for (let s = 0; s + 1 < offsets.length; s++) {
      const [from, to] = [offsets[s], offsets[s + 1]];
      for (let t = from; t < to; t++) totals[t] = 1 + (t > from ? decay * totals[t - 1] : 0);
      carried.fill(0);
      let carriedTotal = 0;
      for (let t = to - 1; t >= from; t--) {
        const share = totals[t] ** -power;
        const earlier = t > from ? d : 0; // the position before, or any when it does not count
        const [at, out] = [t * d, (p * n + t) * d];
        let forTotal = 0;
        let along = 0;
        for (let k = 0; k < d; k++) {
          const above = slope[out + k];
          const whole = above * share + decay * carried[k];
          carried[k] = whole;
          forValues[at + k] += whole;
          forTotal -= above * output[out + k];
          along += whole * output[out + k - earlier];
        }
        carriedTotal = (power * forTotal) / totals[t] + decay * carriedTotal;
        if (t > from) forDecay += along * totals[t - 1] ** power + carriedTotal * totals[t - 1];
      }
    }
    return forDecay;
  }
}

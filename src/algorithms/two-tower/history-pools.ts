/** The user tower's pools over packed histories, as one operation with its own gradient, in plain JavaScript on any back end.
 *
 *  For position t of a history and pool p:  out_p,t = S_t / Z_t,  S_t = x_t + γ S_(t−1),  Z_t = 1 + γ Z_(t−1),
 *  x_j = mask_j ⊙ w(level_j) · v_j. As a recurrence that is O(N d) for all positions of all histories, however long each is,
 *  where a product with a decay matrix is O(N window d) and wants padding. The output at t knows the history up to and including t. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
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

/** @param points       [R, d]
 *  @param levelWeights [L, 1] w
 *  @param decays       [P, 1] γ in (0, 1]
 *  @returns [P, N, d], differentiable once in all three */
export function historyPools(points: Tensor2D, levelWeights: Tensor2D, decays: Tensor2D, histories: PackedHistories): Tensor3D {
  return withGradient<Tensor3D, [Tensor2D, Tensor2D, Tensor2D], []>([points, levelWeights, decays], (v, w, gamma) => {
    const pools = new Pools(values(v), v.shape[1], values(w), values(gamma), histories);
    return {
      value: tf.tensor3d(pools.forward(), [gamma.shape[0], histories.rows.length, v.shape[1]]),
      saved: [],
      gradient(dy) {
        const gradients = pools.backward(values(dy));
        return [
          tf.tensor2d(gradients.points, v.shape),
          tf.tensor2d(gradients.levelWeights, w.shape),
          tf.tensor2d(gradients.decays, gamma.shape),
        ];
      },
    };
  });
}

/** Never a view of wasm's memory, which moves: the back ends that compute elsewhere copy. */
const values = (tensor: Tensor): Float32Array => tensor.dataSync<'float32'>();

class Pools {
  /** [N, d] x */
  private readonly weighted: Float32Array;
  private output = new Float32Array(0);

  constructor(
    private readonly points: Float32Array,
    private readonly d: number,
    private readonly levelWeights: Float32Array,
    private readonly decays: Float32Array,
    private readonly histories: PackedHistories,
  ) {
    const { rows, levels, mask } = histories;
    this.weighted = new Float32Array(rows.length * d);
    for (let j = 0; j < rows.length; j++) {
      const weight = levelWeights[levels[j]];
      for (let k = 0, at = j * d, from = rows[j] * d; k < d; k++, at++, from++) {
        this.weighted[at] = weight * points[from] * (mask === undefined ? 1 : mask[at]);
      }
    }
  }

  forward(): Float32Array {
    const { d, decays, weighted, histories } = this;
    const n = histories.rows.length;
    const sum = new Float64Array(d);
    const output = new Float32Array(decays.length * n * d);
    for (let p = 0; p < decays.length; p++) {
      const decay = decays[p];
      this.forEachHistory((from, to) => {
        sum.fill(0);
        let total = 0;
        for (let t = from; t < to; t++) {
          total = 1 + decay * total;
          const share = 1 / total;
          for (let k = 0, at = t * d, out = (p * n + t) * d; k < d; k++, at++, out++) {
            sum[k] = weighted[at] + decay * sum[k];
            output[out] = sum[k] * share;
          }
        }
      });
    }
    this.output = output;
    return output;
  }

  /** @param slope [P, N, d] ∂L/∂output */
  backward(slope: Float32Array): { points: Float32Array; levelWeights: Float32Array; decays: Float32Array } {
    const forWeighted = new Float32Array(this.weighted.length);
    const decays = this.decays.map((_, p) => this.backwardPool(p, slope, forWeighted));
    return { ...this.backwardInputs(forWeighted), decays };
  }

  /** Adds pool p's part to ∂L/∂x. @returns ∂L/∂γ_p
   *  With G_t = ∂L/∂S_t = slope_t / Z_t + γ G_(t+1), and H_t likewise for Z:  ∂L/∂γ = Σ_t (G_t S_(t−1) + H_t Z_(t−1)). */
  private backwardPool(p: number, slope: Float32Array, forWeighted: Float32Array): number {
    const { d, output, histories } = this;
    const decay = this.decays[p];
    const n = histories.rows.length;
    const totals = new Float64Array(n);
    const carried = new Float64Array(d);
    let forDecay = 0;
    this.forEachHistory((from, to) => {
      for (let t = from; t < to; t++) totals[t] = 1 + (t > from ? decay * totals[t - 1] : 0);
      carried.fill(0);
      let carriedTotal = 0;
      for (let t = to - 1; t >= from; t--) {
        const share = 1 / totals[t];
        const earlier = t > from ? d : 0; // the position before, or any when it does not count
        let forTotal = 0;
        let along = 0;
        for (let k = 0, at = t * d, out = (p * n + t) * d; k < d; k++, at++, out++) {
          const direct = slope[out] * share;
          const whole = direct + decay * carried[k];
          carried[k] = whole;
          forWeighted[at] += whole;
          forTotal -= direct * output[out];
          along += whole * output[out - earlier];
        }
        carriedTotal = forTotal + decay * carriedTotal;
        if (t > from) forDecay += (along + carriedTotal) * totals[t - 1];
      }
    });
    return forDecay;
  }

  private backwardInputs(forWeighted: Float32Array): { points: Float32Array; levelWeights: Float32Array } {
    const { d, histories, points, levelWeights } = this;
    const { rows, levels, mask } = histories;
    const forPoints = new Float32Array(points.length);
    const forLevels = new Float32Array(levelWeights.length);
    for (let j = 0; j < rows.length; j++) {
      const weight = levelWeights[levels[j]];
      for (let k = 0, at = j * d, to = rows[j] * d; k < d; k++, at++, to++) {
        const part = forWeighted[at] * (mask === undefined ? 1 : mask[at]);
        forPoints[to] += part * weight;
        forLevels[levels[j]] += part * points[to];
      }
    }
    return { points: forPoints, levelWeights: forLevels };
  }

  private forEachHistory(visit: (from: number, to: number) => void): void {
    const { offsets } = this.histories;
    for (let s = 0; s + 1 < offsets.length; s++) visit(offsets[s], offsets[s + 1]);
  }
}

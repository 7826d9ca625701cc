/** One side's factors while the other's stand still: a ridge regression for each row.
 *
 *    w = (Σ over i in S of h_i h_iᵀ + α₀ HᵀH + λ_u)⁻¹ Σ over i in S of h_i     (Hu, Koren and Volinsky 2008, eq. 4)
 *
 *  H: [n, d] the fixed factors, S: the row's interactions. HᵀH is computed once for all rows. */
import { addGram, choleskyFactor, choleskySolve } from '../../numeric/cholesky';

/** Rows gathered at once: 128 KB at d = 64, which stays in the second-level cache. */
const CHUNK = 256;

export class FactorSolver {
  /** α₀ HᵀH, lower triangle */
  private readonly unobserved: Float64Array;
  private readonly matrix: Float64Array;
  private readonly gathered: Float64Array;

  /** @param fixed [n, d] row-major */
  constructor(
    private readonly fixed: Float32Array,
    private readonly d: number,
    unobservedWeight: number,
  ) {
    this.matrix = new Float64Array(d * d);
    this.gathered = new Float64Array(CHUNK * d);
    this.unobserved = new Float64Array(d * d);
    const n = fixed.length / d;
    for (let from = 0; from < n; from += CHUNK) {
      const until = Math.min(n, from + CHUNK);
      this.gathered.set(fixed.subarray(from * d, until * d));
      addGram(this.unobserved, this.gathered, until - from, d);
    }
    for (let at = 0; at < this.unobserved.length; at++) this.unobserved[at] *= unobservedWeight;
  }

  /** Σ α₀ (w·h)² over all fixed rows = wᵀ (α₀ HᵀH) w. */
  unobservedLoss(factors: Float32Array): number {
    const { d, unobserved } = this;
    let loss = 0;
    for (let from = 0; from < factors.length; from += d) {
      for (let r = 0; r < d; r++) {
        let row = 0.5 * unobserved[r * d + r] * factors[from + r];
        for (let c = 0; c < r; c++) row += unobserved[r * d + c] * factors[from + c];
        loss += 2 * factors[from + r] * row;
      }
    }
    return loss;
  }

  /** @param indices rows of `fixed` that the solved row interacted with
   *  @param out     [d], overwritten
   *  @throws NotPositiveDefiniteError */
  solve(indices: Int32Array, regularization: number, out: Float64Array): void {
    const { d, fixed, gathered, matrix } = this;
    matrix.set(this.unobserved);
    out.fill(0);
    for (let from = 0; from < indices.length; from += CHUNK) {
      const count = Math.min(CHUNK, indices.length - from);
      for (let row = 0; row < count; row++) {
        const source = indices[from + row] * d;
        for (let k = 0; k < d; k++) {
          gathered[row * d + k] = fixed[source + k];
          out[k] += fixed[source + k];
        }
      }
      addGram(matrix, gathered, count, d);
    }
    for (let k = 0; k < d; k++) matrix[k * d + k] += regularization;
    choleskyFactor(matrix, d);
    choleskySolve(matrix, out, d);
  }
}

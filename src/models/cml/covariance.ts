/** Covariance regularisation (Hsieh et al., WWW 2017, eq. 5, after Cogswell et al., ICLR 2016):
 *  dimensions that say the same are pushed apart, so that the whole of the ball is used.
 *
 *    C = 1/R Σ (y − μ)(y − μ)ᵀ over R points,   L = λ R / 4 (‖C‖²_F − ‖diag C‖²)
 *
 *  The factor R / 4 makes the gradient of a point, λ C_off (y − μ), as large whatever R is; in the
 *  paper λ carries it. */

/** @param points [R, d] row-major
 *  @param out    [R, d], overwritten with the gradient for λ = 1
 *  @returns L for λ = 1 */
export function covarianceGradient(points: Float64Array, d: number, out: Float64Array): number {
  const count = points.length / d;
  const centred = Float64Array.from(points);
  for (let k = 0; k < d; k++) {
    let mean = 0;
    for (let at = k; at < points.length; at += d) mean += points[at] / count;
    for (let at = k; at < points.length; at += d) centred[at] -= mean;
  }
  const covariance = new Float64Array(d * d);
  for (let at = 0; at < points.length; at += d) {
    for (let k = 0; k < d; k++) {
      const y = centred[at + k] / count;
      for (let l = 0; l < k; l++) covariance[k * d + l] += y * centred[at + l];
    }
  }
  let squares = 0;
  for (let k = 0; k < d; k++) {
    for (let l = 0; l < k; l++) {
      covariance[l * d + k] = covariance[k * d + l];
      squares += 2 * covariance[k * d + l] ** 2;
    }
  }
  for (let at = 0; at < points.length; at += d) {
    for (let k = 0; k < d; k++) {
      let sum = 0;
      for (let l = 0; l < d; l++) sum += covariance[k * d + l] * centred[at + l];
      out[at + k] = sum;
    }
  }
  return (count / 4) * squares;
}

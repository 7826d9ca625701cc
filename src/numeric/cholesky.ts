/** Symmetric positive definite systems by Cholesky's factorisation A = L Lᵀ (Golub and Van Loan,
 *  Matrix Computations, 4.2). Matrices are [n, n], row-major, of which only the lower triangle is
 *  read. */
import { AppError } from '../errors';

/** A pivot was not positive: the matrix is not positive definite, or not to the precision at
 *  hand. */
export class NotPositiveDefiniteError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

/** Replaces the lower triangle by L; the upper one stays as it was. n³ / 6 products.
 *  @throws NotPositiveDefiniteError */
export function choleskyFactor(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) a[i * n + j] = (a[i * n + j] - dot(a, i * n, a, j * n, j)) / a[j * n + j];
    const pivot = a[i * n + i] - dot(a, i * n, a, i * n, i);
    if (!(pivot > 0 && pivot < Infinity))
      throw new NotPositiveDefiniteError(`Pivot ${i} of ${n} is ${pivot}.`);
    a[i * n + i] = Math.sqrt(pivot);
  }
}

/** Solves L Lᵀ x = b in place.
 *  @param factor of choleskyFactor
 *  @param b      [n], replaced by x */
export function choleskySolve(factor: Float64Array, b: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) b[i] = (b[i] - dot(factor, i * n, b, 0, i)) / factor[i * n + i];
  for (let i = n - 1; i >= 0; i--) {
    b[i] /= factor[i * n + i];
    // By rows of L, which are contiguous.
    for (let j = 0; j < i; j++) b[j] -= factor[i * n + j] * b[i];
  }
}

/** @param a [n, n], replaced by its factor below the diagonal
 *  @returns [n, n] the inverse, both triangles; n³ / 2 products in all
 *  @throws NotPositiveDefiniteError */
export function choleskyInverse(a: Float64Array, n: number): Float64Array {
  choleskyFactor(a, n);
  // upper = (L⁻¹)ᵀ, so that every sum runs along rows.
  const upper = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    upper[j * n + j] = 1 / a[j * n + j];
    for (let i = j + 1; i < n; i++)
      upper[j * n + i] = -dot(a, i * n + j, upper, j * n + j, i - j) / a[i * n + i];
  }
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      inverse[i * n + j] = dot(upper, i * n + i, upper, j * n + i, n - i);
      inverse[j * n + i] = inverse[i * n + j];
    }
  }
  return inverse;
}

/** Four sums side by side: one alone waits for each addition. */
function dot(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length - (length % 4);
  let k = 0;
  for (; k < whole; k += 4) {
    s0 += a[aFrom + k] * b[bFrom + k];
    s1 += a[aFrom + k + 1] * b[bFrom + k + 1];
    s2 += a[aFrom + k + 2] * b[bFrom + k + 2];
    s3 += a[aFrom + k + 3] * b[bFrom + k + 3];
  }
  for (; k < length; k++) s0 += a[aFrom + k] * b[bFrom + k];
  return s0 + s1 + (s2 + s3);
}

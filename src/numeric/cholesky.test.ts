import {
  addGram,
  choleskyFactor,
  choleskyInverse,
  choleskySolve,
  NotPositiveDefiniteError,
} from './cholesky';
import { innerProducts } from './inner-products';
import { Random } from './random';

const drawn = (length: number, random: Random): Float64Array =>
  Float64Array.from({ length }, () => random.normal());

/** Rows · rowsᵀ + n, which is well conditioned. */
function positiveDefinite(n: number, random: Random): Float64Array {
  const rows = drawn(n * n, random);
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) a[i * n + j] += rows[i * n + k] * rows[j * n + k];
    a[i * n + i] += n;
  }
  return a;
}

describe('Cholesky', () => {
  it('factors a matrix worked by hand, reading the lower triangle only', () => {
    // [[4, 2], [2, 10]] = L Lᵀ with L = [[2, 0], [1, 3]]
    const a = Float64Array.of(4, Number.NaN, 2, 10);
    choleskyFactor(a, 2);
    expect(Array.from(a)).toEqual([2, Number.NaN, 1, 3]);
    const b = Float64Array.of(8, 22);
    choleskySolve(a, b, 2);
    expect(b[0]).toBeCloseTo(1, 14);
    expect(b[1]).toBeCloseTo(2, 14);
  });

  it.each([1, 2, 3, 4, 5, 9, 33])('solves and inverts %i unknowns', (n) => {
    const random = new Random(n);
    const a = positiveDefinite(n, random);
    const x = drawn(n, random);
    const b = Float64Array.from({ length: n }, (_, i) =>
      x.reduce((sum, value, j) => sum + a[i * n + j] * value, 0),
    );
    const factor = a.slice();
    choleskyFactor(factor, n);
    choleskySolve(factor, b, n);
    b.forEach((value, i) => {
      expect(value).toBeCloseTo(x[i], 10);
    });
    const inverse = choleskyInverse(a.slice(), n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a[i * n + k] * inverse[k * n + j];
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
  });

  it.each([
    ['a negative pivot', [1, 0, 2, 1]],
    ['a singular matrix', [1, 0, 1, 1]],
    ['a NaN', [1, 0, Number.NaN, 1]],
  ])('refuses %s', (_, values) => {
    expect(() => choleskyFactor(Float64Array.from(values), 2)).toThrow(NotPositiveDefiniteError);
  });
});

describe('sums of products', () => {
  it.each([1, 3, 4, 6, 8, 11])('adds the lower triangle of the Gram matrix, d = %i', (d) => {
    const random = new Random(d);
    const [n, extra] = [7, 2];
    const rows = drawn((n + extra) * d, random);
    const start = drawn(d * d, random);
    const target = start.slice();
    addGram(target, rows, n, d);
    for (let r = 0; r < d; r++) {
      for (let c = 0; c <= r; c++) {
        let sum = start[r * d + c];
        for (let at = 0; at < n; at++) sum += rows[at * d + r] * rows[at * d + c];
        expect(target[r * d + c]).toBeCloseTo(sum, 12);
      }
    }
  });

  it.each([1, 4, 5, 7])('scores %i items', (count) => {
    const random = new Random(count);
    const query = drawn(3, random);
    const items = Float32Array.from(drawn(count * 3, random));
    const out = new Float32Array(count).fill(Number.NaN);
    innerProducts(query, items, out);
    out.forEach((score, item) => {
      expect(score).toBeCloseTo(
        query.reduce((sum, value, k) => sum + value * items[item * 3 + k], 0),
        6,
      );
    });
  });
});

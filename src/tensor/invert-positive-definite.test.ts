import { installedBackends } from '../../test/fixtures/installed-backends';
import { NotPositiveDefiniteError } from '../numeric/cholesky';
import { Random } from '../numeric/random';
import { type BackendName, loadEngine } from './engine';
import { invertPositiveDefinite } from './invert-positive-definite';
import { tf } from './tf';

/** The shape of EASE's matrix: a few strong directions over a ridge. Lower triangle only. */
function overlapping(n: number): Float32Array {
  const random = new Random(n);
  const matrix = new Float32Array(n * n).fill(Number.NaN);
  const rows = Array.from({ length: 40 }, () =>
    Float64Array.from({ length: n }, () => (random.uniform() < 0.3 ? 1 : 0)),
  );
  for (let r = 0; r < n; r++) {
    for (let c = 0; c <= r; c++)
      matrix[r * n + c] = rows.reduce((sum, row) => sum + row[r] * row[c], 0) + (r === c ? 50 : 0);
  }
  return matrix;
}

function largestError(matrix: Float32Array, inverse: Float32Array, n: number): number {
  const at = (r: number, c: number) => (r >= c ? matrix[r * n + c] : matrix[c * n + r]);
  let largest = 0;
  for (const r of new Set([0, 1 % n, Math.floor(n / 2), n - 1])) {
    for (let c = 0; c < n; c++) {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += at(r, k) * inverse[k * n + c];
      largest = Math.max(largest, Math.abs(sum - (r === c ? 1 : 0)));
    }
  }
  return largest;
}

describe('the inverse of a positive definite matrix', () => {
  it.each([1, 5, 512])('of %i rows, in double precision', async (n) => {
    const matrix = overlapping(n);
    const inverse = matrix.slice();
    await invertPositiveDefinite(inverse, n);
    expect(largestError(matrix, inverse, n)).toBeLessThan(1e-5);
  });

  it.each<BackendName>(['wasm', ...(installedBackends().includes('native') ? (['native'] as const) : [])])(
    'of 1,100 rows in three tiles on %s: symmetric, twice the same, and nothing left in memory',
    async (backend) => {
      const n = 1_100;
      const matrix = overlapping(n);
      await loadEngine({ backend });
      const before = tf.memory().numTensors;
      const inverse = matrix.slice();
      const fractions: number[] = [];
      const pause = async (fraction: number) => void fractions.push(fraction);
      await invertPositiveDefinite(inverse, n, { backend, pause });
      expect(tf.memory().numTensors).toBe(before);
      expect(largestError(matrix, inverse, n)).toBeLessThan(1e-4);
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      expect(inverse[3 * n + 900]).toBe(inverse[900 * n + 3]);
      const again = matrix.slice();
      await invertPositiveDefinite(again, n, { backend });
      expect(Buffer.from(again.buffer).equals(Buffer.from(inverse.buffer))).toBe(true);
    },
  );

  it('ends when pause throws, and frees its memory', async () => {
    const n = 1_100;
    const matrix = overlapping(n);
    const { tf: engine } = await loadEngine();
    const before = engine.memory().numTensors;
    const stop = new Error('stop');
    const pause = () => Promise.reject(stop);
    await expect(invertPositiveDefinite(matrix.slice(), n, { pause })).rejects.toBe(stop);
    expect(engine.memory().numTensors).toBe(before);
  });

  it.each([3, 1_100])('refuses what is not positive definite, %i rows', async (n) => {
    const matrix = overlapping(n);
    matrix[(n - 1) * n + n - 1] = -1;
    await expect(invertPositiveDefinite(matrix, n)).rejects.toThrow(NotPositiveDefiniteError);
  });
});

import type { Tensor2D } from '@tensorflow/tfjs';
import { Random } from '../../numeric/random';
import { checkGradient, loadEngine, tf } from '../../tensor';
import { historyPools, type PackedHistories } from './history-pools';
import { meanRows } from './mean-rows';

const random = new Random(3);
const matrix = (rows: number, width: number): Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: rows * width }, () => random.normal()),
    [rows, width],
  );

describe('pools over packed histories', () => {
  const histories: PackedHistories = {
    rows: Int32Array.of(2, 0, 3, 0, 1, 4, 2),
    levels: Uint8Array.of(1, 0, 2, 2, 1, 0, 2),
    offsets: Int32Array.of(0, 4, 7),
    mask: Float32Array.from({ length: 7 * 3 }, (_, n) => (n % 4 === 0 ? 0 : 4 / 3)),
  };
  let points: Tensor2D, levels: Tensor2D, decays: Tensor2D;

  beforeAll(async () => {
    await loadEngine({ backend: 'cpu' });
    points = matrix(5, 3);
    levels = tf.tensor2d([1, 0.4, -0.7], [3, 1]);
    decays = tf.tensor2d([1, 0.9, 0.5], [3, 1]);
  });

  it('are the weighted means that the formula says', () => {
    const [v, w, gamma] = [points, levels, decays].map((tensor) => tensor.dataSync<'float32'>());
    const pools = historyPools(points, levels, decays, histories).arraySync();
    for (let p = 0; p < 3; p++) {
      for (const [from, to] of [
        [0, 4],
        [4, 7],
      ]) {
        for (let t = from; t < to; t++) {
          for (let k = 0; k < 3; k++) {
            let sum = 0;
            let total = 0;
            for (let j = from; j <= t; j++) {
              const weight = gamma[p] ** (t - j);
              total += weight;
              sum += weight * w[histories.levels[j]] * v[histories.rows[j] * 3 + k] * histories.mask![j * 3 + k];
            }
            expect(pools[p][t][k]).toBeCloseTo(sum / total, 5);
          }
        }
      }
    }
  });

  it('have the gradient that finite differences give, in points, level weights and decays', () => {
    const slopes = tf.tensor3d(
      Float32Array.from({ length: 3 * 7 * 3 }, () => random.normal()),
      [3, 7, 3],
    );
    const loss = (...[v, w, gamma]: Tensor2D[]) => tf.sum(tf.mul(historyPools(v, w, gamma, histories), slopes)).asScalar();
    checkGradient(loss, [points, levels, decays]);
  });

  it('know nothing of what comes later, nor of other histories', () => {
    const before = historyPools(points, levels, decays, histories).arraySync();
    const changed = { ...histories, rows: histories.rows.with(2, 1), levels: histories.levels.with(2, 0) };
    const after = historyPools(points, levels, decays, changed).arraySync();
    for (let p = 0; p < 3; p++) {
      for (const t of [0, 1, 4, 5, 6]) expect(after[p][t]).toEqual(before[p][t]);
      for (const t of [2, 3]) expect(after[p][t]).not.toEqual(before[p][t]);
    }
  });

  it('means of listed rows have the right values and gradient, empty lists included', () => {
    const lists = [[0, 0, 3], [], [4]];
    const means = meanRows(points, lists).arraySync();
    const v = points.arraySync();
    expect(means[0][1]).toBeCloseTo((2 * v[0][1] + v[3][1]) / 3, 5);
    expect(means[1]).toEqual([0, 0, 0]);
    expect(means[2]).toEqual(v[4]);
    const slopes = matrix(3, 3);
    checkGradient((x: Tensor2D) => tf.sum(tf.mul(meanRows(x, lists), slopes)).asScalar(), [points]);
  });
});

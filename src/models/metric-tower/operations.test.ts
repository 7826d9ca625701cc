import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { checkGradient } from '../../../test/fixtures/gradient-check';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor/engine';
import { tf } from '../../tensor/tf';
import {
  finalPools,
  gatedPlaces,
  historyPools,
  historyValues,
  meanRows,
  type PackedHistories,
  placesSideBySide,
} from './operations';

const random = new Random(3);
const matrix = (rows: number, width: number): Tensor2D =>
  tf.tensor2d(
    Float32Array.from({ length: rows * width }, () => random.normal()),
    [rows, width],
  );

describe('operations over packed histories', () => {
  const histories: PackedHistories = {
    rows: Int32Array.of(2, 0, 3, 0, 1, 4, 2),
    levels: Uint8Array.of(1, 0, 2, 2, 1, 0, 2),
    offsets: Int32Array.of(0, 4, 7),
    mask: Float32Array.from({ length: 7 * 3 }, (_, n) => (n % 4 === 0 ? 0 : 4 / 3)),
  };
  const { offsets } = histories;
  let points: Tensor2D, levels: Tensor2D, decays: Tensor2D, gates: Tensor2D;
  const poolsOf = (given: PackedHistories, growth = 0) =>
    historyPools(historyValues(points, levels, given), decays, offsets, growth).arraySync();

  beforeAll(async () => {
    await loadEngine({ backend: 'cpu' });
    points = matrix(5, 3);
    levels = tf.tensor2d([1, 0.4, -0.7], [3, 1]);
    decays = tf.tensor2d([1, 0.9, 0.5], [3, 1]);
    gates = matrix(2, 3);
  });

  it.each([0, 0.4, 1])(
    'pools are the weighted means that the formula says, or grow towards sums by %d',
    (growth) => {
      const [v, w, gamma] = [points, levels, decays].map((tensor) => tensor.dataSync<'float32'>());
      const pools = poolsOf(histories, growth);
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
                sum +=
                  weight *
                  w[histories.levels[j]] *
                  v[histories.rows[j] * 3 + k] *
                  histories.mask![j * 3 + k];
              }
              expect(pools[p][t][k]).toBeCloseTo(sum / total ** (1 - growth), 5);
            }
          }
        }
      }
    },
  );

  it('final pools are those of the last position of each history', () => {
    const x = historyValues(points, levels, histories);
    const [all, final] = [historyPools, finalPools].map((pools) =>
      pools(x, decays, offsets, 0.4).arraySync(),
    );
    final.forEach((rows, p) => {
      rows.forEach((row, s) => {
        row.forEach((value, k) => {
          expect(value).toBeCloseTo(all[p][offsets[s + 1] - 1][k], 5);
        });
      });
    });
  });

  it('places are the ratings that stood there, gated or side by side, and nothing before the first', () => {
    const x = historyValues(points, levels, histories);
    const [value, gate, gated, beside] = [
      x,
      gates,
      gatedPlaces(x, gates, offsets),
      placesSideBySide(x, 2, offsets),
    ].map((tensor) => tensor.arraySync() as number[][]);
    for (let t = 0; t < 7; t++) {
      const before = t === 0 || t === 4 ? [0, 0, 0] : value[t - 1];
      expect(beside[t]).toEqual([...value[t], ...before]);
      for (let k = 0; k < 3; k++)
        expect(gated[t][k]).toBeCloseTo(gate[0][k] * value[t][k] + gate[1][k] * before[k], 5);
    }
  });

  it.each([0, 0.4])('have the gradients that finite differences give, growth %d', (growth) => {
    const slopes = (count: number): Tensor2D => matrix(7, count);
    const pools = tf.reshape(slopes(9), [3, 7, 3]);
    const [single, double] = [slopes(3), slopes(6)];
    const along = (value: Tensor, slope: Tensor) => tf.sum(tf.mul(value, slope)).asScalar();
    checkGradient(
      (v: Tensor2D, w: Tensor2D, gamma: Tensor2D) =>
        along(historyPools(historyValues(v, w, histories), gamma, offsets, growth), pools),
      [points, levels, decays],
    );
    const ends = tf.slice(pools, [0, 0, 0], [3, 2, 3]);
    checkGradient(
      (v: Tensor2D, w: Tensor2D, gamma: Tensor2D) =>
        along(finalPools(historyValues(v, w, histories), gamma, offsets, growth), ends),
      [points, levels, decays],
    );
    const x = historyValues(points, levels, histories);
    checkGradient(
      (values: Tensor2D, gate: Tensor2D) => along(gatedPlaces(values, gate, offsets), single),
      [x, gates],
    );
    checkGradient((values: Tensor2D) => along(placesSideBySide(values, 2, offsets), double), [x]);
  });

  it('know nothing of what comes later, nor of other histories', () => {
    const changed = { ...histories, rows: histories.rows.with(2, 1), levels: histories.levels.with(2, 0) };
    const all = (given: PackedHistories) => {
      const x = historyValues(points, levels, given);
      return [
        ...poolsOf(given),
        gatedPlaces(x, gates, offsets).arraySync(),
        placesSideBySide(x, 2, offsets).arraySync(),
      ];
    };
    const [before, after] = [all(histories), all(changed)];
    before.forEach((rows, n) => {
      for (const t of [0, 1, 4, 5, 6]) expect(after[n][t]).toEqual(rows[t]);
      for (const t of [2, 3]) expect(after[n][t]).not.toEqual(rows[t]);
    });
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

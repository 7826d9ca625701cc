/** Adam against TensorFlow.js's own, where all rows are touched and where few are, and the
 *  schedule. */
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { installedBackends } from '../../test/fixtures/installed-backends';
import { loadEngine } from './engine';
import { Adam, cosineDecay, RowTable, uniqueRows } from './row-adam';
import { tf } from './tf';

describe.each(installedBackends())('Adam on %s', (backend) => {
  beforeAll(async () => void (await loadEngine({ backend })));

  it('goes where tf.train.adam goes, step by step, when all rows are touched', () => {
    const target = tf.tensor2d([
      [3, -2],
      [0.5, 1],
    ]);
    const dense = tf.variable(
      tf.tensor2d([
        [1, 1],
        [-1, 2],
      ]),
    );
    const table = new RowTable(Float32Array.from([1, 1, -1, 2]), 2);
    const adam = new Adam(() => 0.1);
    const reference = tf.train.adam(0.1, 0.9, 0.999, 1e-7);
    const loss = (w: Tensor) => tf.sum(tf.square(tf.sub(w, target))) as Scalar;
    for (let step = 0; step < 20; step++) {
      reference.minimize(() => loss(dense), false, [dense]);
      const gradient = tf.grad(loss)(tf.tensor2d(table.values, [2, 2]));
      adam.stepRows(table, Int32Array.of(1, 0), tf.reverse(gradient, 0) as Tensor2D); // rows in another order, on purpose
      adam.advance();
      const expected = dense.dataSync();
      for (const [i, value] of table.values.entries()) expect(value).toBeCloseTo(expected[i], 4);
    }
  });

  it('leaves other rows alone, and starts a late row with a full step of one learning rate', () => {
    const table = new RowTable(new Float32Array(6), 2);
    const adam = new Adam(() => 0.01);
    for (let step = 0; step < 500; step++) {
      adam.stepRows(table, Int32Array.of(0), tf.tensor2d([[1, 1]]));
      adam.advance();
    }
    adam.stepRows(table, Int32Array.of(2), tf.tensor2d([[4, -4]]));
    expect([...table.values.subarray(2, 4)]).toEqual([0, 0]);
    expect(table.values[4]).toBeCloseTo(-0.01, 5);
    expect(table.values[5]).toBeCloseTo(0.01, 5);
  });

  it('trains an embedding whose rows repeat in the batch', () => {
    const table = new RowTable(new Float32Array(10 * 2), 2);
    const adam = new Adam(() => 0.2);
    const batch = Int32Array.of(7, 3, 7, 3, 3);
    const { rows, positions } = uniqueRows(batch);
    expect([...rows]).toEqual([7, 3]);
    for (let step = 0; step < 200; step++) {
      tf.tidy(() => {
        const slope = tf.grad((taken: Tensor) =>
          tf.sum(tf.square(tf.sub(tf.gather(taken, tf.tensor1d(positions, 'int32')), 1))),
        )(table.take(rows));
        adam.stepRows(table, rows, slope as Tensor2D);
      });
      adam.advance();
    }
    for (const row of [7, 3]) expect(table.values[row * 2]).toBeCloseTo(1, 2);
    expect(table.values.filter((value) => value !== 0)).toHaveLength(4);
  });
});

it('refuses gradients and rows that do not fit', () => {
  const table = new RowTable(new Float32Array(6), 2);
  expect(() => new Adam(() => 1).stepRows(table, Int32Array.of(1), tf.zeros([2, 2]))).toThrow(RangeError);
  expect(() => table.take(Int32Array.of(3))).toThrow(RangeError);
  expect(() => new RowTable(new Float32Array(5), 2)).toThrow(RangeError);
});

it('cosineDecay rises, falls by half a cosine, and stays at its floor', () => {
  const rate = cosineDecay({ learningRate: 2, totalSteps: 110, warmupSteps: 10, floor: 0.1 });
  expect([0, 9, 10].map(rate)).toEqual([0.2, 2, 2]);
  expect(rate(60)).toBeCloseTo(1.1, 10);
  expect(rate(110)).toBeCloseTo(0.2, 10);
  expect(rate(1000)).toBe(rate(110));
  expect(() => cosineDecay({ learningRate: 1, totalSteps: 5, warmupSteps: 5 })).toThrow(RangeError);
});

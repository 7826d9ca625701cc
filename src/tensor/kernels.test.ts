/** The kernels we supply, against answers known by construction, on every back end of this
 *  machine. */
import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { installedBackends } from '../../test/fixtures/installed-backends';
import { loadEngine } from './engine';
import { scatterAdd } from './kernels';
import { tf } from './tf';

describe.each(installedBackends())('kernels on %s', (backend) => {
  beforeAll(async () => void (await loadEngine({ backend })));

  it('unsortedSegmentSum adds rows, leaves out negative ids, zeroes the rest', () => {
    const sums = () =>
      tf.unsortedSegmentSum(
        tf.tensor2d([
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ]),
        tf.tensor1d([2, 0, 2, -1], 'int32'),
        4,
      );
    tf.dispose(tf.fill([4, 2], 9)); // dirty memory for the wasm heap to hand out again
    expect(sums().arraySync()).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
      [0, 0],
    ]);
    expect(
      tf
        .unsortedSegmentSum(tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([1, 1, 0], 'int32'), 2)
        .arraySync(),
    ).toEqual([3, 3]);
  });

  it('gather takes rows, and its gradient counts every use', () => {
    const table = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const indices = tf.tensor1d([2, 0, 2, 2], 'int32');
    expect(tf.gather(table, indices).arraySync()).toEqual([
      [7, 8, 9],
      [1, 2, 3],
      [7, 8, 9],
      [7, 8, 9],
    ]);
    const gradient = tf.grad((x: Tensor) => tf.sum(tf.gather(x, indices)))(table);
    expect(gradient.arraySync()).toEqual([
      [1, 1, 1],
      [0, 0, 0],
      [3, 3, 3],
    ]);
    expect(tf.gather(table, tf.tensor2d([[1], [0]], [2, 1], 'int32')).shape).toEqual([2, 1, 3]);
    expect(tf.gather(table, tf.tensor1d([1], 'int32'), 1).arraySync()).toEqual([[2], [5], [8]]);
  });

  it('matMul agrees with itself under every combination of transposes, also in batches', () => {
    const a = tf.reshape(tf.range(0, 12), [2, 2, 3]);
    const b = tf.reshape(tf.range(5, 29), [2, 3, 4]);
    const [left, right] = [a.arraySync() as number[][][], b.arraySync() as number[][][]];
    const plain = left.map((rows, i) =>
      rows.map((row) =>
        [0, 1, 2, 3].map((column) => row.reduce((sum, value, k) => sum + value * right[i][k][column], 0)),
      ),
    );
    expect(tf.matMul(a, b).arraySync()).toEqual(plain);
    const [at, bt] = [tf.transpose(a, [0, 2, 1]), tf.transpose(b, [0, 2, 1])];
    expect(tf.matMul(at, b, true, false).arraySync()).toEqual(plain);
    expect(tf.matMul(a, bt, false, true).arraySync()).toEqual(plain);
    expect(tf.matMul(at, bt, true, true).arraySync()).toEqual(plain);
  });

  it('step and the gradient of relu', () => {
    const x = tf.tensor1d([-2, -0, 0, 1e-20, 3]);
    expect([...tf.step(x).dataSync()]).toEqual([0, 0, 0, 1, 1]);
    expect([...tf.step(x, 0.5).dataSync()]).toEqual([0.5, 0.5, 0.5, 1, 1]);
    expect([
      ...tf
        .grad((y: Tensor) => tf.sum(tf.relu(y)))(x)
        .dataSync(),
    ]).toEqual([0, 0, 0, 1, 1]);
    expect(tf.step(tf.tensor1d([NaN])).dataSync()[0]).toBeNaN();
  });

  it('has the kernels that a tower needs', () => {
    const x = tf.tensor2d([
      [0.5, -1, 2],
      [3, 0.25, -2],
    ]);
    const operations: Record<string, (t: Tensor2D) => Tensor> = {
      exp: tf.exp,
      square: tf.square,
      relu: tf.relu,
      tanh: tf.tanh,
      softplus: tf.softplus,
      sigmoid: tf.sigmoid,
      softmax: (t) => tf.softmax(t),
      log: (t) => tf.log(tf.add(tf.square(t), 1)),
      sqrt: (t) => tf.sqrt(tf.add(tf.square(t), 1)),
      pow: (t) => tf.pow(tf.abs(t), 2),
      cumsum: (t) => tf.cumsum(t, 1),
      where: (t) =>
        tf.where(
          tf.tensor2d(
            [
              [1, 0, 1],
              [1, 1, 0],
            ],
            [2, 3],
            'bool',
          ),
          t,
          tf.zerosLike(t),
        ),
      concat: (t) => tf.concat([t, t], 1),
      slice: (t) => tf.slice(t, [0, 1], [2, 2]),
      tile: (t) => tf.tile(t, [2, 1]),
      sum: (t) => tf.sum(t, 1),
      max: (t) => tf.max(t, 1),
      mean: (t) => tf.mean(t, 0),
      stack: (t) => tf.stack([t, t]),
      gather: (t) => tf.gather(t, tf.tensor1d([1, 1], 'int32')),
      product: (t) => tf.matMul(t, t, false, true),
      elu: tf.elu,
      logSumExp: (t) => tf.logSumExp(t, 1),
      abs: tf.abs,
      clip: (t) => tf.clipByValue(t, -1, 1),
    };
    for (const [name, operation] of Object.entries(operations)) {
      const gradient = tf.grad((t: Tensor) => tf.sum(tf.square(operation(t as Tensor2D))))(x);
      expect({ name, finite: [...gradient.dataSync()].every(Number.isFinite) }).toEqual({
        name,
        finite: true,
      });
    }
    expect(tf.topk(x, 2).indices.arraySync()).toEqual([
      [2, 0],
      [0, 1],
    ]);
    expect(tf.oneHot(tf.tensor1d([1], 'int32'), 3).arraySync()).toEqual([[0, 1, 0]]);
    expect(tf.scatterND(tf.tensor2d([[2]], [1, 1], 'int32'), tf.tensor1d([7]), [3]).arraySync()).toEqual([
      0, 0, 7,
    ]);
    expect(tf.logicalAnd(tf.tensor1d([1, 0], 'bool'), tf.tensor1d([1, 1], 'bool')).arraySync()).toEqual([
      1, 0,
    ]);
  });
});

it.each(['wasm', 'cpu'] as const)(
  '%s refuses ids outside the segments instead of writing elsewhere',
  async (backend) => {
    await loadEngine({ backend });
    expect(() => tf.unsortedSegmentSum(tf.tensor1d([1]), tf.tensor1d([3], 'int32'), 3)).toThrow(
      /segment id 3 .* out of range \[0, 3\)/,
    );
    if (backend === 'wasm')
      expect(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([3], 'int32'))).toThrow(RangeError);
  },
);

it('scatterAdd of 4096 rows into 9,724 × 64 takes milliseconds, not 80 s', () => {
  const ids = Int32Array.from({ length: 4096 }, (_, i) => (i * 7919) % 9724);
  const sums = new Float32Array(9724 * 64);
  const started = performance.now();
  scatterAdd(new Float32Array(4096 * 64).fill(1), ids, sums, 64);
  expect(performance.now() - started).toBeLessThan(500);
  expect(sums.reduce((a, b) => a + b, 0)).toBe(4096 * 64);
});

import type { Tensor, Tensor2D } from '@tensorflow/tfjs';
import { checkGradient } from '../../test/fixtures/gradient-check';
import { catalogueSoftmaxLoss, loadEngine, tf } from '.';

describe('the cross-entropy over the whole catalogue', () => {
  beforeAll(async () => {
    await loadEngine({ backend: 'cpu' });
  });

  const shares = [
    [0, 0.2, 0.3],
    [0.5, 0, 0],
  ];
  const known = [
    [1, 0, 0],
    [0, 0, 0],
  ];
  const given = (queries: Tensor2D, points: Tensor2D) =>
    catalogueSoftmaxLoss({ queries, points, shares: tf.tensor2d(shares), known: tf.tensor2d(known) });
  const q = [
    [0, 1],
    [2, -1],
  ];
  const v = [
    [1, 1],
    [0, 0.5],
    [-1, 2],
  ];

  it('is what the formula says', () => {
    let expected = 0;
    q.forEach((query, b) => {
      const weights = v.map((point, i) =>
        known[b][i] ? 0 : Math.exp(-((query[0] - point[0]) ** 2) - (query[1] - point[1]) ** 2),
      );
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      weights.forEach((weight, i) => {
        if (shares[b][i] > 0) expected -= shares[b][i] * Math.log(weight / total);
      });
    });
    expect(given(tf.tensor2d(q), tf.tensor2d(v)).dataSync()[0]).toBeCloseTo(expected, 5);
  });

  it('has the gradient of finite differences, without a pull on what is known', () => {
    checkGradient(
      (queries: Tensor2D, points: Tensor2D) => given(queries, points),
      [tf.tensor2d(q), tf.tensor2d(v)],
    );
    const alone = (points: Tensor) =>
      catalogueSoftmaxLoss({
        queries: tf.tensor2d([q[0]]),
        points: points as Tensor2D,
        shares: tf.tensor2d([shares[0]]),
        known: tf.tensor2d([known[0]]),
      });
    expect(Array.from(tf.grad(alone)(tf.tensor2d(v)).dataSync().slice(0, 2), Math.abs)).toEqual([0, 0]);
  });
});

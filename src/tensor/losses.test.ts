/** Every fused operation against the naive expression, in value and gradient, on every back end of
 *  this machine. */

import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import { checkGradient } from '../../test/fixtures/gradient-check';
import { installedBackends } from '../../test/fixtures/installed-backends';
import { loadEngine } from './engine';
import {
  catalogueSoftmaxLoss,
  handicaps,
  softmaxDistanceLoss,
  squaredDistances,
  tripletHingeLoss,
} from './losses';
import { tf } from './tf';

const n = 6;
const m = 9;
const d = 4;
/** Seeded points; every back end gets the same numbers. */
function points(rows: number, width: number, seed: number): Tensor2D {
  let state = seed;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  };
  return tf.tensor2d(Float32Array.from({ length: rows * width }, next), [rows, width]);
}

/** The same with differences, elementwise; nothing to get wrong. [n, d], [m, d] → [n, m] */
function naiveDistances(q: Tensor2D, p: Tensor2D): Tensor2D {
  return tf.sum(tf.square(tf.sub(tf.expandDims(q, 1), tf.expandDims(p, 0))), 2);
}

/** Value and all gradients of both functions agree to `digits`. */
function expectSame<Inputs extends Tensor[]>(
  fused: (...inputs: Inputs) => Scalar,
  naive: (...inputs: Inputs) => Scalar,
  inputs: [...Inputs],
  tolerance = 2e-5,
): void {
  const a = tf.valueAndGrads(fused as never)(inputs);
  const b = tf.valueAndGrads(naive as never)(inputs);
  expectClose(a.value, b.value, tolerance);
  a.grads.forEach((gradient, i) => {
    expect(gradient.shape).toEqual(inputs[i].shape);
    expectClose(gradient, b.grads[i], tolerance);
  });
}

function expectClose(actual: Tensor, expected: Tensor, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  const e = expected.dataSync();
  for (const [i, value] of actual.dataSync().entries())
    expect(Math.abs(value - e[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(e[i])));
}

describe.each(installedBackends())('operations on %s', (backend) => {
  let q: Tensor2D, p: Tensor2D, x: Tensor2D, mask: Tensor2D, logQ: Tensor1D, rowWeights: Tensor1D;

  beforeAll(async () => {
    await loadEngine({ backend });
    [q, p, x] = [points(n, d, 11), points(n, d, 12), points(m, d, 13)];
    mask = tf.tensor2d(
      Float32Array.from({ length: n * m }, (_, i) => (i % 5 === 2 ? 1 : 0)),
      [n, m],
    );
    logQ = tf.tensor1d(Float32Array.from({ length: m }, (_, j) => -1 - 0.3 * j));
    rowWeights = tf.tensor1d([1, 0.5, 2, 0, 1, 3]);
  });

  it('matMul and its gradient', () => {
    const b = points(d, m, 5);
    const weights = points(n, m, 6);
    const elementwise = (a: Tensor2D, b: Tensor2D) =>
      tf.sum(tf.mul(tf.expandDims(a, 2), tf.expandDims(b, 0)), 1);
    expectSame(
      (a, b) => tf.sum(tf.mul(tf.matMul(a, b), weights)),
      (a, b) => tf.sum(tf.mul(elementwise(a, b), weights)),
      [q, b],
    );
    expectClose(tf.matMul(q, x, false, true), elementwise(q, tf.transpose(x)), 1e-5);
    expectClose(tf.matMul(q, p, true, false), elementwise(tf.transpose(q), p), 1e-5);
    expectClose(tf.matMul(q, b, false, false), tf.transpose(tf.matMul(b, q, true, true)), 1e-5);
  });

  it('squaredDistances: value, gradient, never below 0', () => {
    const pick = points(n, m, 10);
    expectSame(
      (a, b) => tf.sum(tf.mul(squaredDistances(a, b), pick)),
      (a, b) => tf.sum(tf.mul(naiveDistances(a, b), pick)),
      [q, x],
    );
    checkGradient((a, b) => tf.sum(tf.mul(squaredDistances(a, b), pick)), [q, x]);
    const far = tf.mul(q, 100) as Tensor2D; // rounding at this size is some 1e-3
    expect(tf.min(squaredDistances(far, far)).dataSync()[0]).toBeGreaterThanOrEqual(0);
  });

  describe('softmaxDistanceLoss', () => {
    const naive =
      (options: { mask?: boolean; logQ?: boolean; weights?: boolean }) =>
      (a: Tensor2D, b: Tensor2D, c: Tensor2D) => {
        const positive = tf.neg(tf.sum(tf.square(tf.sub(a, b)), 1, true));
        let negative = tf.neg(naiveDistances(a, c));
        if (options.logQ) negative = tf.sub(negative, logQ);
        if (options.mask) negative = tf.sub(negative, tf.mul(mask, 1e9));
        const rows = tf.sub(tf.logSumExp(tf.concat([positive, negative], 1), 1), tf.squeeze(positive, [1]));
        const weights = options.weights ? rowWeights : tf.onesLike(rows);
        return tf.div(tf.sum(tf.mul(rows, weights)), tf.sum(weights)) as Scalar;
      };
    const fused =
      (options: { mask?: boolean; logQ?: boolean; weights?: boolean }) =>
      (queries: Tensor2D, positives: Tensor2D, negatives: Tensor2D) =>
        softmaxDistanceLoss({
          queries,
          positives,
          negatives,
          handicaps:
            options.mask || options.logQ
              ? handicaps(options.mask ? mask : tf.zeros([n, m]), options.logQ ? logQ : undefined)
              : undefined,
          rowWeights: options.weights ? rowWeights : undefined,
        });

    it.each([
      {},
      { mask: true },
      { logQ: true },
      { weights: true },
      { mask: true, logQ: true, weights: true },
    ])('agrees with the naive expression: %j', (options) => {
      expectSame(fused(options), naive(options), [q, p, x]);
    });
    it('agrees with finite differences', () => {
      checkGradient(fused({ mask: true, logQ: true, weights: true }), [q, p, x]);
    });
    it('scales the gradient by what comes after it', () => {
      expectSame(
        (...a) => tf.mul(fused({})(...a), 3),
        (...a) => tf.mul(naive({})(...a), 3),
        [q, p, x],
      );
    });
    it('stays finite for tiny and huge distances, rows without negatives and zero weights', () => {
      for (const scale of [1e-2, 25]) {
        const { value, grads } = tf.valueAndGrads(fused({}) as never)(
          [q, p, x].map((given) => tf.mul(given, scale)),
        );
        for (const tensor of [value, ...grads])
          expect([...tensor.dataSync()].every(Number.isFinite)).toBe(true);
      }
      expect(
        softmaxDistanceLoss({
          queries: q,
          positives: p,
          negatives: x,
          handicaps: handicaps(tf.ones([n, m])),
        }).dataSync()[0],
      ).toBe(0);
      expect(
        softmaxDistanceLoss({
          queries: q,
          positives: p,
          negatives: x,
          rowWeights: tf.zeros([n]),
        }).dataSync()[0],
      ).toBe(0);
    });
  });

  describe('tripletHingeLoss', () => {
    interface Case {
      squared?: boolean;
      hardest?: number;
      masked?: boolean;
      weighted?: boolean;
    }
    const cases: Case[] = [
      {},
      { squared: true },
      { hardest: 3 },
      { masked: true, weighted: true },
      { squared: true, hardest: 2, masked: true, weighted: true },
      { hardest: 99 },
    ];
    const fused =
      ({ masked, weighted, ...rest }: Case) =>
      (queries: Tensor2D, positives: Tensor2D, negatives: Tensor2D) =>
        tripletHingeLoss({
          queries,
          positives,
          negatives,
          margin: 0.5,
          ...rest,
          mask: masked ? mask : undefined,
          rowWeights: weighted ? rowWeights : undefined,
        });
    /** The pairs are chosen one by one in plain JavaScript; TensorFlow only differentiates. */
    const naive =
      ({ squared, hardest = m, masked, weighted }: Case) =>
      (a: Tensor2D, b: Tensor2D, c: Tensor2D) => {
        const length = (d2: Tensor) => (squared ? d2 : tf.sqrt(tf.add(d2, 1e-6)));
        const far = length(naiveDistances(a, c));
        const distances = far.arraySync() as number[][];
        const out = mask.arraySync();
        const weights = rowWeights.arraySync();
        const pairs = distances.map((row, i) => {
          const chosen = row
            .map((_, j) => j)
            .filter((j) => !masked || out[i][j] === 0)
            .sort((j, k) => row[j] - row[k])
            .slice(0, hardest);
          return row.map((_, j) => (chosen.includes(j) ? (weighted ? weights[i] : 1) : 0));
        });
        const near = length(tf.sum(tf.square(tf.sub(a, b)), 1, true));
        const total = pairs.flat().reduce((sum, w) => sum + w, 0);
        return tf.div(
          tf.sum(tf.mul(tf.relu(tf.add(tf.sub(near, far), 0.5)), tf.tensor2d(pairs))),
          total,
        ) as Scalar;
      };

    it.each(cases)('agrees with the naive expression: %j', (options) =>
      expectSame(fused(options), naive(options), [q, p, x]),
    );
    it.each(cases)('agrees with finite differences: %j', (options) => {
      checkGradient(fused(options), [q, p, x], { epsilon: 2e-3, tolerance: 3e-3 });
    });
    it('is 0 with a gradient of 0 when no pair counts, and finite for coincident points', () => {
      const none = tf.valueAndGrads((a: Tensor, b: Tensor, c: Tensor) =>
        tripletHingeLoss({
          queries: a as Tensor2D,
          positives: b as Tensor2D,
          negatives: c as Tensor2D,
          margin: 1,
          mask: tf.ones([n, m]),
        }),
      )([q, p, x]);
      for (const tensor of [none.value, ...none.grads])
        expect([...tensor.dataSync()].every((v) => v === 0)).toBe(true);
      const same = tf.valueAndGrads((a: Tensor, c: Tensor) =>
        tripletHingeLoss({
          queries: a as Tensor2D,
          positives: a as Tensor2D,
          negatives: c as Tensor2D,
          margin: 1,
        }),
      )([q, q.clone()]);
      for (const tensor of [same.value, ...same.grads])
        expect([...tensor.dataSync()].every(Number.isFinite)).toBe(true);
    });
    it('refuses hardest: 0', () => expect(() => fused({ hardest: 0 })(q, p, x)).toThrow(RangeError));
  });

  it('leaves no tensor behind', () => {
    const run = () =>
      tf.tidy(() => {
        const { value, grads } = tf.valueAndGrads(
          (a: Tensor, b: Tensor, c: Tensor) =>
            tf.add(
              softmaxDistanceLoss({
                queries: a as Tensor2D,
                positives: b as Tensor2D,
                negatives: c as Tensor2D,
              }),
              tripletHingeLoss({
                queries: a as Tensor2D,
                positives: b as Tensor2D,
                negatives: c as Tensor2D,
                margin: 1,
                hardest: 2,
              }),
            ) as Scalar,
        )([q, p, x]);
        return void [value, grads, tf.relu(q), tf.step(q), tf.gather(x, tf.tensor1d([1, 2], 'int32'))];
      });
    run();
    const before = tf.memory();
    run();
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
  });
});

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

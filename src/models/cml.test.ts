import { contextOf } from '../../test/fixtures/fit-context';
import { dataOf } from '../../test/fixtures/training-data';
import type { UserHistory } from '../interactions/interaction-log';
import { Random } from '../numeric/random';
import { cml, covarianceGradient, differentiate, foldInUser, tripletGradient } from './cml';
import { meanRow, PairSampler, stepThroughHistory } from './pairwise';
import {
  AdaGradTable,
  ImpostorSearch,
  projectOntoUnitBall,
  randomPoints,
  rankWeight,
  squaredDistance,
  UnitBallTable,
} from './unit-ball';

const context = contextOf();
const historyOfItems = (items: readonly number[]): UserHistory => ({
  items: Int32Array.from(items),
  values: new Float32Array(items.length),
  timestamps: new Float64Array(items.length),
});
const drawn = (length: number, seed: number) => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => random.normal());
};

describe('the loss of a triplet', () => {
  it('has the gradient of finite differences', () => {
    const d = 5;
    const [weight, margin] = [2.5, 0.7];
    const points = { user: drawn(d, 1), positive: drawn(d, 2), negative: drawn(d, 3) };
    const loss = () =>
      weight *
      (margin +
        squaredDistance(points.user, points.positive, 0) -
        squaredDistance(points.user, points.negative, 0));
    const gradient = tripletGradient(d);
    differentiate(
      { user: [points.user, 0], positive: [points.positive, 0], negative: [points.negative, 0] },
      weight,
      gradient,
    );
    for (const name of ['user', 'positive', 'negative'] as const) {
      for (let k = 0; k < d; k++) {
        const kept = points[name][k];
        points[name][k] = kept + 1e-5;
        const up = loss();
        points[name][k] = kept - 1e-5;
        const down = loss();
        points[name][k] = kept;
        expect(gradient[name][k]).toBeCloseTo((up - down) / 2e-5, 6);
      }
    }
  });
});

describe('the covariance', () => {
  it('is worked out by hand for three points of the plane', () => {
    // Means 1 and 2; centred (-1, -1), (0, -1), (1, 2); off the diagonal C = (1 + 0 + 2) / 3 = 1; R
    // / 4 · 2 · 1² = 1.5.
    const gradient = new Float64Array(6);
    expect(covarianceGradient(Float64Array.of(0, 1, 1, 1, 2, 4), 2, gradient)).toBeCloseTo(1.5, 12);
    expect(Array.from(gradient)).toEqual([-1, -1, -1, 0, 2, 1].map((value) => expect.closeTo(value, 12)));
  });

  it('has the gradient of finite differences', () => {
    const [d, points] = [4, drawn(7 * 4, 5)];
    const [gradient, ignored] = [new Float64Array(points.length), new Float64Array(points.length)];
    covarianceGradient(points, d, gradient);
    points.forEach((kept, at) => {
      points[at] = kept + 1e-5;
      const up = covarianceGradient(points, d, ignored);
      points[at] = kept - 1e-5;
      const down = covarianceGradient(points, d, ignored);
      points[at] = kept;
      expect(gradient[at]).toBeCloseTo((up - down) / 2e-5, 6);
    });
  });
});

describe('impostors', () => {
  it('are within reach and not the user’s, the nearest of them is kept, and their number estimates a rank', () => {
    // On a line: the user at 0, the items at 0.1, 0.2, 0.3 and 2; the user has item 0.
    const items = Float64Array.of(0.1, 0.2, 0.3, 2);
    const search = new ImpostorSearch(items, 1, { has: (user, item) => user === 7 && item === 0 });
    search.search(Float64Array.of(0), { reach: 1, user: 7, draws: 4_000 }, new Random(1));
    expect(search.nearest).toBe(1);
    expect(search.distance).toBeCloseTo(0.04, 12);
    // Two of four items: 2,000 expected, deviation 32
    expect(Math.abs(search.count - 2_000)).toBeLessThan(160);
    search.search(Float64Array.of(0), { reach: 0.03, user: 7, draws: 50 }, new Random(1));
    expect([search.nearest, search.count]).toEqual([-1, 0]);
  });

  it('weigh by the logarithm of the rank that they suggest', () => {
    expect(rankWeight(0, 20, 3_706)).toBe(0);
    expect(rankWeight(3, 20, 100)).toBeCloseTo(Math.log(16), 12);
    expect(rankWeight(20, 20, 100)).toBeCloseTo(Math.log(101), 12);
  });

  it('gives up distances that are out of reach, and no others', () => {
    const [a, b] = [drawn(40, 1), drawn(40, 2)];
    const exact = a.reduce((sum, value, k) => sum + (value - b[k]) ** 2, 0);
    expect(squaredDistance(a, b, 0)).toBeCloseTo(exact, 10);
    expect(squaredDistance(a, b, 0, exact * 1.01)).toBeCloseTo(exact, 10);
    expect(squaredDistance(a, b, 0, exact / 2)).toBeGreaterThanOrEqual(exact / 2);
  });
});

describe('tables', () => {
  it('move one row by AdaGrad', () => {
    const table = new AdaGradTable(Float32Array.of(1, 2, 3, 4), 2, 0.5);
    table.descend(1, Float64Array.of(2, 0));
    // 3 − 0.5 · 2 / √(0.1 + 4)
    expect(Array.from(table.rows)).toEqual([1, 2, expect.closeTo(3 - 1 / Math.sqrt(4.1), 6), 4]);
    table.descend(1, Float64Array.of(2, 0));
    expect(table.rows[2]).toBeCloseTo(3 - 1 / Math.sqrt(4.1) - 1 / Math.sqrt(8.1), 6);
  });

  it('keep points in the unit ball, and leave alone those that are', () => {
    const values = Float32Array.of(9, 3, 4, 0.3, 0.4);
    projectOntoUnitBall(values, 1, 2);
    projectOntoUnitBall(values, 3, 2);
    expect(Array.from(values)).toEqual([9, 0.6, 0.8, 0.3, 0.4].map((value) => expect.closeTo(value, 6)));
    const table = new UnitBallTable(randomPoints(3, 2, new Random(1)), 2, 100);
    table.descend(2, Float64Array.of(-5, 0));
    expect(Math.hypot(table.rows[4], table.rows[5])).toBeCloseTo(1, 6);
  });
});

describe('steps through a history', () => {
  it('meets every item equally often, in an order of seed and history alone', () => {
    const walk = (history: number[], seed: number) => {
      const met: number[] = [];
      stepThroughHistory(Int32Array.from(history), { steps: 9, seed }, (item) => met.push(item));
      return met;
    };
    expect(walk([4, 5, 6], 1).sort()).toEqual([4, 4, 4, 5, 5, 5, 6, 6, 6]);
    expect(walk([4, 5, 6], 1)).toEqual(walk([4, 5, 6], 1));
    expect(walk([4, 5, 6], 2)).not.toEqual(walk([4, 5, 6], 1));
    expect(walk([], 1)).toEqual([]);
  });

  it('begins at the mean', () => {
    const rows = Float32Array.of(0, 2, 4, 6, 8, 4);
    expect(Array.from(meanRow(rows, 2))).toEqual([4, 4]);
    expect(Array.from(meanRow(rows, 2, Int32Array.of(0, 2)))).toEqual([4, 3]);
    expect(Array.from(meanRow(rows, 2, new Int32Array(0)))).toEqual([0, 0]);
  });
});

describe('folding in', () => {
  it('leaves the mean of the history for a point with less loss, inside the ball', () => {
    // Two items of the history to the right and above; an impostor below them, and an item far
    // away.
    const items = Float32Array.of(0.9, 0.1, 0.1, 0.9, 0.3, -0.2, -0.9, -0.1);
    const history = Int32Array.of(0, 1);
    const plan = { margin: 1, negatives: 8, foldInSteps: 400, foldInRate: 0.1, seed: 1 };
    const loss = (point: Float32Array) =>
      [0, 1].reduce((sum, item) => {
        const reach = plan.margin + squaredDistance(point, items, item * 2);
        return (
          sum +
          [2, 3].reduce(
            (most, other) => Math.max(most, reach - squaredDistance(point, items, other * 2)),
            0,
          )
        );
      }, 0);
    const point = foldInUser(history, items, 2, plan);
    expect(loss(point)).toBeLessThan(0.7 * loss(meanRow(items, 2, history)));
    expect(Math.hypot(...point)).toBeLessThanOrEqual(1 + 1e-6);
    expect(foldInUser(history, items, 2, plan)).toEqual(point);
  });

  it('keeps the mean where there is no impostor', () => {
    const items = Float32Array.of(0.9, 0.1, 0.1, 0.9);
    const plan = { margin: 0.5, negatives: 8, foldInSteps: 40, foldInRate: 0.1, seed: 1 };
    expect(foldInUser(Int32Array.of(0, 1), items, 2, plan)).toEqual(Float32Array.of(0.5, 0.5));
  });
});

describe('training', () => {
  const random = new Random(1);
  const histories = Array.from({ length: 40 }, (_, user) =>
    Array.from(random.sampleWithoutReplacement(10, 6), (item) => 2 * item + (user % 2)),
  );
  const data = dataOf(histories, 20);

  it('keeps all items in the ball, and scores minus the squared distance', async () => {
    const model = await cml.fit(data, cml.hyperparameters.parse({ embeddingSize: 6, epochs: 10 }), context);
    const { itemPoints, meanUser } = model.save().arrays;
    const points = itemPoints.data as Float32Array;
    for (let item = 0; item < 20; item++)
      expect(Math.hypot(...points.subarray(item * 6, item * 6 + 6))).toBeLessThanOrEqual(1 + 1e-6);
    model.score([historyOfItems([])]).forEach((score, item) => {
      expect(score).toBeCloseTo(-squaredDistance(meanUser.data as Float32Array, points, item * 6), 5);
    });
  });

  it('brings dimensions that covary apart with a larger weight', async () => {
    const covarianceOf = async (covarianceWeight: number) => {
      const settings = cml.hyperparameters.parse({ embeddingSize: 6, epochs: 30, covarianceWeight });
      const points = Float64Array.from(
        (await cml.fit(data, settings, context)).save().arrays.itemPoints.data,
      );
      return covarianceGradient(points, 6, new Float64Array(points.length));
    };
    expect(await covarianceOf(100)).toBeLessThan(await covarianceOf(0));
  });

  it('asks the sampler whose an item is', () => {
    const sampler = new PairSampler(data.interactions);
    for (let item = 0; item < 20; item++) expect(sampler.has(3, item)).toBe(histories[3].includes(item));
  });
});

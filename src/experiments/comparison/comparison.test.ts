/** The pure part of comparisons: whose figures are paired with whose, and what makes a system. */
import type { StoredFigures } from '../user-figures';
import { align, compareSystems, meanColumn } from './compare';
import { groupBySystem, leaderboardOf, type TrainingRow } from './leaderboard';

const figures = (userIds: number[], values: number[]): StoredFigures => ({
  userIds: Int32Array.from(userIds),
  values: Float32Array.from(values),
});

it('pairs users by id, not by place, and leaves out whom not all have or a metric says nothing of', () => {
  const columns = align([
    figures([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4]),
    figures([4, 3, 2, 9], [40, 30, Number.NaN, 90]),
    figures([1, 2, 3, 4], [1, 2, 3, 4]),
  ]);
  expect(columns).toEqual([Float32Array.of(0.3, 0.4), Float32Array.of(30, 40), Float32Array.of(3, 4)]);
  expect(meanColumn([Float32Array.of(1, 2), Float32Array.of(3, 6)])).toEqual(Float32Array.of(2, 4));
});

it('compares the means over seeds', () => {
  const users = Array.from({ length: 12 }, (_, i) => i);
  const one = figures(
    users,
    users.map((u) => u % 2),
  );
  const other = figures(
    users,
    users.map((u) => (u + 1) % 2),
  );
  const zero = figures(
    users,
    users.map(() => 0),
  );
  const result = compareSystems([[one, other], [zero]]);
  expect(result).toMatchObject({ users: 12, means: [{ mean: 0.5, low: 0.5, high: 0.5 }, { mean: 0 }] });
  expect(result.comparisons[0]).toMatchObject({ difference: -0.5, randomization: 2 / 2 ** 12 });
});

it('says so where no user is shared', () => {
  expect(compareSystems([[figures([1], [1])], [figures([2], [1])]])).toEqual({
    users: 0,
    means: [],
    comparisons: [],
  });
});

const training = (id: number, more: Partial<TrainingRow>): TrainingRow => ({
  id,
  algorithm: 'BPR_MF',
  hyperparameters: { epochs: 1, margin: 2 },
  seed: 1,
  mean: 0.5,
  ...more,
});

it('makes one system of the seeds of the same settings, the newest of each seed, best first', () => {
  const systems = groupBySystem([
    training(9, { mean: 0.4 }),
    training(8, { hyperparameters: { margin: 2, epochs: 1 }, seed: 2, mean: 0.6 }),
    training(7, { mean: 0.9 }), // an older one with the seed of 9
    training(6, { hyperparameters: { epochs: 2, margin: 2 }, mean: 0.55 }),
    training(5, { algorithm: 'EASE', mean: 0.1 }),
  ]);
  expect(systems.map((trainings) => trainings.map(({ id }) => id))).toEqual([[6], [9, 8], [5]]);
});

it('corrects for as many comparisons as there are', () => {
  const pair = {
    users: 5,
    baselineMean: 1,
    candidateMean: 0,
    difference: -1,
    low: -1.5,
    high: -0.5,
    tTest: 0.5,
    wilcoxon: 0.5,
  };
  const means = [3, 2, 1].map((mean) => ({ mean, low: mean, high: mean }));
  const comparisons = [0.04, 0.02].map((randomization) => ({ ...pair, randomization }));
  const entries = leaderboardOf([[training(1, {})], [training(2, {})], [training(3, {})]], {
    users: 5,
    means,
    comparisons,
  });
  expect(entries.map(({ adjustedPValue, significant }) => [adjustedPValue, significant])).toEqual([
    [null, null],
    [0.04, true],
    [0.04, true],
  ]);
  expect(entries[0]).toMatchObject({ rank: 1, mean: 3, difference: null });
  const unsure = leaderboardOf([[training(1, {})], [training(2, {})], [training(3, {})]], {
    users: 5,
    means,
    comparisons: [0.04, 0.03].map((randomization) => ({ ...pair, randomization })),
  });
  expect(unsure.map(({ significant }) => significant)).toEqual([null, false, false]); // 2 × 0.03
});

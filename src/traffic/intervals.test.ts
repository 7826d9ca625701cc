/** Against SciPy 1.17.1: scipy.stats.t.interval and
 *  scipy.stats.ttest_ind(equal_var=False).confidence_interval. */
import { intervalOfDifference, intervalOfMean } from './intervals';

const summary = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return {
    users: values.length,
    mean,
    variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  };
};
const A = summary([0, 0.1, 0.25, 0, 0.05]);
const B = summary([0.2, 0.3, 0.1, 0.4, 0, 0.15, 0.5]);

it("gives Student's interval of a mean", () => {
  const { low, high } = intervalOfMean(A)!;
  expect(low).toBeCloseTo(-0.04873846339645385, 8);
  expect(high).toBeCloseTo(0.20873846339645383, 8);
});

it("gives Welch's interval of a difference, candidate minus baseline", () => {
  const { low, high } = intervalOfDifference(A, B)!;
  expect(low).toBeCloseTo(-0.02471372575782632, 8);
  expect(high).toBeCloseTo(0.33614229718639776, 8);
});

it('says nothing of fewer than two users, and has no width where all are the same', () => {
  expect(intervalOfMean({ users: 1, mean: 0.5, variance: 0 })).toBeNull();
  expect(intervalOfDifference(A, { users: 0, mean: 0, variance: 0 })).toBeNull();
  expect(intervalOfMean(summary([0.25, 0.25, 0.25]))).toEqual({ low: 0.25, high: 0.25 });
  expect(intervalOfDifference(summary([0, 0]), summary([0, 0, 0]))).toEqual({ low: 0, high: 0 });
});

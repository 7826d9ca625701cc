/** 95 % confidence intervals of means over users by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13). */
import { Random } from '../numeric/random';

export const RESAMPLES = 1_000;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** All columns share the resamples of users: one draw serves every metric.
 *  @param columns one per metric, each [U]
 *  @returns one interval a column */
export function bootstrapIntervals(columns: readonly Float32Array[], seed: number, resamples = RESAMPLES): Interval[] {
  const width = columns.length;
  const users = columns[0]?.length ?? 0;
  if (users === 0) return columns.map(() => ({ low: Number.NaN, high: Number.NaN }));
  // [U, width] row-major: a drawn user's numbers lie side by side.
  const table = new Float64Array(users * width);
  columns.forEach((column, c) => {
    for (let user = 0; user < users; user++) table[user * width + c] = column[user];
  });
  const random = new Random(seed);
  const means = columns.map(() => new Float64Array(resamples));
  const sums = new Float64Array(width);
  for (let sample = 0; sample < resamples; sample++) {
    sums.fill(0);
    for (let draw = 0; draw < users; draw++) {
      const row = random.integerBelow(users) * width;
      for (let c = 0; c < width; c++) sums[c] += table[row + c];
    }
    for (let c = 0; c < width; c++) means[c][sample] = sums[c] / users;
  }
  return means.map((values) => {
    values.sort();
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

/** @param sorted ascending, non-empty. Linear between neighbours (type 7 of Hyndman and Fan 1996, NumPy's default). */
export function quantile(sorted: Float64Array, fraction: number): number {
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

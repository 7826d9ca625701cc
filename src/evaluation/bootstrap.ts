/** 95 % confidence intervals of means over users by the percentile bootstrap (Efron and Tibshirani
 *  1993, chapter 13). */
import { Random } from '../numeric/random';

export const RESAMPLES = 1_000;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** All columns share the resamples of users: one draw serves every metric.
 *  @param columns one per metric, each [U]
 *  @returns one interval a column */
export function bootstrapIntervals(
  columns: readonly Float32Array[],
  seed: number,
  resamples = RESAMPLES,
): Interval[] {
  const users = columns[0]?.length ?? 0;
  if (users === 0) return columns.map(() => ({ low: Number.NaN, high: Number.NaN }));
  // Most users have no hit: only what is not zero is added up.
  const sparse = columns.map((column) => {
    const rows = Int32Array.from(column.keys()).filter((user) => column[user] !== 0);
    return { rows, values: Float64Array.from(rows, (user) => column[user]) };
  });
  const random = new Random(seed);
  const means = columns.map(() => new Float64Array(resamples));
  const drawn = new Int32Array(users);
  for (let sample = 0; sample < resamples; sample++) {
    drawn.fill(0);
    for (let draw = 0; draw < users; draw++) drawn[random.integerBelow(users)]++;
    sparse.forEach((column, c) => {
      means[c][sample] = weightedSum(column.rows, column.values, drawn) / users;
    });
  }
  return means.map((values) => {
    values.sort();
    return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

function weightedSum(rows: Int32Array, values: Float64Array, weights: Int32Array): number {
  let sum = 0;
  for (let n = 0; n < rows.length; n++) sum += weights[rows[n]] * values[n];
  return sum;
}

/** @param sorted ascending, non-empty. Linear between neighbours (type 7 of Hyndman and Fan 1996,
 *    NumPy's default). */
export function quantile(sorted: Float64Array, fraction: number): number {
  const at = fraction * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

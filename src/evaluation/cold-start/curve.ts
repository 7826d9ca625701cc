/** A curve of accuracy by the number of known ratings: what newcomers.ts and new-items.ts have in
 *  common. */
import { bootstrapIntervals } from '../bootstrap';
import type { UserMetric } from '../metrics/metric';
import { ndcg } from '../metrics/ndcg';
import { recall } from '../metrics/recall';

export const KNOWN_RATINGS = [0, 1, 2, 5, 10, 20] as const;
export const CURVE_METRICS: Readonly<Record<'recall' | 'ndcg', UserMetric>> = { recall, ndcg };

export interface ColdStartRow {
  readonly knownRatings: number;
  readonly metric: keyof typeof CURVE_METRICS;
  /** The cut-off */
  readonly k: number;
  readonly mean: number;
  /** 95 %, over users */
  readonly ciLow: number;
  readonly ciHigh: number;
  readonly users: number;
}

/** @param columns one for each of CURVE_METRICS, [U] each, U > 0
 *  @param seed    of the bootstrap over users
 *  @returns a row for each metric */
export function curveRows(
  at: Pick<ColdStartRow, 'knownRatings' | 'k'>,
  columns: readonly Float32Array[],
  seed: number,
): ColdStartRow[] {
  const intervals = bootstrapIntervals(columns, seed);
  const users = columns[0].length;
  return (Object.keys(CURVE_METRICS) as ColdStartRow['metric'][]).map((metric, m) => {
    const mean = columns[m].reduce((sum, value) => sum + value, 0) / users;
    return { ...at, metric, mean, ciLow: intervals[m].low, ciHigh: intervals[m].high, users };
  });
}

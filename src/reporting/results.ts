/** Results: a measured figure of one training, and several trainings of one system as one
 *  figure. */
import type { MetricName } from '../evaluation/metrics';
import type { ProtocolName } from '../evaluation/protocols';
import { MOVIE_SYSTEMS, type MovieSystem, type MovieSystemName, systemNamed } from '../models/systems';
import type { Figure } from './table';

/** A row of `results.json`, measured on the test split. The names are those of the file. */
export interface ResultRow {
  readonly algorithm: MovieSystemName;
  readonly protocol: ProtocolName;
  readonly metric: MetricName;
  /** 0 for a metric of the whole ranking */
  readonly k: number;
  /** Over users */
  readonly mean: number;
  /** 95 %, bootstrap over users; null for a metric that is no mean over users */
  readonly ciLow: number | null;
  readonly ciHigh: number | null;
  readonly users: number;
  readonly seed: number;
  /** Of the fit that was measured; what was spent on finding its settings is not in it. */
  readonly trainSeconds: number;
  /** The numerical engine, such as `tensorflow native 2.15.1 (tfjs-node 4.22.0)` or `plain
   *  TypeScript` */
  readonly backend: string;
}

export interface FigureOverSeeds extends Figure {
  /** How many trainings */
  readonly trainings: number;
  /** The lowest and the highest of their means */
  readonly lowest: number;
  readonly highest: number;
}

export type FigureKey = Pick<ResultRow, 'algorithm' | 'protocol' | 'metric' | 'k'>;

/** Mean over seeds of the mean over users. The bounds are the means of the trainings' own bounds:
 *  they show how the figure of one training varies with the users, not with the seed (`lowest`,
 *  `highest` do).
 *  @returns null if there is no such row */
export function overSeeds(
  results: readonly ResultRow[],
  { algorithm, protocol, metric, k }: FigureKey,
): FigureOverSeeds | null {
  const rows = results.filter(
    (row) =>
      row.algorithm === algorithm && row.protocol === protocol && row.metric === metric && row.k === k,
  );
  if (rows.length === 0) return null;
  const means = rows.map(({ mean }) => mean);
  const bound = (name: 'ciLow' | 'ciHigh') => {
    const bounds = rows.map((row) => row[name]).filter((value) => value !== null);
    return bounds.length === rows.length ? average(bounds) : null;
  };
  return {
    mean: average(means),
    ciLow: bound('ciLow'),
    ciHigh: bound('ciHigh'),
    trainings: rows.length,
    lowest: Math.min(...means),
    highest: Math.max(...means),
  };
}

const [ours, ...baselines] = MOVIE_SYSTEMS;
/** The rows of tables and the bars of charts: our system is last. */
export const SYSTEM_ROWS: readonly MovieSystem[] = [...baselines, ours];

/** @returns how many seeds a system was trained with, for people */
export function seedsOf(results: readonly ResultRow[], algorithm: MovieSystemName): string {
  const seeds = new Set(results.filter((row) => row.algorithm === algorithm).map(({ seed }) => seed));
  if (seeds.size === 0) return '';
  return systemNamed(algorithm).seedless ? 'any' : String(seeds.size);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

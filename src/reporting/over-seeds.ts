/** Several trainings of one system → one figure. */
import { MOVIE_SYSTEMS, type MovieSystem, type MovieSystemName, systemNamed } from '../models/systems';
import type { ResultRow } from './result-row';
import type { Figure } from './table';

export interface FigureOverSeeds extends Figure {
  /** How many trainings */
  readonly trainings: number;
  /** The lowest and the highest of their means */
  readonly lowest: number;
  readonly highest: number;
}

export type FigureKey = Pick<ResultRow, 'algorithm' | 'protocol' | 'metric' | 'k'>;

/** Mean over seeds of the mean over users. The bounds are the means of the trainings' own bounds:
 *  they say how the figure of one training would move with other users, and not how it moves with
 *  the seed (`lowest`, `highest` do).
 *  @returns null where there is no such row */
export function overSeeds(
  results: readonly ResultRow[],
  { algorithm, protocol, metric, k }: FigureKey,
): FigureOverSeeds | null {
  const rows = results.filter(
    (row) => row.algorithm === algorithm && row.protocol === protocol && row.metric === metric && row.k === k,
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
/** The rows of tables and the bars of charts: our system stands last. */
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

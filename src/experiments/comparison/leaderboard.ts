/** Stored trainings → the list of systems, best first. Pure. */

import { holm, type PairedComparison } from '../../evaluation/statistics/paired';
import type { SystemName } from '../../models/systems';
import type { SystemsComparison } from './compare';
import type { LeaderboardEntry } from './comparison.type';

/** A difference is called significant below it. */
export const LEVEL = 0.05;

/** A training that could be in the list. */
export interface TrainingRow {
  readonly id: number;
  readonly algorithm: SystemName;
  readonly hyperparameters: Record<string, unknown>;
  readonly seed: number;
  readonly mean: number;
}

/** @param rows newest first
 *  @returns best first; each system's trainings by seed */
export function groupBySystem(rows: readonly TrainingRow[]): TrainingRow[][] {
  const systems = new Map<string, Map<number, TrainingRow>>();
  for (const row of rows) {
    const name = JSON.stringify([
      row.algorithm,
      Object.entries(row.hyperparameters).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    const trainings = systems.get(name) ?? new Map<number, TrainingRow>();
    if (!trainings.has(row.seed)) trainings.set(row.seed, row);
    systems.set(name, trainings);
  }
  const mean = (trainings: readonly TrainingRow[]) =>
    trainings.reduce((sum, row) => sum + row.mean, 0) / trainings.length;
  return [...systems.values()]
    .map((trainings) => [...trainings.values()].sort((a, b) => a.seed - b.seed))
    .sort((a, b) => mean(b) - mean(a) || a[0].id - b[0].id);
}

/** @param systems as groupBySystem gives them
 *  @param figures of these systems, in that order */
export function leaderboardOf(
  systems: readonly (readonly TrainingRow[])[],
  { users, means, comparisons }: SystemsComparison,
): LeaderboardEntry[] {
  const adjusted = holm(comparisons.map(({ randomization }) => randomization));
  return systems.map((trainings, at) => ({
    rank: at + 1,
    algorithm: trainings[0].algorithm,
    hyperparameters: trainings[0].hyperparameters,
    seeds: trainings.map(({ seed }) => seed),
    experimentIds: trainings.map(({ id }) => id),
    users,
    mean: means[at].mean,
    ciLow: means[at].low,
    ciHigh: means[at].high,
    ...(at === 0 ? BEST : againstBest(comparisons[at - 1], adjusted[at - 1])),
  }));
}

const BEST = {
  difference: null,
  differenceCiLow: null,
  differenceCiHigh: null,
  pValue: null,
  adjustedPValue: null,
  significant: null,
};

function againstBest({ difference, low, high, randomization }: PairedComparison, adjustedPValue: number) {
  const interval = { differenceCiLow: low, differenceCiHigh: high };
  return {
    difference,
    ...interval,
    pValue: randomization,
    adjustedPValue,
    significant: adjustedPValue < LEVEL,
  };
}

/** The arithmetic of a comparison: several systems, each trained once or with several seeds, on the
 *  users that all were measured on. Pure. */
import { bootstrapIntervals } from '../../evaluation/bootstrap';
import { EVALUATION_SEED } from '../../evaluation/ranking';
import { comparePaired, meanOf, type PairedComparison } from '../../evaluation/statistics/paired';
import type { StoredFigures } from '../user-figures';
import { align, meanColumn } from './align';

/** The trainings of one system. */
export type SystemFigures = readonly StoredFigures[];

export interface SystemMean {
  readonly mean: number;
  /** 95 %, by bootstrap over the users */
  readonly low: number;
  readonly high: number;
}

export interface SystemsComparison {
  readonly users: number;
  /** One a system */
  readonly means: readonly SystemMean[];
  /** Of each but the first, the candidate, with the first, the baseline */
  readonly comparisons: readonly PairedComparison[];
}

/** A user's figure is the mean over the trainings of a system; all else is by user. The seed of
 *  every draw is that of evaluation.
 *  @param systems each with one training or more
 *  @returns no means and comparisons where no user is shared */
export function compareSystems(systems: readonly SystemFigures[]): SystemsComparison {
  const aligned = align(systems.flat());
  if (aligned[0].length === 0) return { users: 0, means: [], comparisons: [] };
  let from = 0;
  const columns = systems.map((trainings) => {
    const own = aligned.slice(from, from + trainings.length);
    from += trainings.length;
    return meanColumn(own);
  });
  const intervals = bootstrapIntervals(columns, EVALUATION_SEED);
  return {
    users: columns[0].length,
    means: columns.map((column, c) => ({ mean: meanOf(column), ...intervals[c] })),
    comparisons: columns.slice(1).map((candidate) => comparePaired(columns[0], candidate)),
  };
}

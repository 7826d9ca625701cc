/** The objective of early stopping: NDCG@20 on the validation part of a split, among all its
 *  candidates. */

import type { PreparedSplit } from '../interactions/splits';
import type { Model, Task } from '../models/system';
import { Random } from '../numeric/random';
import { type Cases, movieCases, rankedCases } from './cases';
import { discount } from './metrics/ndcg';
import { type Candidates, EVALUATION_SEED } from './ranking';

const CUTOFF = 20;

export interface ObjectiveOptions {
  /** Measures on that many users, the same ones at every call; on all without it. */
  readonly sampleUsers?: number;
  readonly seed?: number;
}

/** @returns a function for `FitContext.validate`, or undefined without users to validate on
 *  @throws (the function) InvalidScoresError */
export function validationObjective(
  split: PreparedSplit,
  options: ObjectiveOptions = {},
): ((model: Model) => number) | undefined {
  return objectiveOf(movieCases(split, 'VALIDATION', options.seed ?? EVALUATION_SEED), options);
}

/** As validationObjective, of any cases. */
export function objectiveOf<T extends Task>(
  cases: Cases<T>,
  { sampleUsers, seed = EVALUATION_SEED }: ObjectiveOptions,
): ((model: Model<T>) => number) | undefined {
  const { length } = cases.userIds;
  if (length === 0) return undefined;
  const size = Math.min(sampleUsers ?? length, length);
  const sample = new Random(seed).sampleWithoutReplacement(length, size).sort();
  return (model) => {
    let sum = 0;
    const batches = rankedCases(model, cases, sample, (ranked, at) => {
      sum += ndcgOf(ranked, cases.relevant(at));
    });
    for (const _ of batches);
    return sum / sample.length;
  };
}

/** As metrics/ndcg.ts, from the ranks of the relevant items instead of a list: cheaper where they
 *  are few. */
function ndcgOf(ranked: Candidates, relevant: Int32Array): number {
  let [gain, ideal] = [0, 0];
  if (relevant.length === 1) {
    const rank = ranked.rankOf(relevant[0]);
    return rank <= CUTOFF ? discount(rank) : 0;
  }
  const truth = new Set(relevant);
  ranked.head(CUTOFF).forEach((item, at) => {
    if (truth.has(item)) gain += discount(at + 1);
  });
  for (let rank = 1; rank <= Math.min(CUTOFF, relevant.length); rank++) ideal += discount(rank);
  return gain / ideal;
}

/** The number that early stopping goes by: NDCG@20 on the validation part of a split, among all its
 *  candidates. */

import { historyBefore, type PreparedSplit } from '../interactions/splits';
import { type Model } from '../models/system';
import { Random } from '../numeric/random';
import { discount } from './metrics/ndcg';
import { Candidates, EVALUATION_SEED, tieStream } from './ranking';
import { scoredBatches } from './scoring';

export const OBJECTIVE_CUTOFF = 20;

/** @param options.sampleUsers measures on that many users, the same ones at every call; on all
 *    without it
 *  @returns a function for `FitContext.validate`, or undefined where nobody has anything to find
 *    for validation
 *  @throws (the function) InvalidScoresError */
export function validationObjective(
  split: PreparedSplit,
  options: { readonly sampleUsers?: number; readonly seed?: number } = {},
): ((model: Model) => number) | undefined {
  const seed = options.seed ?? EVALUATION_SEED;
  const { users: everyone, offsets, relevant, candidates } = split.parts.VALIDATION;
  if (everyone.length === 0) return undefined;
  const size = Math.min(options.sampleUsers ?? everyone.length, everyone.length);
  const sample = new Random(seed).sampleWithoutReplacement(everyone.length, size).sort();
  const users = sample.map((place) => everyone[place]);
  return (model) => {
    let sum = 0;
    const ranked = new Candidates(model.itemCount, candidates);
    for (const batch of scoredBatches(model, users, (user) => historyBefore(split, user, 'VALIDATION'))) {
      for (const { at, user, history, scores } of batch) {
        ranked.load(scores, history.items, tieStream(seed, split.full.users.ids[user]));
        sum += ndcgOf(ranked, relevant.subarray(offsets[sample[at]], offsets[sample[at] + 1]));
      }
    }
    return sum / sample.length;
  };
}

/** As metrics/ndcg.ts, from the ranks of the relevant items instead of a list: cheaper where they
 *  are few. */
function ndcgOf(ranked: Candidates, relevant: Int32Array): number {
  let [gain, ideal] = [0, 0];
  if (relevant.length === 1) {
    const rank = ranked.rankOf(relevant[0]);
    return rank <= OBJECTIVE_CUTOFF ? discount(rank) : 0;
  }
  const truth = new Set(relevant);
  ranked.head(OBJECTIVE_CUTOFF).forEach((item, at) => {
    if (truth.has(item)) gain += discount(at + 1);
  });
  for (let rank = 1; rank <= Math.min(OBJECTIVE_CUTOFF, relevant.length); rank++) ideal += discount(rank);
  return gain / ideal;
}

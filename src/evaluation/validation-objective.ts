/** The number that early stopping goes by: NDCG@20 in the full catalogue on the validation items. */
import type { RankingModel } from '../algorithms/algorithm';
import { historyBefore, type PreparedSplit } from '../interactions/splits';
import { Bitset } from '../numeric/bitset';
import { Random } from '../numeric/random';
import { discount } from './metrics/ndcg';
import { EVALUATION_SEED, rankOf, tieStream } from './ranking';
import { batchSize, scoreBatch } from './scoring';

export const OBJECTIVE_CUTOFF = 20;

/** @param options.sampleUsers measures on that many users, the same ones at every call; on all without it
 *  @returns a function for `FitContext.validate`, or undefined where nobody has a validation item
 *  @throws (the function) InvalidScoresError */
export function validationObjective(
  split: PreparedSplit,
  options: { readonly sampleUsers?: number; readonly seed?: number } = {},
): ((model: RankingModel) => number) | undefined {
  const seed = options.seed ?? EVALUATION_SEED;
  const everyone = Int32Array.from(split.validation.keys()).filter((user) => split.validation[user] >= 0);
  if (everyone.length === 0) return undefined;
  const size = Math.min(options.sampleUsers ?? everyone.length, everyone.length);
  const users = Array.from(new Random(seed).sampleWithoutReplacement(everyone.length, size).sort(), (at) => everyone[at]);
  return (model) => {
    let sum = 0;
    const step = batchSize(model.itemCount);
    const seen = new Bitset(model.itemCount);
    for (let from = 0; from < users.length; from += step) {
      const batch = users.slice(from, from + step);
      const histories = batch.map((user) => historyBefore(split, user, 'VALIDATION'));
      const scores = scoreBatch(model, histories);
      batch.forEach((user, b) => {
        seen.clear();
        for (const item of histories[b].items) seen.add(item);
        const row = scores.subarray(b * model.itemCount, (b + 1) * model.itemCount);
        const rank = rankOf(row, split.validation[user], tieStream(seed, split.full.users.ids[user]), seen);
        if (rank <= OBJECTIVE_CUTOFF) sum += discount(rank);
      });
    }
    return sum / users.length;
  };
}

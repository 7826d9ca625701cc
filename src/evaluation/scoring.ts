/** Asks a model for scores in batches, so that memory stays bounded whatever the number of users,
 *  and trusts none of them. */

import { AppError } from '../errors';
import type { UserHistory } from '../interactions/interaction-log';
import type { RankingModel } from '../models/algorithm';

/** B x I floats of one batch: 64 MB at most. */
const MAX_BATCH_FLOATS = 16 * 1024 * 1024;
const MAX_BATCH_USERS = 256;

/** The model gave NaN, an infinity, or not one score an item. */
export class InvalidScoresError extends AppError {
  readonly code = 'SCORES_INVALID';
}

/** @returns how many users are scored at once */
export function batchSize(itemCount: number): number {
  return Math.max(1, Math.min(MAX_BATCH_USERS, Math.floor(MAX_BATCH_FLOATS / Math.max(1, itemCount))));
}

/** @returns [B, I], checked
 *  @throws InvalidScoresError */
export function scoreBatch(model: RankingModel, histories: readonly UserHistory[]): Float32Array {
  const scores = model.score(histories);
  if (scores.length !== histories.length * model.itemCount) {
    throw new InvalidScoresError(
      `${model.algorithm} gave ${scores.length} scores for ${histories.length} users and ${model.itemCount} items.`,
    );
  }
  for (let i = 0; i < scores.length; i++) {
    // x - x is 0 for whatever is finite, and no look-up of a global.
    if (scores[i] - scores[i] === 0) continue;
    const [user, item] = [histories[Math.floor(i / model.itemCount)].userIndex, i % model.itemCount];
    throw new InvalidScoresError(
      `${model.algorithm} gave the score ${scores[i]} to item ${item} for user ${user ?? 'unknown'} (dense indices).`,
    );
  }
  return scores;
}

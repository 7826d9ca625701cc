/** Asks a model for scores in batches, so that memory stays bounded whatever the number of users,
 *  and trusts none of them. */

import { AppError } from '../errors';
import type { UserHistory } from '../interactions/interaction-log';
import { type Model } from '../models/system';

/** B x I floats of one batch: 64 MB at most. */
const MAX_BATCH_FLOATS = 16 * 1024 * 1024;
const MAX_BATCH_USERS = 256;

/** The model gave NaN, an infinity, or not one score an item. */
export class InvalidScoresError extends AppError {
  readonly code = 'SCORES_INVALID';
}

/** What of a model is needed to score. */
export type Scorer = Pick<Model, 'name' | 'itemCount' | 'score'>;

/** One user's scores. */
export interface ScoredUser {
  /** Position in the list of users */
  readonly at: number;
  readonly user: number;
  readonly history: UserHistory;
  /** [I], valid until the next batch */
  readonly scores: Float32Array;
}

/** @param users dense indices
 *  @returns batches of them, in order
 *  @throws InvalidScoresError */
export function* scoredBatches(
  model: Scorer,
  users: Int32Array,
  historyOf: (user: number) => UserHistory,
): Generator<ScoredUser[], void, void> {
  const { itemCount } = model;
  const size = Math.max(1, Math.min(MAX_BATCH_USERS, Math.floor(MAX_BATCH_FLOATS / Math.max(1, itemCount))));
  for (let from = 0; from < users.length; from += size) {
    const batch = users.subarray(from, from + size);
    const histories = Array.from(batch, historyOf);
    const scores = scoreBatch(model, histories);
    yield histories.map((history, b) => ({
      at: from + b,
      user: batch[b],
      history,
      scores: scores.subarray(b * itemCount, (b + 1) * itemCount),
    }));
  }
}

/** @returns [B, I], checked */
function scoreBatch(model: Scorer, histories: readonly UserHistory[]): Float32Array {
  const scores = model.score(histories);
  if (scores.length !== histories.length * model.itemCount) {
    throw new InvalidScoresError(
      `${model.name} gave ${scores.length} scores for ${histories.length} users and ${model.itemCount} items.`,
    );
  }
  for (let i = 0; i < scores.length; i++) {
    // x - x is 0 for whatever is finite, and no look-up of a global.
    if (scores[i] - scores[i] === 0) continue;
    const [user, item] = [histories[Math.floor(i / model.itemCount)].userIndex, i % model.itemCount];
    throw new InvalidScoresError(
      `${model.name} gave the score ${scores[i]} to item ${item} for user ${user ?? 'unknown'} (dense indices).`,
    );
  }
  return scores;
}

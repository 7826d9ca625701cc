/** Asks a model for scores in batches, so that memory stays bounded whatever the number of users,
 *  and trusts none of them. */

import { AppError } from '../errors';
import type { Model, QueryOf, Task } from '../models/system';

/** B x I floats of one batch: 64 MB at most. */
const MAX_BATCH_FLOATS = 16 * 1024 * 1024;
const MAX_BATCH_USERS = 256;

/** The model gave NaN, an infinity, or not one score an item. */
export class InvalidScoresError extends AppError {
  readonly code = 'SCORES_INVALID';
}

/** What of a model is needed to score. */
export type Scorer<T extends Task = 'MOVIES'> = Pick<Model<T>, 'name' | 'itemCount' | 'score'>;

/** One query's scores. */
export interface ScoredQuery<T extends Task> {
  /** Position in the list of keys */
  readonly at: number;
  readonly key: number;
  readonly query: QueryOf<T>;
  /** [I], valid until the next batch */
  readonly scores: Float32Array;
}

/** @param keys the queries, such as dense indices of users
 *  @returns batches of them, in order
 *  @throws InvalidScoresError */
export function* scoredBatches<T extends Task = 'MOVIES'>(
  model: Scorer<T>,
  keys: Int32Array,
  queryOf: (key: number) => QueryOf<T>,
): Generator<ScoredQuery<T>[], void, void> {
  const { itemCount } = model;
  const size = Math.max(
    1,
    Math.min(MAX_BATCH_USERS, Math.floor(MAX_BATCH_FLOATS / Math.max(1, itemCount))),
  );
  for (let from = 0; from < keys.length; from += size) {
    const batch = keys.subarray(from, from + size);
    const queries = Array.from(batch, queryOf);
    const scores = scoreBatch(model, queries);
    yield queries.map((query, b) => ({
      at: from + b,
      key: batch[b],
      query,
      scores: scores.subarray(b * itemCount, (b + 1) * itemCount),
    }));
  }
}

/** @returns [B, I], checked */
function scoreBatch<T extends Task>(model: Scorer<T>, queries: readonly QueryOf<T>[]): Float32Array {
  const scores = model.score(queries);
  if (scores.length !== queries.length * model.itemCount) {
    throw new InvalidScoresError(
      `${model.name} returned ${scores.length} scores for ${queries.length} users and ${model.itemCount} items.`,
    );
  }
  for (let i = 0; i < scores.length; i++) {
    // x - x is 0 for whatever is finite, and no look-up of a global.
    if (scores[i] - scores[i] === 0) continue;
    const query = queries[Math.floor(i / model.itemCount)];
    const user = 'user' in query ? query.user : query.userIndex;
    throw new InvalidScoresError(
      `${model.name} returned the score ${scores[i]} to item ${i % model.itemCount} for user ${user ?? 'unknown'} (dense indices).`,
    );
  }
  return scores;
}

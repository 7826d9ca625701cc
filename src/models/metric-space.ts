/** The published space: the points of all movies and tags, and the map from a history to its user's
 *  point. Serving reads nothing else. Pure: imports `numeric` and `interactions` only, so that the
 *  server answers without TensorFlow. */
import { AppError } from '../errors';
import type { UserHistory } from '../interactions/interaction-log';

export interface MetricSpace {
  readonly embeddingSize: number;
  /** [I] MovieLens ids of the rows of itemPoints */
  readonly itemIds: Int32Array;
  /** [I, d] row-major */
  readonly itemPoints: Float32Array;
  /** [T] tag ids of the rows of tagPoints */
  readonly tagIds: Int32Array;
  /** [T, d] row-major */
  readonly tagPoints: Float32Array;

  /** The user's point, computed from the history alone; item indices refer to the rows of
   *  `itemPoints`.
   *  @returns [d]
   *  @throws EmptyHistoryError when the history is empty: such a user has no point */
  userPoint(history: UserHistory): Float32Array;

  /** The point near which lie the tags that this user would put on this item: either may be absent,
   *  not both.
   *  @returns [d] */
  tagQueryPoint(query: {
    readonly userPoint?: Float32Array;
    readonly itemPoint?: Float32Array;
  }): Float32Array;

  /** Where an item of which only features are known would lie (a film added today).
   *  @returns [d] */
  coldItemPoint(features: {
    readonly genres: readonly string[];
    readonly year: number | null;
    readonly tagIds: readonly number[];
  }): Float32Array;

  /** The same space with more items, whose rows follow those that it has: a history may then name
   *  them. Absent: ratings of items that came after training have no part in their user's point.
   *  @param itemIds    [C] ids that the space does not have
   *  @param itemPoints [C, d] where `coldItemPoint` puts them */
  withItems?(itemIds: Int32Array, itemPoints: Float32Array): MetricSpace;

  /** What the ratings of a history mean for its user's point. Absent: the space cannot tell.
   *  @throws EmptyHistoryError */
  leaveOneOut?(history: UserHistory): LeftOut;
}

export interface LeftOut {
  /** [n] dense item indices of the ratings that count, oldest first */
  readonly items: Int32Array;
  /** Where the user would be had they never rated `items[row]`, for each of these rows. @returns
   *  [rows.length] of [d] */
  without(rows: readonly number[]): Float32Array[];
}

export class EmptyHistoryError extends AppError {
  readonly code = 'INTERNAL_SERVER_ERROR';
}

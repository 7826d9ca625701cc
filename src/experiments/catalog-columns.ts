/** The catalog as raw columns: what is read from the database and handed to the training thread,
 *  which sorts and indexes it. */

import { AppError } from '../errors';
import { buildInteractionLog, buildItemFeatures, buildTagLog } from '../interactions/build';
import type { Demographics, TrainingData } from '../interactions/interaction-log';
import { Vocabulary } from '../interactions/vocabulary';
import { type TagTrainingData } from '../models/system';

/** Structured-clonable; columns of one table have one length, rows in no particular order. */
export interface CatalogColumns {
  readonly ratings: {
    readonly userId: Int32Array;
    readonly itemId: Int32Array;
    readonly value: Float32Array;
    /** seconds since 1970 */
    readonly timestamp: Float64Array;
    readonly ordinal: Int32Array;
  };
  readonly taggings: {
    readonly userId: Int32Array;
    readonly itemId: Int32Array;
    readonly tagId: Int32Array;
    readonly timestamp: Float64Array;
    readonly ordinal: Int32Array;
  };
  /** Of every movie of the catalog, rated or not. */
  readonly movies: {
    readonly itemId: readonly number[];
    readonly genres: readonly (readonly string[])[];
    readonly year: readonly (number | null)[];
  };
  /** Users with demographics. */
  readonly demographics: readonly (Demographics & { readonly userId: number })[];
}

/** There is no training data; the message says what to do. */
export class NoTrainingDataError extends AppError {
  readonly code = 'DATA_UNFIT';
}

/** The buffers for `postMessage`'s transfer list: the sender's arrays are empty afterwards. */
export function transferOf({ ratings, taggings }: CatalogColumns): ArrayBuffer[] {
  return [...Object.values(ratings), ...Object.values(taggings)].map(
    (column) => column.buffer as ArrayBuffer,
  );
}

/** @throws InvalidRowsError (from interactions/) on rows that contradict each other */
export function trainingDataOf(columns: CatalogColumns): TrainingData {
  const interactions = buildInteractionLog(columns.ratings, {
    userIds: distinct(columns.ratings.userId),
    itemIds: columns.movies.itemId,
  });
  return {
    interactions,
    itemFeatures: buildItemFeatures(interactions.items, columns.movies),
    taggings: buildTagLog(columns.taggings, interactions),
    demographics: demographicsOf(columns, interactions.users.ids),
  };
}

/** Who tagged and what was tagged, whether rated or not. @throws InvalidRowsError (from
 *  interactions/) */
export function tagTrainingDataOf({ taggings }: CatalogColumns): TagTrainingData {
  const vocabulary = (ids: Int32Array) => new Vocabulary(Int32Array.from(distinct(ids)).sort());
  const [users, items] = [vocabulary(taggings.userId), vocabulary(taggings.itemId)];
  return { users, items, taggings: buildTagLog(taggings, { users, items }) };
}

function demographicsOf({ demographics }: CatalogColumns, userIds: Int32Array): Demographics[] | null {
  if (demographics.length === 0) return null;
  const known = new Map(
    demographics.map(({ userId, gender, age, occupation }) => [userId, { gender, age, occupation }]),
  );
  return Array.from(userIds, (id) => known.get(id) ?? { gender: null, age: null, occupation: null });
}

/** Rows of one user are mostly adjacent, so few reach the set. */
function distinct(ids: Int32Array): Int32Array {
  const found = new Set<number>();
  for (let row = 0; row < ids.length; row++)
    if (row === 0 || ids[row] !== ids[row - 1]) found.add(ids[row]);
  return Int32Array.from(found);
}

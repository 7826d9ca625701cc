/** Who rated what, as columns: the pure form of the catalog that every algorithm and protocol works
 *  on. */
import type { Vocabulary } from './vocabulary';

/** Rows of user u are offsets[u] .. offsets[u+1], oldest first; ties in time keep the order in
 *  which they arrived. A user rates an item at most once. Indices are dense: `users` and `items`
 *  translate to MovieLens ids. */
export interface InteractionLog {
  readonly users: Vocabulary;
  readonly items: Vocabulary;
  /** [U + 1] */
  readonly offsets: Int32Array;
  /** [N] dense item index */
  readonly itemIndex: Int32Array;
  /** [N] stars 0.5 to 5; 0 where unknown */
  readonly value: Float32Array;
  /** [N] seconds since 1970; NaN where unknown (the order still holds) */
  readonly timestamp: Float64Array;
}

/** What one user rated, oldest first: the only thing a user's point is computed from (besides
 *  demographics). */
export interface UserHistory {
  /** [h] dense item indices, oldest first */
  readonly items: Int32Array;
  /** [h] stars; 0 where unknown */
  readonly values: Float32Array;
  /** [h] seconds since 1970; NaN where unknown */
  readonly timestamps: Float64Array;
  /** Dense row of the training log, or undefined for someone not seen in training. */
  readonly userIndex?: number | undefined;
  readonly demographics?: Demographics | undefined;
}

export interface Demographics {
  readonly gender: string | null;
  readonly age: number | null;
  readonly occupation: string | null;
}

/** Features of the items; arrays are indexed by dense item. */
export interface ItemFeatures {
  readonly genreNames: readonly string[];
  /** CSR: genres of item i are genreIndex[genreOffsets[i] .. genreOffsets[i+1]] */
  readonly genreOffsets: Int32Array;
  readonly genreIndex: Int32Array;
  /** [I] year of release, 0 where unknown */
  readonly year: Int16Array;
}

/** Who put which tag on what; rows oldest first. */
export interface TagLog {
  readonly tags: Vocabulary;
  /** [M] dense user index of the interaction log, or -1 for someone who rated nothing */
  readonly userIndex: Int32Array;
  /** [M] dense item index */
  readonly itemIndex: Int32Array;
  /** [M] dense tag index */
  readonly tagIndex: Int32Array;
  /** [M] seconds since 1970; NaN, or no column, where unknown. For splits by time only. */
  readonly timestamp?: Float64Array | undefined;
}

/** Everything that training may see. Structured-clonable but for the Vocabulary (see
 *  `interactions/transfer.ts`). */
export interface TrainingData {
  readonly interactions: InteractionLog;
  readonly itemFeatures: ItemFeatures;
  readonly taggings: TagLog;
  /** [U], row u belongs to user u of the log; null where nothing is known of anyone */
  readonly demographics: readonly Demographics[] | null;
}

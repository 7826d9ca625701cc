/** Which movies an answer may hold: the checked form of `MovieFilter` and what each condition
 *  means. */

/** Whether the user of a list has rated a movie. */
export type Seen = 'UNSEEN' | 'SEEN' | 'ANY';

/** A filter with its input checked; null where nothing is asked. */
export interface CheckedFilter {
  readonly genresAnyOf: readonly string[] | null;
  readonly genresNoneOf: readonly string[] | null;
  readonly tagsAnyOf: readonly number[] | null;
  readonly tagsNoneOf: readonly number[] | null;
  readonly yearFrom: number | null;
  readonly yearTo: number | null;
  readonly minRatings: number | null;
  readonly excludeIds: readonly number[] | null;
  readonly seen: Seen | null;
  /** Steers a ranking, and is no condition. */
  readonly nearTagIds: readonly number[] | null;
}

export const EVERYTHING: CheckedFilter = {
  genresAnyOf: null,
  genresNoneOf: null,
  tagsAnyOf: null,
  tagsNoneOf: null,
  yearFrom: null,
  yearTo: null,
  minRatings: null,
  excludeIds: null,
  seen: null,
  nearTagIds: null,
};

/** Low ratings push away: their weight in the user tower is negative, by decision. Learned, every
 *  weight comes out positive: what somebody chose to watch says more of what they watch next than
 *  what they thought of it (docs/model.md). */

import type { TwoTowerHyperparameters } from './hyperparameters';
import { RATING_LEVELS, ratingLevel } from './user-tower';

export interface Dislikes {
  /** Ratings of so many stars or fewer */
  readonly stars: number;
  /** How strongly they push, > 0 */
  readonly weight: number;
}

/** @returns null where every weight is learned */
export function dislikesOf({ dislikeStars, dislikeWeight }: TwoTowerHyperparameters): Dislikes | null {
  return dislikeStars === 0 ? null : { stars: dislikeStars, weight: dislikeWeight };
}

function isDislike(stars: number, dislikes: Dislikes | null): boolean {
  const level = ratingLevel(stars);
  return dislikes !== null && level > 0 && level <= ratingLevel(dislikes.stars);
}

/** @returns whether training does not predict a rating of so many stars */
export function leavesOut(settings: TwoTowerHyperparameters, stars: number): boolean {
  return settings.likedTargets === 'liked' && isDislike(stars, dislikesOf(settings));
}

/** @returns [L] 1 for the levels that push; a rating of unknown value never does */
export function dislikedLevels(dislikes: Dislikes): Float32Array {
  return Float32Array.from({ length: RATING_LEVELS }, (_, level) => (isDislike(level / 2, dislikes) ? 1 : 0));
}

/** @param learned [L] @returns [L] what each level weighs in the published user tower */
export function publishedLevelWeights(learned: Float32Array, dislikes: Dislikes | null): Float32Array {
  return learned.map((weight, level) => (isDislike(level / 2, dislikes) ? -dislikes!.weight : weight));
}

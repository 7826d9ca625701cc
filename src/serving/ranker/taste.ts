/** Someone without an account: what they say they like, as the history that they would have. */
import type { LiveModel, LiveState } from '../models/live-model';
import type { MovieHistory, StarRating } from '../states/history-cache';
import { createViewer, type Viewer } from './ranking';

export interface Taste {
  /** Count as five stars. */
  readonly likedMovieIds: readonly number[];
  /** Oldest first. */
  readonly ratings: readonly StarRating[];
  /** Each represents the movies nearest to it. */
  readonly likedTagIds: readonly number[];
}

const LIKED_STARS = 5;
/** Number of movies that a liked tag represents. */
const MOVIES_PER_TAG = 5;

/** Tags first, then liked movies, then ratings: the later weigh more with a model that uses
 *  recency; a movie that is named twice counts once, as named last. Movies represented by a tag do
 *  not count as seen. */
export function viewerOfTaste(state: LiveState, taste: Taste): Viewer {
  const liked = taste.likedMovieIds.map((movieId) => ({ movieId, value: LIKED_STARS }));
  const stars = new Map<number, number>();
  for (const { movieId, value } of [...liked, ...taste.ratings]) {
    stars.delete(movieId);
    stars.set(movieId, value);
  }
  const { model } = state;
  const implied =
    model &&
    taste.likedTagIds
      .flatMap((tagId) => moviesOfTag(model, tagId))
      .filter((movieId) => !stars.has(movieId))
      .map((movieId) => [movieId, LIKED_STARS] as const);
  const point = implied && model.userPoint(historyOf(new Map([...implied, ...stars])));
  return createViewer(state, historyOf(stars), point);
}

function historyOf(stars: ReadonlyMap<number, number>): MovieHistory {
  return {
    movieIds: Int32Array.from(stars.keys()),
    stars: Float32Array.from(stars.values()),
    timestamps: new Float64Array(stars.size).fill(Number.NaN),
    demographics: undefined,
  };
}

/** @returns ids of the movies nearest to the tag's point; of a tag that came after training, the
 *    most rated of those that carry it */
function moviesOfTag(model: LiveModel, tagId: number): number[] {
  const { catalog, scan } = model;
  const point = model.tagPoint(tagId);
  const rows =
    point === null
      ? catalog
          .rowsTagged(tagId)
          .sort((a, b) => catalog.popularityRank(a) - catalog.popularityRank(b))
          .slice(0, MOVIES_PER_TAG)
      : scan.nearest(point, MOVIES_PER_TAG).rows;
  return rows.map((row) => catalog.movies[row].id);
}

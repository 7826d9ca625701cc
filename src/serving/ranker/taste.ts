/** Someone without an account: what they say they like, as the history that they would have. */

import type { LiveModel } from '../models/live-model';
import type { RatedMovies } from '../states/history-cache';
import { createViewer, type LiveState, type Viewer } from './ranking';

export interface Taste {
  /** Count as five stars. */
  readonly likedMovieIds: readonly number[];
  /** Oldest first. */
  readonly ratings: readonly { readonly movieId: number; readonly value: number }[];
  /** Each stands for the movies nearest to it. */
  readonly likedTagIds: readonly number[];
}

const LIKED_STARS = 5;
/** How many movies a liked tag stands for. */
const MOVIES_PER_TAG = 5;

/** Tags first, then liked movies, then ratings: the later weigh more with a model that knows
 *  recency; a movie that is named twice counts once, as named last. Movies that a tag stands for
 *  are not taken as seen. */
export function viewerOfTaste(state: LiveState, taste: Taste): Viewer {
  const stars = new Map<number, number>();
  const rate = (movieId: number, value: number) => {
    stars.delete(movieId);
    stars.set(movieId, value);
  };
  for (const movieId of taste.likedMovieIds) rate(movieId, LIKED_STARS);
  for (const { movieId, value } of taste.ratings) rate(movieId, value);
  const rated = ratedMovies(stars);
  if (state.model === null) return createViewer(state, rated, null);
  const implied = new Map<number, number>();
  for (const tagId of taste.likedTagIds) {
    for (const movieId of moviesOfTag(state.model, tagId))
      if (!stars.has(movieId)) implied.set(movieId, LIKED_STARS);
  }
  return createViewer(state, rated, state.model.userPoint(ratedMovies(new Map([...implied, ...stars]))));
}

function ratedMovies(stars: ReadonlyMap<number, number>): RatedMovies {
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
  if (point !== null) return scan.nearest(point, MOVIES_PER_TAG).rows.map((row) => catalog.movies[row].id);
  const rows = catalog.taggings.moviesWith(tagId).map((id) => catalog.rowOf(id));
  return rows
    .filter((row) => row !== undefined)
    .sort((a, b) => catalog.popularityRank(a) - catalog.popularityRank(b))
    .slice(0, MOVIES_PER_TAG)
    .map((row) => catalog.movies[row].id);
}

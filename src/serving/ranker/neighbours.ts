/** Neighbours of a movie or a tag in the active space: tags and movies, nearest first. */
import type { MovieRow } from '../../catalog/loaders';
import type { CheckedFilter } from '../../catalog/movie-filter';
import { Bitset } from '../../numeric/bitset';
import { euclideanDistance, type Neighbours } from '../../numeric/scan';
import { type LiveState, modelOf, type NearTag, rowOf } from '../models/live-model';
import { steeredPoint } from './steering';

export interface NearMovie {
  readonly movie: MovieRow;
  readonly distance: number;
}

/** Tags that steer move the point that movies are ranked from; the distances stay those to the
 *  movie.
 *  @throws NotFoundError, ModelNotReadyError */
export function similarMovies(
  state: LiveState,
  movieId: number,
  k: number,
  filter?: CheckedFilter | null,
): NearMovie[] {
  const { catalog } = state;
  const model = modelOf(state);
  const row = rowOf(state, movieId);
  const skip = catalog.excludedBy(filter) ?? new Bitset(catalog.size);
  skip.add(row);
  const point = model.pointOf(row);
  const steering = filter?.nearTagIds ?? [];
  if (steering.length === 0) return moviesOf(state, model.scan.nearest(point, k, skip));
  const { rows } = model.scan.nearest(steeredPoint(model, point, steering) ?? point, k, skip);
  return moviesOf(state, {
    rows,
    distances: rows.map((near) => euclideanDistance(model.pointOf(near), point)),
  });
}

/** @throws NotFoundError, ModelNotReadyError */
export function tagsNearMovie(state: LiveState, movieId: number, k: number): NearTag[] {
  const model = modelOf(state);
  return model.tagsFor({ itemPoint: model.pointOf(rowOf(state, movieId)) }, k);
}

/** None for a tag without a point. @throws ModelNotReadyError */
export function moviesNearTag(state: LiveState, tagId: number, k: number): NearMovie[] {
  const point = pointOfTag(state, tagId);
  return point === null ? [] : moviesOf(state, modelOf(state).scan.nearest(point, k));
}

/** None for a tag without a point. @throws ModelNotReadyError */
export function tagsNearTag(state: LiveState, tagId: number, k: number): NearTag[] {
  const point = pointOfTag(state, tagId);
  return point === null ? [] : modelOf(state).tagsNear(point, k, new Set([tagId]));
}

/** @returns [d] where training put the tag, or the middle of the movies that carry one that came
 *    after it; null when no movie does */
function pointOfTag(state: LiveState, tagId: number): Float32Array | null {
  const model = modelOf(state);
  return model.tagPoint(tagId) ?? model.middleOfTagged(tagId);
}

function moviesOf({ catalog }: LiveState, { rows, distances }: Neighbours): NearMovie[] {
  return rows.map((row, i) => ({ movie: catalog.movies[row], distance: distances[i] }));
}

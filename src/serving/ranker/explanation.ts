/** Why a movie is where it is in a list: computed on request, from the state that ranked it. What
 *  is near a movie for one viewer does not depend on the list, and a viewer's next list has many of
 *  the same movies: it is cached with the viewer until the next rating. */
import type { MovieRow } from '../../catalog/loaders';
import { squaredDistance } from '../../numeric/scan';
import type { LiveModel, NearTag } from '../models/live-model';
import type { RankedMovies, Viewer } from './ranking';

export interface ExplainedNeighbour {
  readonly movie: MovieRow;
  readonly stars: number;
  /** Between the two movies. */
  readonly distance: number;
  /** By how much farther from the viewer the explained movie would be without this rating; null
   *  where the model cannot tell. */
  readonly contribution: number | null;
}

export interface MovieExplanation {
  readonly nearestRated: readonly ExplainedNeighbour[];
  readonly nearTags: readonly NearTag[];
  /** 0 to 100 */
  readonly distancePercentile: number;
}

const RATED = 3;
const TAGS = 5;
/** Movies whose reasons are kept for a viewer: two or three lists, half a kilobyte a movie. */
const MOST_MOVIES = 32;
/** Ratings kept for a viewer: they explain three or four lists, 256 B each at 64 dimensions. */
const MOST_RATINGS = 64;

const explanations = new WeakMap<RankedMovies, readonly MovieExplanation[]>();

/** @returns an explanation of each movie of an answer. Each part is computed when it is first read,
 *    for the whole answer: its movies share most of the work */
export function explain(answer: RankedMovies): readonly MovieExplanation[] {
  let known = explanations.get(answer);
  if (known === undefined) {
    const kept = reasonsFor(answer.viewer);
    const nearestRated = lazily(() => kept.nearestRated(answer.rows));
    const nearTags = lazily(() => kept.nearTags(answer.rows));
    const percentiles = lazily(() => percentilesOf(answer));
    known = answer.rows.map((_, at) => ({
      get nearestRated() {
        return nearestRated()[at];
      },
      get nearTags() {
        return nearTags()[at];
      },
      get distancePercentile() {
        return percentiles()[at];
      },
    }));
    explanations.set(answer, known);
  }
  return known;
}

const reasons = new WeakMap<Viewer, ViewerReasons>();

function reasonsFor(viewer: Viewer): ViewerReasons {
  let known = reasons.get(viewer);
  if (known === undefined) {
    known = new ViewerReasons(viewer);
    reasons.set(viewer, known);
  }
  return known;
}

/** A rating of the viewer. */
interface RatingReason {
  readonly stars: number;
  /** Row of `points` where the viewer would be without the rating; -1 where it has no part in their
   *  point, or the space cannot tell. */
  readonly place: number;
  /** [n, d] of the ratings computed together: one buffer costs less to collect than many. */
  readonly points: Float32Array;
}

class ViewerReasons {
  /** Distances of all rated movies to the viewer's point, ascending, in single precision as a
   *  list's. */
  readonly ratedDistances = lazily(() => {
    const { point, state } = this.viewer;
    return point === null
      ? new Float32Array(0)
      : Float32Array.from(this.ratedRows(), (row) => state.model!.distanceTo(row, point)).sort();
  });
  /** Catalog rows that the viewer rated, ascending. */
  private readonly ratedRows = lazily(() => Int32Array.from(this.viewer.seen.members()));
  private readonly neighbours = new RowMemo<readonly ExplainedNeighbour[]>(MOST_MOVIES);
  private readonly tags = new RowMemo<readonly NearTag[]>(MOST_MOVIES);
  private readonly ratings = new RowMemo<RatingReason>(MOST_RATINGS);

  constructor(private readonly viewer: Viewer) {}

  /** @returns for each of the movies, the rated ones nearest to it; equals in order of row */
  nearestRated(rows: readonly number[]): readonly (readonly ExplainedNeighbour[])[] {
    const { model } = this.viewer.state;
    if (model === null) return rows.map(() => []);
    return this.neighbours.get(rows, (missing) => this.findNearestRated(model, missing));
  }

  nearTags(rows: readonly number[]): readonly (readonly NearTag[])[] {
    const { state, point } = this.viewer;
    return this.tags.get(rows, (missing) =>
      missing.map(
        (row) =>
          state.model?.tagsFor({ userPoint: point, itemPoint: state.model.pointOf(row) }, TAGS) ?? [],
      ),
    );
  }

  private findNearestRated(model: LiveModel, rows: readonly number[]): ExplainedNeighbour[][] {
    const { point, state } = this.viewer;
    const d = model.space.embeddingSize;
    const nearest = rows.map((row) => model.scan.nearestAmong(model.pointOf(row), RATED, this.ratedRows()));
    const rated = [...new Set(nearest.flatMap((found) => found.rows))];
    const found = this.ratings.get(rated, (missing) => this.findRatings(model, missing));
    const ratingOf = new Map(rated.map((row, at) => [row, found[at]]));
    return rows.map((row, at) => {
      const distance = point && model.distanceTo(row, point);
      return nearest[at].rows.map((other, i) => {
        const { stars, place, points } = ratingOf.get(other)!;
        const without =
          place < 0 ? null : Math.sqrt(squaredDistance(points, place * d, model.pointOf(row), d));
        return {
          movie: state.catalog.movies[other],
          stars,
          distance: nearest[at].distances[i],
          contribution: without === null || distance === null ? null : without - distance,
        };
      });
    });
  }

  /** @param rows of rated movies */
  private findRatings(model: LiveModel, rows: readonly number[]): RatingReason[] {
    const { history, state, point } = this.viewer;
    const wanted = new Set(rows);
    const stars = new Map<number, number>();
    history.movieIds.forEach((id, i) => {
      const row = state.catalog.rowOf(id);
      if (row !== undefined && wanted.has(row)) stars.set(row, history.stars[i]);
    });
    const { places, points } = point === null ? NO_POINTS : pointsWithout(model, this.viewer, wanted);
    return rows.map((row) => ({ stars: stars.get(row)!, place: places.get(row) ?? -1, points }));
  }
}

interface PointsWithout {
  /** Row of `points` by catalog row. */
  readonly places: ReadonlyMap<number, number>;
  /** [n, d] */
  readonly points: Float32Array;
}

const NO_POINTS: PointsWithout = { places: new Map(), points: new Float32Array(0) };

/** @param rows catalog rows of rated movies
 *  @returns where the viewer would be without each of them that has a part in their point */
function pointsWithout(model: LiveModel, viewer: Viewer, rows: ReadonlySet<number>): PointsWithout {
  const { space, catalog } = model;
  const history = model.historyOf(viewer.history);
  if (space.leaveOneOut === undefined || history.items.length === 0) return NO_POINTS;
  const { items, without } = space.leaveOneOut(history);
  const places = new Map<number, number>();
  const ratings: number[] = [];
  items.forEach((item, rating) => {
    const row = catalog.rowOf(space.itemIds[item]);
    if (row !== undefined && rows.has(row)) places.set(row, ratings.push(rating) - 1);
  });
  const points = new Float32Array(ratings.length * space.embeddingSize);
  without(ratings).forEach((point, place) => {
    points.set(point, place * space.embeddingSize);
  });
  return { places, points };
}

function percentilesOf(answer: RankedMovies): number[] {
  const { size } = answer.viewer.state.catalog;
  return countNearer(answer).map((nearer) => (100 * nearer) / size);
}

/** @returns how many movies of the whole catalog lie nearer to the viewer than each of the answer,
 *    or have more ratings */
function countNearer({ rows, distances, viewer, source, plain }: RankedMovies): number[] {
  const { catalog, model } = viewer.state;
  const { point } = viewer;
  if (source === 'POPULAR' || model === null || point === null)
    return rows.map((row) => catalog.popularityRank(row));
  if (!plain) return distances.map((distance) => model.scan.countNearer(point, distance));
  // All unseen movies that are nearer come before this one in the list.
  const rated = reasonsFor(viewer).ratedDistances();
  return distances.map((distance) => distances.indexOf(distance) + countBelow(rated, distance));
}

/** @returns how many of the ascending values are below the limit */
export function countBelow(ascending: Float32Array, limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What was found for some rows, kept for the next list. */
class RowMemo<Found> {
  private known: ReadonlyMap<number, Found> = new Map();

  /** @param most rows kept; beyond that, only those of the last call are */
  constructor(private readonly most: number) {}

  /** @param find called once, with the rows that are not known @returns of each row */
  get(rows: readonly number[], find: (missing: readonly number[]) => readonly Found[]): Found[] {
    const missing = rows.filter((row) => !this.known.has(row));
    if (missing.length > 0) {
      const found = find(missing);
      const all = new Map(this.known);
      missing.forEach((row, at) => void all.set(row, found[at]));
      this.known = all.size <= this.most ? all : new Map(rows.map((row) => [row, all.get(row)!]));
    }
    return rows.map((row) => this.known.get(row)!);
  }
}

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

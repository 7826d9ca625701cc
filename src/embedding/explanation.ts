/** Why a movie stands where it stands: computed for those that are asked about, from the state that ranked them. */
import type { Movie } from '../catalog/movie.entity';
import type { UserHistory } from '../interactions/interaction-log';
import type { LeftOut } from '../space/leave-one-out';
import type { MetricSpace } from '../space/metric-space';
import { complement } from './catalog-snapshot';
import type { LiveModel, NearTag } from './live-model';
import type { RankedMovies, Viewer } from './ranking';

export interface ExplainedNeighbour {
  readonly movie: Movie;
  readonly stars: number;
  /** Between the two movies. */
  readonly distance: number;
  /** By how much farther from the viewer the explained movie would be without this rating; null where the model cannot tell. */
  readonly contribution: number | null;
}

export type ExplainedTag = NearTag;

export interface MovieExplanation {
  readonly nearestRated: readonly ExplainedNeighbour[];
  readonly nearTags: readonly ExplainedTag[];
  /** 0 to 100 */
  readonly distancePercentile: number;
}

const RATED = 3;
const TAGS = 5;

/** A space that can say where a user would be without a rating. */
export interface ExplainingSpace extends MetricSpace {
  leaveOneOut(history: UserHistory): LeftOut;
}

/** Explanations of lists that are kept: a page that is opened again asks for the same. They go with the list. */
const explained = new WeakMap<RankedMovies, readonly MovieExplanation[]>();

/** @returns an explanation of each movie of an answer, made together, since they share most of the work */
export function explain(answer: RankedMovies): readonly MovieExplanation[] {
  let explanations = explained.get(answer);
  if (explanations === undefined) {
    const { catalog, model } = answer.viewer.state;
    const nearestRated = model === null ? answer.rows.map(() => []) : explainByRatings(model, answer);
    const nearer = countNearer(answer);
    explanations = answer.rows.map((row, at) => ({
      nearestRated: nearestRated[at],
      nearTags: model === null ? [] : nearTags(model, model.pointOf(row), answer.viewer.point, TAGS),
      distancePercentile: (100 * nearer[at]) / catalog.size,
    }));
    explained.set(answer, explanations);
  }
  return explanations;
}

/** @returns how many movies of the whole catalog lie nearer to the viewer than each of the answer, or have more ratings */
function countNearer({ rows, distances, viewer, source, plain }: RankedMovies): number[] {
  const { catalog, model } = viewer.state;
  const { point } = viewer;
  if (source === 'POPULAR' || model === null || point === null) return rows.map((row) => catalog.popularityRank(row));
  if (!plain) return distances.map((distance) => model.scan.countNearer(point, distance));
  // All unseen movies that are nearer stand in the list before this one. Single precision, as the list's.
  const rated = viewer.seen.members().map((row) => Math.fround(model.distanceTo(row, point)));
  return distances.map((distance) => {
    let nearer = distances.indexOf(distance);
    for (const other of rated) if (other < distance) nearer++;
    return nearer;
  });
}

/** @returns of each movie of the answer, the rated ones nearest to it; equals in order of row */
function explainByRatings(model: LiveModel, { rows, viewer }: RankedMovies): ExplainedNeighbour[][] {
  const { point } = viewer;
  const unrated = complement(viewer.seen);
  const nearest = rows.map((row) => model.scan.nearest(model.pointOf(row), RATED, unrated));
  const stars = starsOf(viewer, new Set(nearest.flatMap((found) => found.rows)));
  const elsewhere = point === null ? new Map<number, Float32Array>() : pointsWithout(model, viewer, stars);
  return nearest.map((found, at) =>
    found.rows.map((row, i) => {
      const other = elsewhere.get(row);
      const contribution = other && point ? model.distanceTo(rows[at], other) - model.distanceTo(rows[at], point) : null;
      return { movie: model.catalog.movies[row], stars: stars.get(row)!, distance: found.distances[i], contribution };
    }),
  );
}

/** @returns the viewer's stars by catalog row, of these rows */
function starsOf({ rated, state }: Viewer, rows: ReadonlySet<number>): Map<number, number> {
  const stars = new Map<number, number>();
  for (let i = 0; i < rated.movieIds.length; i++) {
    const row = state.catalog.rowOf(rated.movieIds[i]);
    if (row !== undefined && rows.has(row)) stars.set(row, rated.stars[i]);
  }
  return stars;
}

/** Where the viewer would be without each of these ratings; none of one that has no part in their point, or where the space cannot tell.
 *  @param rated stars by catalog row
 *  @returns [d] by catalog row */
function pointsWithout(model: LiveModel, viewer: Viewer, rated: ReadonlyMap<number, number>): Map<number, Float32Array> {
  const { space, catalog } = model;
  const history = model.historyOf(viewer.rated);
  if (!isExplaining(space) || history.items.length === 0) return new Map();
  const { items, without } = space.leaveOneOut(history);
  const found: number[] = [];
  const rows: number[] = [];
  items.forEach((item, place) => {
    const row = catalog.rowOf(space.itemIds[item]);
    if (row === undefined || !rated.has(row)) return;
    found.push(row);
    rows.push(place);
  });
  const points = without(rows);
  return new Map(found.map((row, at) => [row, points[at]]));
}

/** The k tags nearest to where this viewer's tags for this movie would lie. @param viewerPoint [d] or null @param itemPoint [d] or null */
export function nearTags(
  model: LiveModel,
  itemPoint: Float32Array | null,
  viewerPoint: Float32Array | null,
  k: number,
  put: ReadonlySet<number> = new Set(),
): ExplainedTag[] {
  if (itemPoint === null && viewerPoint === null) return [];
  const query = model.space.tagQueryPoint({ ...(viewerPoint && { userPoint: viewerPoint }), ...(itemPoint && { itemPoint }) });
  return model.tagsNear(query, k, put);
}

/** Whether it can say where a user would be without a rating. */
export function isExplaining(space: MetricSpace): space is ExplainingSpace {
  return typeof (space as Partial<ExplainingSpace>).leaveOneOut === 'function';
}

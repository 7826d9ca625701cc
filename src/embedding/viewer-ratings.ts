/** What a viewer's own ratings are to their lists: how far each is, where the viewer would be without it. It belongs to the viewer, as their point
 *  does, so that another list of theirs need not compute it again, and goes with them at the next rating. */
import type { UserHistory } from '../interactions/interaction-log';
import type { LeftOut } from '../space/leave-one-out';
import type { MetricSpace } from '../space/metric-space';
import type { LiveModel } from './live-model';
import type { Viewer } from './ranking';

/** A space that can say where a user would be without a rating. */
export interface ExplainingSpace extends MetricSpace {
  leaveOneOut(history: UserHistory): LeftOut;
}

export interface ViewerRating {
  readonly stars: number;
  /** [d] where the viewer would be without it; null where it has no part in their point, or the space cannot tell */
  readonly without: Float32Array | null;
}

/** Ratings kept for a viewer: those that three or four lists speak of, 256 B each at 64 dimensions. */
const MOST_KEPT = 64;

const kept = new WeakMap<Viewer, Map<number, ViewerRating>>();
const distances = new WeakMap<Viewer, Float32Array>();

/** @param rows rated ones @returns the viewer's rating of each of these catalog rows; perhaps of others besides */
export function ratingsOf(model: LiveModel, viewer: Viewer, rows: ReadonlySet<number>): ReadonlyMap<number, ViewerRating> {
  const known = kept.get(viewer);
  const missing = known ? new Set([...rows].filter((row) => !known.has(row))) : rows;
  if (known && missing.size === 0) return known;
  const stars = starsOf(viewer, missing);
  const without = viewer.point === null ? new Map<number, Float32Array>() : pointsWithout(model, viewer, stars);
  const ratings = new Map(known);
  for (const [row, value] of stars) ratings.set(row, { stars: value, without: without.get(row) ?? null });
  kept.set(viewer, ratings.size <= MOST_KEPT ? ratings : new Map([...ratings].filter(([row]) => rows.has(row))));
  return ratings;
}

/** @param point the viewer's own @returns the distances of all that the viewer rated, ascending, in single precision as a list's */
export function ratedDistances(viewer: Viewer, model: LiveModel, point: Float32Array): Float32Array {
  let ascending = distances.get(viewer);
  if (ascending === undefined) {
    ascending = Float32Array.from(viewer.seen.members(), (row) => model.distanceTo(row, point)).sort();
    distances.set(viewer, ascending);
  }
  return ascending;
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

/** Whether it can say where a user would be without a rating. */
export function isExplaining(space: MetricSpace): space is ExplainingSpace {
  return typeof (space as Partial<ExplainingSpace>).leaveOneOut === 'function';
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

/** @param rated stars by catalog row
 *  @returns [d] by catalog row, of those that have a part in the viewer's point */
function pointsWithout(model: LiveModel, viewer: Viewer, rated: ReadonlyMap<number, number>): Map<number, Float32Array> {
  const { space, catalog } = model;
  const history = model.historyOf(viewer.rated);
  if (!isExplaining(space) || history.items.length === 0) return new Map();
  const { items, without } = space.leaveOneOut(history);
  const found: number[] = [];
  const places: number[] = [];
  items.forEach((item, place) => {
    const row = catalog.rowOf(space.itemIds[item]);
    if (row === undefined || !rated.has(row)) return;
    found.push(row);
    places.push(place);
  });
  const points = without(places);
  return new Map(found.map((row, at) => [row, points[at]]));
}

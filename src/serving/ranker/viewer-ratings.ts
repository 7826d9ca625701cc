/** What a viewer's own ratings are to their lists: how far each is, where the viewer would be
 *  without it. It belongs to the viewer, as their point does, so that another list of theirs need
 *  not compute it again, and goes with them at the next rating. */
import type { UserHistory } from '../../interactions/interaction-log';
import type { MetricSpace } from '../../models/metric-space';
import type { LeftOut } from '../../models/tag-tower/leave-one-out';
import { squaredDistance } from '../../numeric/scan';
import type { LiveModel } from '../models/live-model';
import type { Viewer } from './ranking';

/** A space that can say where a user would be without a rating. */
export interface ExplainingSpace extends MetricSpace {
  leaveOneOut(history: UserHistory): LeftOut;
}

/** Ratings kept for a viewer: those that three or four lists speak of, 256 B each at 64
 *  dimensions. */
const MOST_KEPT = 64;

/** @returns what is kept with the viewer, whose state holds the model */
export function viewerRatings(viewer: Viewer, model: LiveModel): ViewerRatings {
  viewer.ratings ??= new ViewerRatings(viewer, model);
  return viewer.ratings;
}

export class ViewerRatings {
  /** Catalog rows that the viewer rated, ascending */
  readonly rows: Int32Array;
  private known: RatingsWithout;
  private ascending: Float32Array | null = null;

  constructor(
    private readonly viewer: Viewer,
    private readonly model: LiveModel,
  ) {
    this.rows = Int32Array.from(viewer.seen.members());
    this.known = new RatingsWithout(new Map(), new Float32Array(0), model);
  }

  /** @param rows rated ones @returns what is known of these, and perhaps of others besides */
  ofRows(rows: ReadonlySet<number>): RatingsWithout {
    const missing = new Set<number>();
    for (const row of rows) if (!this.known.has(row)) missing.add(row);
    if (missing.size === 0) return this.known;
    const stars = starsOf(this.viewer, missing);
    const without =
      this.viewer.point === null
        ? new Map<number, Float32Array>()
        : pointsWithout(this.model, this.viewer, stars);
    const former = this.known.size + missing.size <= MOST_KEPT ? this.known : this.known.only(rows);
    this.known = former.with(stars, without);
    return this.known;
  }

  /** @returns the distances of all that the viewer rated to their point, ascending, in single
   *    precision as a list's; empty without a point */
  distances(): Float32Array {
    const { viewer, model, rows } = this;
    const { point } = viewer;
    if (point === null) return new Float32Array(0);
    if (this.ascending === null) {
      this.ascending = new Float32Array(rows.length);
      for (let i = 0; i < rows.length; i++) this.ascending[i] = model.distanceTo(rows[i], point);
      this.ascending.sort();
    }
    return this.ascending;
  }
}

interface KeptRating {
  readonly stars: number;
  /** Of the point without it; -1 where it has no part in the viewer's point, or the space cannot
   *  tell */
  readonly place: number;
}

/** Some ratings of a viewer; immutable. The points without each of them lie in one array: an array
 *  each would cost more than it holds. */
class RatingsWithout {
  constructor(
    /** By catalog row */
    private readonly ratings: ReadonlyMap<number, KeptRating>,
    /** [n, d] */
    private readonly points: Float32Array,
    private readonly model: LiveModel,
  ) {}

  get size(): number {
    return this.ratings.size;
  }

  has(row: number): boolean {
    return this.ratings.has(row);
  }

  /** @param row one of those asked for */
  starsOf(row: number): number {
    return this.ratings.get(row)!.stars;
  }

  /** @param row one of those asked for @returns how far the movie of another row would be from the
   *    viewer without it; null where nobody can tell */
  distanceWithout(row: number, other: number): number | null {
    const { place } = this.ratings.get(row)!;
    const d = this.model.space.embeddingSize;
    return place < 0
      ? null
      : Math.sqrt(squaredDistance(this.points, place * d, this.model.pointOf(other), d));
  }

  only(rows: ReadonlySet<number>): RatingsWithout {
    return new RatingsWithout(
      new Map([...this.ratings].filter(([row]) => rows.has(row))),
      this.points,
      this.model,
    );
  }

  /** @param stars by catalog row @param without [d] by catalog row */
  with(stars: ReadonlyMap<number, number>, without: ReadonlyMap<number, Float32Array>): RatingsWithout {
    const d = this.model.space.embeddingSize;
    const kept = [...this.ratings.values()].filter(({ place }) => place >= 0).length;
    const points = new Float32Array((kept + without.size) * d);
    const ratings = new Map<number, KeptRating>();
    let end = 0;
    const add = (row: number, value: number, point: Float32Array | undefined) => {
      if (point !== undefined) points.set(point, end * d);
      ratings.set(row, { stars: value, place: point === undefined ? -1 : end++ });
    };
    for (const [row, { stars: value, place }] of this.ratings) {
      add(row, value, place < 0 ? undefined : this.points.subarray(place * d, (place + 1) * d));
    }
    for (const [row, value] of stars) add(row, value, without.get(row));
    return new RatingsWithout(ratings, points, this.model);
  }
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
function pointsWithout(
  model: LiveModel,
  viewer: Viewer,
  rated: ReadonlyMap<number, number>,
): Map<number, Float32Array> {
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

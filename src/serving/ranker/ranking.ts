/** Ranking over one state of the service: pure functions of a catalog, a model and a point. No SQL,
 *  no waiting. */
import { type CheckedFilter, Seen } from '../../catalog/movie-filter.input';
import { Bitset } from '../../numeric/bitset';
import type { LiveModel } from '../models/live-model';
import { type CatalogSnapshot, complement, union } from '../states/catalog-snapshot';
import type { RatedMovies, UserRecord } from '../states/history-cache';
import type { MovieExplanation, Reasons } from './explanation';
import { isPlain, type ListOptions, PLAIN, poolSize, rerank } from './reranking';
import { steeredPoint } from './steering';
import type { ViewerRatings } from './viewer-ratings';

/** What a request takes hold of when it begins: replaced as a whole, never changed. */
export interface LiveState {
  readonly catalog: CatalogSnapshot;
  /** Its `catalog` is the one above. Null before the first model. */
  readonly model: LiveModel | null;
  /** Users who asked for something of this state: their points are computed once. Goes with the
   *  state. */
  readonly viewers: WeakMap<UserRecord, Viewer>;
}

export function createState(catalog: CatalogSnapshot, model: LiveModel | null): LiveState {
  return { catalog, model, viewers: new WeakMap() };
}

export type RankingSource = 'PERSONAL' | 'FOLD_IN' | 'DEMOGRAPHIC' | 'POPULAR';

/** Whom a ranking is for: what is theirs in one state of the service. */
export interface Viewer {
  readonly state: LiveState;
  readonly rated: RatedMovies;
  /** Rows that they rated. */
  readonly seen: Bitset;
  /** [d]; null without a model, or for someone who rated nothing that it knows */
  readonly point: Float32Array | null;
  /** The last list without a filter. A page that is opened again asks the same of the same state,
   *  and the scan is a third of the cost of an answer; whatever changes makes another viewer. */
  last: { readonly k: number; readonly ranked: RankedMovies } | null;
  /** What explanations keep of the viewer's ratings (viewer-ratings.ts). */
  ratings: ViewerRatings | null;
  /** Why movies lie where they lie for this viewer, whatever list they stand in
   *  (explanation.ts). */
  reasons: Reasons | null;
}

export interface RankedMovies {
  readonly source: RankingSource;
  readonly viewer: Viewer;
  /** [n] catalog rows, best first */
  readonly rows: readonly number[];
  /** [n] Euclidean distance to the viewer's point, ascending unless the list is steered or
   *  re-ranked; zeros when `source` is DEMOGRAPHIC or POPULAR, which measure from nowhere */
  readonly distances: readonly number[];
  /** The nearest of all unseen movies, nothing left out: whatever is nearer than one of them is
   *  rated, or stands before it. */
  readonly plain: boolean;
  /** Made when the first of them is asked for. */
  explanations: readonly MovieExplanation[] | null;
}

/** What a list is asked for. */
export interface ListWish {
  readonly k: number;
  readonly filter?: CheckedFilter | null;
  readonly options?: ListOptions;
}

export function createViewer(state: LiveState, rated: RatedMovies, point: Float32Array | null): Viewer {
  const rows = new Bitset(state.catalog.size);
  for (const id of rated.movieIds) {
    const row = state.catalog.rowOf(id);
    if (row !== undefined) rows.add(row);
  }
  return { state, rated, seen: rows, point, last: null, ratings: null, reasons: null };
}

/** The k movies nearest to the viewer among those that the filter keeps, which are unseen ones
 *  unless it says otherwise; for a viewer without a point those that their demographic groups rate
 *  most, or all people do. Tags that steer and options make another order of them. */
export function rankFor(
  viewer: Viewer,
  { k, filter, options = PLAIN }: ListWish,
  source: 'PERSONAL' | 'FOLD_IN',
): RankedMovies {
  const skip = skippedBy(viewer, filter);
  if (filter?.nearTagIds || !isPlain(options))
    return reorder(viewer, { k, options, nearTagIds: filter?.nearTagIds ?? [] }, skip, source);
  if (skip !== viewer.seen) return rank(viewer, k, skip, source, false);
  if (viewer.last?.k !== k) viewer.last = { k, ranked: rank(viewer, k, skip, source, true) };
  return viewer.last.ranked;
}

/** A list that is not the plain one. Someone without a point of their own is measured from the tags
 *  that steer, as a taste. */
function reorder(
  viewer: Viewer,
  { k, options, nearTagIds }: { k: number; options: ListOptions; nearTagIds: readonly number[] },
  skip: Bitset | null,
  wanted: 'PERSONAL' | 'FOLD_IN',
): RankedMovies {
  const { catalog, model } = viewer.state;
  const from = model === null ? null : steeredPoint(model, viewer.point, nearTagIds);
  const size = isPlain(options) ? k : poolSize(k);
  const near = rank({ ...viewer, point: from, ratings: null, reasons: null }, size, skip, wanted, false);
  const { rows } = near;
  // Without a point the order is all that is known: places stand for distances, so that exp(−d²)
  // falls as 1 / place.
  const places = from === null ? rows.map((_, place) => Math.sqrt(Math.log1p(place))) : near.distances;
  const candidates = {
    distances: places,
    ratings: rows.map((row) => catalog.ratingsOf(row)),
    years: rows.map((row) => catalog.movies[row].year),
    distancesTo:
      model &&
      ((b: number) => {
        const other = model.pointOf(rows[b]);
        return (a: number) => model.distanceTo(rows[a], other);
      }),
  };
  const order = isPlain(options) ? Array.from(rows.keys()) : rerank(candidates, k, options);
  const measured = viewer.point === null ? near.viewer : viewer;
  const { point } = measured;
  const distanceOf = (at: number) =>
    model === null || point === null ? 0 : model.distanceTo(rows[at], point);
  const distances = order.map(from === point ? (at) => near.distances[at] : distanceOf);
  const foldedIn = viewer.point === null && from !== null;
  const source = foldedIn ? 'FOLD_IN' : near.source;
  return {
    source,
    viewer: measured,
    rows: order.map((at) => rows[at]),
    distances,
    plain: false,
    explanations: null,
  };
}

/** @returns rows that an answer for the viewer leaves out; `viewer.seen` itself where the filter
 *    asks for nothing */
function skippedBy({ state, seen }: Viewer, filter: CheckedFilter | null | undefined): Bitset | null {
  const excluded = state.catalog.excludedBy(filter);
  if (filter?.seen === Seen.ANY) return excluded;
  const others = filter?.seen === Seen.SEEN ? complement(seen) : seen;
  return excluded === null ? others : union(excluded, others);
}

/** @param plain whether `skip` is what the viewer has seen, and no more */
function rank(
  viewer: Viewer,
  k: number,
  skip: Bitset | null,
  source: 'PERSONAL' | 'FOLD_IN',
  plain: boolean,
): RankedMovies {
  const { state, point } = viewer;
  if (state.model === null || point === null) {
    const order = state.catalog.priorOrder(viewer.rated.demographics);
    const rows = state.catalog.mostPopular(k, skip, order ?? undefined);
    const prior = order === null ? 'POPULAR' : 'DEMOGRAPHIC';
    return { source: prior, viewer, rows, distances: rows.map(() => 0), plain, explanations: null };
  }
  const { rows, distances } = state.model.scan.nearest(point, k, skip);
  return { source, viewer, rows, distances, plain, explanations: null };
}

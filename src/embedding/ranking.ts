/** Ranking over one state of the service: pure functions of a catalog, a model and a point. No SQL, no waiting. */
import { type CheckedFilter, Seen } from '../catalog/movie-filter.input';
import { Bitset } from '../numeric/bitset';
import { type CatalogSnapshot, complement, union } from './catalog-snapshot';
import type { RatedMovies, UserRecord } from './history-cache';
import type { LiveModel } from './live-model';

/** What a request takes hold of when it begins: replaced as a whole, never changed. */
export interface LiveState {
  readonly catalog: CatalogSnapshot;
  /** Its `catalog` is the one above. Null before the first model. */
  readonly model: LiveModel | null;
  /** Users who asked for something of this state: their points are computed once. Goes with the state. */
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
  /** The last list without a filter. A page that is opened again asks the same of the same state, and the scan is a third of the
   *  cost of an answer; whatever changes makes another viewer. */
  last: { readonly k: number; readonly ranked: RankedMovies } | null;
}

export interface RankedMovies {
  readonly source: RankingSource;
  readonly viewer: Viewer;
  /** [n] catalog rows, best first */
  readonly rows: readonly number[];
  /** [n] Euclidean distance to the viewer's point, ascending; zeros when `source` is DEMOGRAPHIC or POPULAR, which measure from nowhere */
  readonly distances: readonly number[];
}

export function createViewer(state: LiveState, rated: RatedMovies, point: Float32Array | null): Viewer {
  const rows = new Bitset(state.catalog.size);
  for (const id of rated.movieIds) {
    const row = state.catalog.rowOf(id);
    if (row !== undefined) rows.add(row);
  }
  return { state, rated, seen: rows, point, last: null };
}

/** The k movies nearest to the viewer among those that the filter keeps, which are unseen ones unless it says otherwise; for a
 *  viewer without a point those that their demographic groups rate most, or all people do. */
export function rankFor(viewer: Viewer, k: number, filter: CheckedFilter | null | undefined, source: 'PERSONAL' | 'FOLD_IN'): RankedMovies {
  const skip = skippedBy(viewer, filter);
  if (skip !== viewer.seen) return rank(viewer, k, skip, source);
  if (viewer.last?.k !== k) viewer.last = { k, ranked: rank(viewer, k, skip, source) };
  return viewer.last.ranked;
}

/** @returns rows that an answer for the viewer leaves out; `viewer.seen` itself where the filter asks for nothing */
function skippedBy({ state, seen }: Viewer, filter: CheckedFilter | null | undefined): Bitset | null {
  const excluded = state.catalog.excludedBy(filter);
  if (filter?.seen === Seen.ANY) return excluded;
  const others = filter?.seen === Seen.SEEN ? complement(seen) : seen;
  return excluded === null ? others : union(excluded, others);
}

function rank(viewer: Viewer, k: number, skip: Bitset | null, source: 'PERSONAL' | 'FOLD_IN'): RankedMovies {
  const { state, point } = viewer;
  if (state.model === null || point === null) {
    const order = state.catalog.priorOrder(viewer.rated.demographics);
    const rows = state.catalog.mostPopular(k, skip, order ?? undefined);
    return { source: order === null ? 'POPULAR' : 'DEMOGRAPHIC', viewer, rows, distances: rows.map(() => 0) };
  }
  const { rows, distances } = state.model.scan.nearest(point, k, skip);
  return { source, viewer, rows, distances };
}

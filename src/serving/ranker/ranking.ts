/** Ranking over one state of the service: pure functions of a catalog, a model and a point. No SQL,
 *  no waiting. */
import type { CheckedFilter } from '../../catalog/movie-filter';
import { Bitset } from '../../numeric/bitset';
import type { LiveState } from '../models/live-model';
import type { MovieHistory } from '../states/history-cache';
import { isPlain, type ListOptions, PLAIN, poolSize, rerank } from './reranking';
import { steeredPoint } from './steering';

export type RankingSource = 'PERSONAL' | 'FOLD_IN' | 'DEMOGRAPHIC' | 'POPULAR';
/** How a user's point was computed. */
type PointSource = 'PERSONAL' | 'FOLD_IN';

/** The viewer of a ranking, in one state of the service. */
export interface Viewer {
  readonly state: LiveState;
  readonly history: MovieHistory;
  /** Rows that they rated. */
  readonly seen: Bitset;
  /** [d]; null without a model, or for someone who rated nothing that it has */
  readonly point: Float32Array | null;
  /** The last list without a filter. A page that is opened again asks the same of the same state,
   *  and the scan is a third of the cost of an answer; whatever changes makes another viewer. */
  last: { readonly k: number; readonly ranked: RankedMovies } | null;
}

export interface RankedMovies {
  readonly source: RankingSource;
  readonly viewer: Viewer;
  /** [n] catalog rows, best first */
  readonly rows: readonly number[];
  /** [n] Euclidean distance to the viewer's point, ascending unless the list is steered or
   *  re-ranked; zeros when `source` is DEMOGRAPHIC or POPULAR, where there is no point */
  readonly distances: readonly number[];
  /** The nearest of all unseen movies without gaps: every nearer movie is rated or listed
   *  before. */
  readonly plain: boolean;
}

export interface ListRequest {
  readonly k: number;
  readonly filter?: CheckedFilter | null;
  readonly options?: ListOptions;
}

export function createViewer(
  state: LiveState,
  history: MovieHistory,
  point: Float32Array | null = state.model?.userPoint(history) ?? null,
): Viewer {
  const seen = new Bitset(state.catalog.size);
  for (const id of history.movieIds) {
    const row = state.catalog.rowOf(id);
    if (row !== undefined) seen.add(row);
  }
  return { state, history, seen, point, last: null };
}

const viewersOf = new WeakMap<LiveState, WeakMap<MovieHistory, Viewer>>();

/** The viewer, made once for each history and state. */
export function viewerOf(state: LiveState, history: MovieHistory): Viewer {
  let viewers = viewersOf.get(state);
  if (viewers === undefined) {
    viewers = new WeakMap();
    viewersOf.set(state, viewers);
  }
  let viewer = viewers.get(history);
  if (viewer === undefined) {
    viewer = createViewer(state, history);
    viewers.set(history, viewer);
  }
  return viewer;
}

/** The k movies nearest to the viewer among those that the filter keeps, which are unseen ones
 *  unless it says otherwise; for a viewer without a point, those that their demographic groups rate
 *  most, or everybody does. Tags that steer and options change the order. */
export function rankFor(
  viewer: Viewer,
  { k, filter, options = PLAIN }: ListRequest,
  source: PointSource,
): RankedMovies {
  const skip = skippedBy(viewer, filter);
  const nearTagIds = filter?.nearTagIds ?? null;
  if (nearTagIds !== null || !isPlain(options))
    return reorder(viewer, { k, options, nearTagIds: nearTagIds ?? [], skip }, source);
  if (skip !== viewer.seen) return rank(viewer, k, skip, source);
  if (viewer.last?.k !== k) viewer.last = { k, ranked: { ...rank(viewer, k, skip, source), plain: true } };
  return viewer.last.ranked;
}

interface Reordering {
  readonly k: number;
  readonly options: ListOptions;
  readonly nearTagIds: readonly number[];
  readonly skip: Bitset | null;
}

/** A list with options. For a user without a point the steering tags are used as a taste. */
function reorder(
  viewer: Viewer,
  { k, options, nearTagIds, skip }: Reordering,
  source: PointSource,
): RankedMovies {
  const { catalog, model } = viewer.state;
  const from = model === null ? null : steeredPoint(model, viewer.point, nearTagIds);
  const near = rank({ ...viewer, point: from }, isPlain(options) ? k : poolSize(k), skip, source);
  const { rows } = near;
  const candidates = {
    // Without a point only the order is known: distances are derived from ranks, so that exp(−d²)
    // falls as 1 / rank.
    distances: from === null ? rows.map((_, place) => Math.sqrt(Math.log1p(place))) : near.distances,
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
  return {
    source: viewer.point === null && from !== null ? 'FOLD_IN' : near.source,
    viewer: measured,
    rows: order.map((at) => rows[at]),
    distances: order.map(from === point ? (at) => near.distances[at] : distanceOf),
    plain: false,
  };
}

/** @returns rows that an answer for the viewer leaves out; `viewer.seen` itself where the filter
 *    has no condition */
function skippedBy({ state, seen }: Viewer, filter: CheckedFilter | null | undefined): Bitset | null {
  const excluded = state.catalog.excludedBy(filter);
  if (filter?.seen === 'ANY') return excluded;
  const others = filter?.seen === 'SEEN' ? seen.complement() : seen;
  return excluded?.union(others) ?? others;
}

function rank(viewer: Viewer, k: number, skip: Bitset | null, source: PointSource): RankedMovies {
  const { point, history } = viewer;
  const { model, catalog } = viewer.state;
  if (model !== null && point !== null) {
    const { rows, distances } = model.scan.nearest(point, k, skip);
    return { source, viewer, rows, distances, plain: false };
  }
  const order = catalog.priorOrder(history.demographics);
  const rows = catalog.mostPopular(k, skip, order ?? undefined);
  return {
    source: order === null ? 'POPULAR' : 'DEMOGRAPHIC',
    viewer,
    rows,
    distances: rows.map(() => 0),
    plain: false,
  };
}

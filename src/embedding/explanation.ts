/** Why a movie stands where it stands: computed for those that are asked about, from the state that ranked them. */
import type { Movie } from '../catalog/movie.entity';
import type { UserHistory } from '../interactions/interaction-log';
import { euclideanDistance } from '../numeric/scan';
import type { MetricSpace } from '../space/metric-space';
import type { LeftOut } from '../space/tower-space';
import type { LiveModel, NearTag } from './live-model';
import type { RankedMovies } from './ranking';

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

/** Explains the movies of one answer; what they share is computed once. */
export class Explainer {
  private withoutMovie: ((movieId: number) => Float32Array | null) | undefined;

  constructor(private readonly answer: RankedMovies) {}

  /** @param index place in the answer, 0 for the first */
  explain(index: number): MovieExplanation {
    const { rows, distances, viewer, source } = this.answer;
    const { catalog, model } = viewer.state;
    const row = rows[index];
    const nearer =
      source === 'POPULAR' || model === null || viewer.point === null
        ? catalog.popularityRank(row)
        : model.scan.countNearer(viewer.point, distances[index]);
    return {
      nearestRated: model === null ? [] : this.nearestRated(model, row),
      nearTags: model === null ? [] : nearTags(model, model.pointOf(row), viewer.point, TAGS),
      distancePercentile: (100 * nearer) / catalog.size,
    };
  }

  private nearestRated(model: LiveModel, row: number): ExplainedNeighbour[] {
    const { rated, point } = this.answer.viewer;
    const { catalog } = model;
    const target = model.pointOf(row);
    const neighbours: { rated: number; stars: number; distance: number }[] = [];
    rated.movieIds.forEach((id, i) => {
      const ratedRow = catalog.rowOf(id);
      if (ratedRow === undefined) return;
      neighbours.push({ rated: ratedRow, stars: rated.stars[i], distance: euclideanDistance(model.pointOf(ratedRow), target) });
    });
    neighbours.sort((a, b) => a.distance - b.distance || a.rated - b.rated);
    return neighbours.slice(0, RATED).map(({ rated: ratedRow, stars, distance }) => {
      const movie = catalog.movies[ratedRow];
      const elsewhere = this.pointWithout(model, movie.id);
      const contribution = elsewhere && point ? euclideanDistance(elsewhere, target) - euclideanDistance(point, target) : null;
      return { movie, stars, distance, contribution };
    });
  }

  /** Where the viewer would be without this rating; null when it has no part in their point, or the space cannot tell. @returns [d] */
  private pointWithout(model: LiveModel, movieId: number): Float32Array | null {
    if (this.withoutMovie === undefined) {
      const history = model.historyOf(this.answer.viewer.rated);
      const { space } = model;
      if (isExplaining(space) && history.items.length > 0) {
        const { items, without } = space.leaveOneOut(history);
        const rows = new Map(Array.from(items, (item, row) => [space.itemIds[item], row]));
        this.withoutMovie = (id) => (rows.has(id) ? without(rows.get(id)!) : null);
      } else {
        this.withoutMovie = () => null;
      }
    }
    return this.withoutMovie(movieId);
  }
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

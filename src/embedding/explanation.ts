/** Why a movie stands where it stands: computed for those that are asked about, from the state that ranked them. */
import type { Movie } from '../catalog/movie.entity';
import { complement } from './catalog-snapshot';
import type { LiveModel, NearTag } from './live-model';
import type { RankedMovies } from './ranking';
import { countBelow, ratedDistances, ratingsOf } from './viewer-ratings';

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

/** Explanations of lists that are kept: a page that is opened again asks for the same. They go with the list. */
const explained = new WeakMap<RankedMovies, readonly MovieExplanation[]>();

/** @returns an explanation of each movie of an answer. Each part is computed when it is first read, for the whole answer: its movies share most of
 *  the work */
export function explain(answer: RankedMovies): readonly MovieExplanation[] {
  let explanations = explained.get(answer);
  if (explanations === undefined) {
    const parts = new AnswerParts(answer);
    explanations = answer.rows.map((_, at) => new PartsOfMovie(parts, at));
    explained.set(answer, explanations);
  }
  return explanations;
}

class PartsOfMovie implements MovieExplanation {
  constructor(
    private readonly parts: AnswerParts,
    private readonly at: number,
  ) {}

  get nearestRated(): readonly ExplainedNeighbour[] {
    return this.parts.nearestRated[this.at];
  }

  get nearTags(): readonly ExplainedTag[] {
    return this.parts.nearTags[this.at];
  }

  get distancePercentile(): number {
    return this.parts.percentiles[this.at];
  }
}

/** What each movie of an answer is explained by, part by part. */
class AnswerParts {
  private rated: readonly (readonly ExplainedNeighbour[])[] | undefined;
  private tags: readonly (readonly ExplainedTag[])[] | undefined;
  private shares: readonly number[] | undefined;

  constructor(private readonly answer: RankedMovies) {}

  get nearestRated(): readonly (readonly ExplainedNeighbour[])[] {
    const { rows, viewer } = this.answer;
    const { model } = viewer.state;
    this.rated ??= model === null ? rows.map(() => []) : explainByRatings(model, this.answer);
    return this.rated;
  }

  get nearTags(): readonly (readonly ExplainedTag[])[] {
    const { rows, viewer } = this.answer;
    const { model } = viewer.state;
    this.tags ??= rows.map((row) => (model === null ? [] : nearTags(model, model.pointOf(row), viewer.point, TAGS)));
    return this.tags;
  }

  /** 0 to 100 */
  get percentiles(): readonly number[] {
    const { size } = this.answer.viewer.state.catalog;
    this.shares ??= countNearer(this.answer).map((nearer) => (100 * nearer) / size);
    return this.shares;
  }
}

/** @returns how many movies of the whole catalog lie nearer to the viewer than each of the answer, or have more ratings */
function countNearer({ rows, distances, viewer, source, plain }: RankedMovies): number[] {
  const { catalog, model } = viewer.state;
  const { point } = viewer;
  if (source === 'POPULAR' || model === null || point === null) return rows.map((row) => catalog.popularityRank(row));
  if (!plain) return distances.map((distance) => model.scan.countNearer(point, distance));
  // All unseen movies that are nearer stand in the list before this one.
  const rated = ratedDistances(viewer, model, point);
  return distances.map((distance) => distances.indexOf(distance) + countBelow(rated, distance));
}

/** @returns of each movie of the answer, the rated ones nearest to it; equals in order of row */
function explainByRatings(model: LiveModel, { rows, viewer }: RankedMovies): ExplainedNeighbour[][] {
  const { point } = viewer;
  const unrated = complement(viewer.seen);
  const nearest = rows.map((row) => model.scan.nearest(model.pointOf(row), RATED, unrated));
  const ratings = ratingsOf(model, viewer, new Set(nearest.flatMap((found) => found.rows)));
  return nearest.map((found, at) =>
    found.rows.map((row, i) => {
      const { stars, without } = ratings.get(row)!;
      const contribution = without && point ? model.distanceTo(rows[at], without) - model.distanceTo(rows[at], point) : null;
      return { movie: model.catalog.movies[row], stars, distance: found.distances[i], contribution };
    }),
  );
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

/** Why a movie stands where it stands: computed for those that are asked about, from the state that
 *  ranked them. */
import type { Movie } from '../../catalog/movie.entity';
import type { LiveModel, NearTag } from '../models/live-model';
import type { RankedMovies, Viewer } from './ranking';
import { countBelow, viewerRatings } from './viewer-ratings';

export interface ExplainedNeighbour {
  readonly movie: Movie;
  readonly stars: number;
  /** Between the two movies. */
  readonly distance: number;
  /** By how much farther from the viewer the explained movie would be without this rating; null
   *  where the model cannot tell. */
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

/** @returns an explanation of each movie of an answer. Each part is computed when it is first read,
 *    for the whole answer: its movies share most of the work */
export function explain(answer: RankedMovies): readonly MovieExplanation[] {
  if (answer.explanations === null) {
    const parts = new AnswerParts(answer);
    answer.explanations = answer.rows.map((_, at) => new PartsOfMovie(parts, at));
  }
  return answer.explanations;
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

/** Movies whose reasons are kept for a viewer: those of two or three lists, half a kilobyte
 *  each. */
const MOST_KEPT = 32;

/** What is near a movie for one viewer does not depend on the list in which it stands: the next
 *  list of theirs has many of the same. */
export class Reasons {
  private ratings: ReadonlyMap<number, readonly ExplainedNeighbour[]> = new Map();
  private tags: ReadonlyMap<number, readonly ExplainedTag[]> = new Map();

  /** @param rows of movies @param find what is asked about those that are not known @returns of
   *    each row */
  ratingsFor(
    rows: readonly number[],
    find: (missing: readonly number[]) => ExplainedNeighbour[][],
  ): readonly (readonly ExplainedNeighbour[])[] {
    this.ratings = completed(this.ratings, rows, find);
    return rows.map((row) => this.ratings.get(row)!);
  }

  tagsFor(
    rows: readonly number[],
    find: (missing: readonly number[]) => ExplainedTag[][],
  ): readonly (readonly ExplainedTag[])[] {
    this.tags = completed(this.tags, rows, find);
    return rows.map((row) => this.tags.get(row)!);
  }
}

/** @returns a map that knows at least these rows, and not many others */
function completed<Found>(
  known: ReadonlyMap<number, Found>,
  rows: readonly number[],
  find: (missing: readonly number[]) => Found[],
): ReadonlyMap<number, Found> {
  const missing = rows.filter((row) => !known.has(row));
  if (missing.length === 0) return known;
  const found = find(missing);
  const all = new Map(known);
  missing.forEach((row, at) => {
    all.set(row, found[at]);
  });
  return all.size <= MOST_KEPT ? all : new Map(rows.map((row) => [row, all.get(row)!]));
}

function reasonsOf(viewer: Viewer): Reasons {
  viewer.reasons ??= new Reasons();
  return viewer.reasons;
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
    if (this.rated === undefined) {
      this.rated =
        model === null
          ? rows.map(() => [])
          : reasonsOf(viewer).ratingsFor(rows, (missing) => byRatings(model, viewer, missing));
    }
    return this.rated;
  }

  get nearTags(): readonly (readonly ExplainedTag[])[] {
    const { rows, viewer } = this.answer;
    const { point } = viewer;
    const { model } = viewer.state;
    if (this.tags === undefined) {
      const near = (missing: readonly number[]) =>
        missing.map((row) => (model === null ? [] : nearTags(model, model.pointOf(row), point, TAGS)));
      this.tags = reasonsOf(viewer).tagsFor(rows, near);
    }
    return this.tags;
  }

  /** 0 to 100 */
  get percentiles(): readonly number[] {
    const { size } = this.answer.viewer.state.catalog;
    this.shares ??= countNearer(this.answer).map((nearer) => (100 * nearer) / size);
    return this.shares;
  }
}

/** @returns how many movies of the whole catalog lie nearer to the viewer than each of the answer,
 *    or have more ratings */
function countNearer({ rows, distances, viewer, source, plain }: RankedMovies): number[] {
  const { catalog, model } = viewer.state;
  const { point } = viewer;
  if (source === 'POPULAR' || model === null || point === null)
    return rows.map((row) => catalog.popularityRank(row));
  if (!plain) return distances.map((distance) => model.scan.countNearer(point, distance));
  // All unseen movies that are nearer stand in the list before this one.
  const rated = viewerRatings(viewer, model).distances();
  return distances.map((distance) => distances.indexOf(distance) + countBelow(rated, distance));
}

/** @returns of each of the movies, the rated ones nearest to it; equals in order of row */
function byRatings(model: LiveModel, viewer: Viewer, rows: readonly number[]): ExplainedNeighbour[][] {
  const own = viewerRatings(viewer, model);
  const nearest = rows.map((row) => model.scan.nearestAmong(model.pointOf(row), RATED, own.rows));
  const ratings = own.ofRows(new Set(nearest.flatMap((found) => found.rows)));
  return nearest.map((found, at) => {
    const distance = viewer.point && model.distanceTo(rows[at], viewer.point);
    return found.rows.map((row, i) => {
      const without = ratings.distanceWithout(row, rows[at]);
      const contribution = without === null || distance === null ? null : without - distance;
      return {
        movie: model.catalog.movies[row],
        stars: ratings.starsOf(row),
        distance: found.distances[i],
        contribution,
      };
    });
  });
}

/** The k tags nearest to where this viewer's tags for this movie would lie. @param viewerPoint [d]
 *  or null @param itemPoint [d] or null */
export function nearTags(
  model: LiveModel,
  itemPoint: Float32Array | null,
  viewerPoint: Float32Array | null,
  k: number,
  put: ReadonlySet<number> = new Set(),
): ExplainedTag[] {
  if (itemPoint === null && viewerPoint === null) return [];
  const query = model.space.tagQueryPoint({
    ...(viewerPoint && { userPoint: viewerPoint }),
    ...(itemPoint && { itemPoint }),
  });
  return model.tagsNear(query, k, put);
}

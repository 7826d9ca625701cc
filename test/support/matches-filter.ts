/** What a filter means, condition by condition. */
import type { CheckedFilter } from '../../src/catalog/movie-filter';

/** What a filter asks of a movie. */
export interface FilteredMovie {
  readonly id: number;
  readonly genres: readonly string[];
  readonly year: number | null;
  readonly tagIds: readonly number[];
  readonly ratings: number;
  /** Rated by the person whom the answer is for. */
  readonly seen: boolean;
}

/** The definition of every condition, which the fast forms are compared with
 *  (serving/states/catalog-snapshot.ts, catalog/sql/movies-page.sql).
 *  @returns whether the movie may be in an answer that is for somebody */
export function matchesFilter(movie: FilteredMovie, filter: CheckedFilter): boolean {
  const carries = (tagId: number) => movie.tagIds.includes(tagId);
  if (filter.genresAnyOf && !filter.genresAnyOf.some((genre) => movie.genres.includes(genre))) return false;
  if (filter.genresNoneOf?.some((genre) => movie.genres.includes(genre))) return false;
  if (filter.tagsAnyOf && !filter.tagsAnyOf.some(carries)) return false;
  if (filter.tagsNoneOf?.some(carries)) return false;
  if (filter.yearFrom !== null && (movie.year === null || movie.year < filter.yearFrom)) return false;
  if (filter.yearTo !== null && (movie.year === null || movie.year > filter.yearTo)) return false;
  if (filter.minRatings !== null && movie.ratings < filter.minRatings) return false;
  if (filter.seen !== 'ANY' && movie.seen !== (filter.seen === 'SEEN')) return false;
  return !filter.excludeIds?.includes(movie.id);
}

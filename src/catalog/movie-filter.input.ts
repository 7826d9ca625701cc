/** Which movies an answer may hold. The same for lists and for recommendations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { BadUserInputError } from '../errors';
import { parseId, requireYear } from './parameters';

const MOST_GENRES = 50;
const MOST_EXCLUDED = 1_000;

@InputType({ description: 'Which movies an answer may hold; a movie must meet every condition that is given.' })
export class MovieFilter {
  @Field(() => [String], { nullable: true, description: 'At least one of these genres, spelled as in `Movie.genres`.' })
  genresAnyOf?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'None of these genres.' })
  genresNoneOf?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Released in this year or later. Leaves out movies whose year is not known.' })
  yearFrom?: number | null;

  @Field(() => Int, { nullable: true, description: 'Released in this year or earlier. Leaves out movies whose year is not known.' })
  yearTo?: number | null;

  @Field(() => [ID], { nullable: true, description: 'Not these movies; at most 1,000.' })
  excludeIds?: string[] | null;
}

/** A filter with its input checked; null where nothing is asked. */
export interface CheckedFilter {
  readonly genresAnyOf: readonly string[] | null;
  readonly genresNoneOf: readonly string[] | null;
  readonly yearFrom: number | null;
  readonly yearTo: number | null;
  readonly excludeIds: readonly number[] | null;
}

export const EVERYTHING: CheckedFilter = { genresAnyOf: null, genresNoneOf: null, yearFrom: null, yearTo: null, excludeIds: null };

/** @param field the argument's name, `filter` or `where`
 *  @throws BadUserInputError naming the field */
export function checkFilter(field: string, filter: MovieFilter | null | undefined): CheckedFilter {
  if (!filter) return EVERYTHING;
  const excluded = filter.excludeIds ?? null;
  if (excluded && excluded.length > MOST_EXCLUDED) {
    throw new BadUserInputError(
      `${field}.excludeIds`,
      `${field}.excludeIds may have ${MOST_EXCLUDED} ids at most; got ${excluded.length}.`,
    );
  }
  return {
    genresAnyOf: checkGenres(`${field}.genresAnyOf`, filter.genresAnyOf),
    genresNoneOf: checkGenres(`${field}.genresNoneOf`, filter.genresNoneOf),
    yearFrom: requireYear(`${field}.yearFrom`, filter.yearFrom),
    yearTo: requireYear(`${field}.yearTo`, filter.yearTo),
    excludeIds: excluded?.map((id, index) => parseId(`${field}.excludeIds.${index}`, id)) ?? null,
  };
}

/** @returns whether the movie may be in the answer */
export function matchesFilter(
  movie: { readonly id: number; readonly genres: readonly string[]; readonly year: number | null },
  filter: CheckedFilter,
): boolean {
  if (filter.genresAnyOf && !filter.genresAnyOf.some((genre) => movie.genres.includes(genre))) return false;
  if (filter.genresNoneOf?.some((genre) => movie.genres.includes(genre))) return false;
  if (filter.yearFrom !== null && (movie.year === null || movie.year < filter.yearFrom)) return false;
  if (filter.yearTo !== null && (movie.year === null || movie.year > filter.yearTo)) return false;
  return !filter.excludeIds?.includes(movie.id);
}

function checkGenres(field: string, genres: readonly string[] | null | undefined): readonly string[] | null {
  if (!genres) return null;
  if (genres.length > MOST_GENRES)
    throw new BadUserInputError(field, `${field} may have ${MOST_GENRES} genres at most; got ${genres.length}.`);
  if (genres.some((genre) => genre.includes('\0'))) throw new BadUserInputError(field, `${field} holds characters that are no text.`);
  return genres;
}

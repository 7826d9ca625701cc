/** Which movies an answer may hold. The same for lists and for recommendations. */
import { Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { BadUserInputError } from '../errors';
import { parseId, requireYear } from '../request/parameters';

const MOST_GENRES = 50;
const MOST_EXCLUDED = 1_000;
const MOST_TAGS = 50;
const MOST_STEERING_TAGS = 10;

export enum Seen {
  UNSEEN = 'UNSEEN',
  SEEN = 'SEEN',
  ANY = 'ANY',
}

registerEnumType(Seen, {
  name: 'Seen',
  description: 'Whether the person whom a list is for has rated a movie.',
  valuesConfig: {
    UNSEEN: { description: 'What they have not rated: something new.' },
    SEEN: { description: 'What they have rated: something to see again.' },
    ANY: { description: 'Both.' },
  },
});

@InputType({
  description: 'Which movies an answer may hold; a movie must meet every condition that is given.',
})
export class MovieFilter {
  @Field(() => [String], {
    nullable: true,
    description: 'At least one of these genres, spelled as in `Movie.genres`.',
  })
  genresAnyOf?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'None of these genres.' })
  genresNoneOf?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'People have put at least one of these tags on it; at most 50.',
  })
  tagsAnyOf?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Nobody has put any of these tags on it; at most 50.' })
  tagsNoneOf?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Released in this year or later. Leaves out movies whose year is not known.',
  })
  yearFrom?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Released in this year or earlier. Leaves out movies whose year is not known.',
  })
  yearTo?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'At least so many people have rated it; lists that are ranked in memory count anew every few minutes.',
  })
  minRatings?: number | null;

  @Field(() => [ID], { nullable: true, description: 'Not these movies; at most 1,000.' })
  excludeIds?: string[] | null;

  @Field(() => Seen, {
    nullable: true,
    description:
      'Whether the person whom the list is for has rated it; `UNSEEN` when left out. Only where there is such a person.',
  })
  seen?: Seen | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Leaves out nothing, but moves the point that movies are measured from toward these tags: near *time travel*, for me. At most 10; ' +
      'only in `recommendations`, `recommendationsFor`, `whatIf` and `similarMovies`.',
  })
  nearTagIds?: string[] | null;
}

/** A filter with its input checked; null where nothing is asked. */
export interface CheckedFilter {
  readonly genresAnyOf: readonly string[] | null;
  readonly genresNoneOf: readonly string[] | null;
  readonly tagsAnyOf: readonly number[] | null;
  readonly tagsNoneOf: readonly number[] | null;
  readonly yearFrom: number | null;
  readonly yearTo: number | null;
  readonly minRatings: number | null;
  readonly excludeIds: readonly number[] | null;
  readonly seen: Seen | null;
  /** Steers a ranking, and is no condition. */
  readonly nearTagIds: readonly number[] | null;
}

export const EVERYTHING: CheckedFilter = {
  genresAnyOf: null,
  genresNoneOf: null,
  tagsAnyOf: null,
  tagsNoneOf: null,
  yearFrom: null,
  yearTo: null,
  minRatings: null,
  excludeIds: null,
  seen: null,
  nearTagIds: null,
};

/** What an answer can make sense of besides conditions on the movie itself. */
export interface FilterAbilities {
  /** It is for somebody. */
  readonly seen?: boolean;
  /** It is measured from a point. */
  readonly nearTags?: boolean;
}

/** @param field the argument's name, `filter` or `where`
 *  @throws BadUserInputError naming the field */
export function checkFilter(
  field: string,
  filter: MovieFilter | null | undefined,
  abilities: FilterAbilities = {},
): CheckedFilter {
  if (!filter) return EVERYTHING;
  const seen = filter.seen ?? null;
  if (seen !== null && !abilities.seen) {
    throw new BadUserInputError(
      `${field}.seen`,
      `${field}.seen has no meaning here: the answer is for nobody in particular.`,
    );
  }
  const nearTagIds = checkIds(`${field}.nearTagIds`, filter.nearTagIds, MOST_STEERING_TAGS);
  if (nearTagIds !== null && !abilities.nearTags) {
    throw new BadUserInputError(
      `${field}.nearTagIds`,
      `${field}.nearTagIds has no meaning here: nothing is measured from a point.`,
    );
  }
  const minRatings = filter.minRatings ?? null;
  if (minRatings !== null && minRatings < 0) {
    throw new BadUserInputError(
      `${field}.minRatings`,
      `${field}.minRatings must be 0 or more; got ${minRatings}.`,
    );
  }
  return {
    genresAnyOf: checkGenres(`${field}.genresAnyOf`, filter.genresAnyOf),
    genresNoneOf: checkGenres(`${field}.genresNoneOf`, filter.genresNoneOf),
    tagsAnyOf: checkIds(`${field}.tagsAnyOf`, filter.tagsAnyOf, MOST_TAGS),
    tagsNoneOf: checkIds(`${field}.tagsNoneOf`, filter.tagsNoneOf, MOST_TAGS),
    yearFrom: requireYear(`${field}.yearFrom`, filter.yearFrom),
    yearTo: requireYear(`${field}.yearTo`, filter.yearTo),
    minRatings,
    excludeIds: checkIds(`${field}.excludeIds`, filter.excludeIds, MOST_EXCLUDED),
    seen,
    nearTagIds,
  };
}

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

/** The definition of every condition; what answers quickly is held to it by tests
 *  (embedding/catalog-snapshot.ts, catalog/sql/movies-page.sql).
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
  if (filter.seen !== Seen.ANY && movie.seen !== (filter.seen === Seen.SEEN)) return false;
  return !filter.excludeIds?.includes(movie.id);
}

function checkIds(
  field: string,
  ids: readonly string[] | null | undefined,
  most: number,
): readonly number[] | null {
  if (!ids) return null;
  if (ids.length > most)
    throw new BadUserInputError(field, `${field} may have ${most} ids at most; got ${ids.length}.`);
  return ids.map((id, index) => parseId(`${field}.${index}`, id));
}

function checkGenres(field: string, genres: readonly string[] | null | undefined): readonly string[] | null {
  if (!genres) return null;
  if (genres.length > MOST_GENRES)
    throw new BadUserInputError(
      field,
      `${field} may have ${MOST_GENRES} genres at most; got ${genres.length}.`,
    );
  if (genres.some((genre) => genre.includes('\0')))
    throw new BadUserInputError(field, `${field} holds characters that are no text.`);
  return genres;
}

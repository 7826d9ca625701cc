/** `MovieFilter` as clients write it, and its checks. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { graphqlEnum } from '../request/graphql-enum';
import { invalid, parseId, requireAtMost, requireYear } from '../request/parameters';
import { type CheckedFilter, EVERYTHING, type Seen } from './movie-filter';

const MOST_GENRES = 50;
const MOST_EXCLUDED = 1_000;
const MOST_TAGS = 50;
const MOST_STEERING_TAGS = 10;

const SeenEnum = graphqlEnum('Seen', 'Whether the user has rated a movie.', {
  UNSEEN: 'Unrated movies only.',
  SEEN: 'Rated movies only.',
  ANY: 'Rated and unrated movies.',
});

@InputType({
  description: 'Conditions on movies; a movie must meet all of them.',
})
export class MovieFilter {
  @Field(() => [String], {
    nullable: true,
    description: 'Movies with at least one of these genres, spelled as in `Movie.genres`.',
  })
  genresAnyOf?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Movies with none of these genres.' })
  genresNoneOf?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description: 'Movies with at least one of these tags; at most 50 tags.',
  })
  tagsAnyOf?: string[] | null;

  @Field(() => [ID], { nullable: true, description: 'Movies with none of these tags; at most 50 tags.' })
  tagsNoneOf?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Released in this year or later. Excludes movies without a known year.',
  })
  yearFrom?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Released in this year or earlier. Excludes movies without a known year.',
  })
  yearTo?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Minimum number of ratings. Lists ranked in memory use counts that are refreshed ' +
      'every few minutes.',
  })
  minRatings?: number | null;

  @Field(() => [ID], { nullable: true, description: 'Excludes these movies, at most 1,000.' })
  excludeIds?: string[] | null;

  @Field(() => SeenEnum, {
    nullable: true,
    description:
      'Whether the user has rated the movie; default `UNSEEN`. Accepted only where the list ' +
      'is for a user.',
  })
  seen?: Seen | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Moves the query point toward these tags instead of excluding movies; at most 10. ' +
      'Accepted by `recommendations`, `recommendationsFor`, `whatIf` and `similarMovies`.',
  })
  nearTagIds?: string[] | null;
}

/** Filter conditions that a field supports besides those on the movie itself. */
export interface FilterAbilities {
  /** The list is for a user. */
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
  if (seen !== null && !abilities.seen)
    throw invalid(`${field}.seen`, 'is not supported here: the list is not for a user.');
  const nearTagIds = checkIds(`${field}.nearTagIds`, filter.nearTagIds, MOST_STEERING_TAGS);
  if (nearTagIds !== null && !abilities.nearTags)
    throw invalid(`${field}.nearTagIds`, 'is not supported here: the list is not ranked from a point.');
  const minRatings = filter.minRatings ?? null;
  if (minRatings !== null && minRatings < 0)
    throw invalid(`${field}.minRatings`, `must be 0 or more; got ${minRatings}.`);
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

function checkIds(
  field: string,
  ids: readonly string[] | null | undefined,
  most: number,
): readonly number[] | null {
  if (!ids) return null;
  return requireAtMost(most, field, ids).map((id, index) => parseId(`${field}.${index}`, id));
}

function checkGenres(
  field: string,
  genres: readonly string[] | null | undefined,
): readonly string[] | null {
  if (!genres) return null;
  if (requireAtMost(MOST_GENRES, field, genres).some((genre) => genre.includes('\0')))
    throw invalid(field, 'contains invalid characters.');
  return genres;
}

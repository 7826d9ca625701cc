/** `MovieFilter` as clients write it, and its checks. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { graphqlEnum } from '../request/graphql-enum';
import { invalid, parseId, requireAtMost, requireYear } from '../request/parameters';
import { type CheckedFilter, EVERYTHING, type Seen } from './movie-filter';

const MOST_GENRES = 50;
const MOST_EXCLUDED = 1_000;
const MOST_TAGS = 50;
const MOST_STEERING_TAGS = 10;

const SeenEnum = graphqlEnum('Seen', 'Whether the person whom a list is for has rated a movie.', {
  UNSEEN: 'What they have not rated: something new.',
  SEEN: 'What they have rated: something to see again.',
  ANY: 'Both.',
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

  @Field(() => SeenEnum, {
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
  if (seen !== null && !abilities.seen)
    throw invalid(`${field}.seen`, 'has no meaning here: the answer is for nobody in particular.');
  const nearTagIds = checkIds(`${field}.nearTagIds`, filter.nearTagIds, MOST_STEERING_TAGS);
  if (nearTagIds !== null && !abilities.nearTags)
    throw invalid(`${field}.nearTagIds`, 'has no meaning here: nothing is measured from a point.');
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

function checkGenres(field: string, genres: readonly string[] | null | undefined): readonly string[] | null {
  if (!genres) return null;
  if (requireAtMost(MOST_GENRES, field, genres).some((genre) => genre.includes('\0')))
    throw invalid(field, 'holds characters that are no text.');
  return genres;
}

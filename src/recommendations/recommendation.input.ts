/** What a list is asked for, and the taste of someone without an account: arguments and their
 *  checks. */
import { Arg, ArgsType, Field, Float, ID, InputType, Int } from 'type-graphql';
import { checkFilter, MovieFilter } from '../catalog/movie-filter.input';
import { MOST_RATINGS, readStarRatings, TasteRatingInput } from '../catalog/taste-rating.input';
import { parseId, requireAtMost, requireK, requireWithin, unknownId } from '../request/parameters';
import type { ListRequest } from '../serving/ranker/ranking';
import { type ListOptions, PLAIN } from '../serving/ranker/reranking';
import type { Taste } from '../serving/ranker/taste';
import type { CatalogSnapshot } from '../serving/states/catalog-snapshot';

const K_DESCRIPTION = 'How many, from 1 to 100; fewer come back only when there are no more.';
const FILTER_DESCRIPTION =
  'Which movies may be in the answer. It applies before the ranking, so the answer is full whenever there are enough.';

/** The argument `k`. */
export function KArg(defaultValue = 10) {
  return Arg('k', () => Int, { defaultValue, description: K_DESCRIPTION });
}

/** The argument `filter`. */
export function FilterArg() {
  return Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION });
}

@InputType({
  description:
    'How a list is put together. Without any of it the answer is the plain list, nearest first. The others choose among the nearest movies only ' +
    '(20 for each place, at least 200), and `distance` stays the true distance, so it need no longer ascend.',
})
export class RecommendationOptions {
  @Field(() => Float, {
    nullable: true,
    description:
      'From 0 to 1: how much the movies of the list should differ from each other (maximal marginal relevance). 0 is the plain list; ' +
      '1 looks at nothing but difference.',
  })
  diversity?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'From -1 to 1: above 0 for little known movies, below 0 for popular ones.',
  })
  novelty?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'From 0 to 1: how much newer movies go before older ones.',
  })
  freshness?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'From 0 to 1: chance, as a temperature. At 1 movies are drawn with the probability that the model gives each to be watched next; ' +
      'towards 0 the draw becomes the plain list.',
  })
  exploration?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Of the exploration: the same seed gives the same list. 1 when left out.',
  })
  seed?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A model to answer instead of the one in service. The first question to a model reads it and takes its time. NOT_FOUND or ' +
      'MODEL_NOT_SERVABLE when it cannot answer; FORBIDDEN for readers and users: it is for analysts.',
  })
  modelId?: string | null;
}

@ArgsType()
export class ListArgs {
  @Field(() => Int, { defaultValue: 10, description: K_DESCRIPTION })
  k: number;

  @Field(() => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION })
  filter?: MovieFilter | null;

  @Field(() => RecommendationOptions, {
    nullable: true,
    description: 'How the list is put together; the plain list, nearest first, when left out.',
  })
  options?: RecommendationOptions | null;
}

/** @throws BadUserInputError naming the field */
export function readListArgs(
  { k, filter, options }: ListArgs,
  catalog: CatalogSnapshot,
): ListRequest & { readonly modelId: number | null } {
  const checked = checkFilter('filter', filter, { seen: true, nearTags: true });
  requireKnown(catalog, 'tag', 'filter.nearTagIds', checked.nearTagIds);
  const modelId = typeof options?.modelId === 'string' ? parseId('options.modelId', options.modelId) : null;
  return { k: requireK(k), filter: checked, options: readOptions(options), modelId };
}

function readOptions(input: RecommendationOptions | null | undefined): ListOptions {
  if (!input) return PLAIN;
  return {
    diversity: requireWithin('options.diversity', input.diversity ?? 0, 0, 1),
    novelty: requireWithin('options.novelty', input.novelty ?? 0, -1, 1),
    freshness: requireWithin('options.freshness', input.freshness ?? 0, 0, 1),
    exploration: requireWithin('options.exploration', input.exploration ?? 0, 0, 1),
    seed: input.seed ?? PLAIN.seed,
  };
}

/** @throws BadUserInputError naming the entry that does not exist */
export function requireKnown(
  catalog: CatalogSnapshot,
  entity: 'movie' | 'tag',
  field: string,
  ids: readonly number[] | null,
): void {
  ids?.forEach((id, i) => {
    if (!catalog.has(entity, id)) throw unknownId(`${field}.${i}`, entity, id);
  });
}

/** @throws BadUserInputError naming the entry that is at fault */
export function readRatings(
  catalog: CatalogSnapshot,
  field: string,
  input: readonly TasteRatingInput[] | null | undefined,
): Taste['ratings'] {
  const ratings = readStarRatings(field, input);
  ratings.forEach(({ movieId }, i) => {
    if (!catalog.has('movie', movieId)) throw unknownId(`${field}.${i}.movieId`, 'movie', movieId);
  });
  return ratings;
}

/** @throws BadUserInputError naming the entry that is at fault */
export function readKnownIds(
  catalog: CatalogSnapshot,
  entity: 'movie' | 'tag',
  field: string,
  input: readonly string[] | null | undefined,
): number[] {
  const ids = requireAtMost(MOST_RATINGS, field, input).map((id, i) => parseId(`${field}.${i}`, id));
  requireKnown(catalog, entity, field, ids);
  return ids;
}

@InputType({
  description:
    'What one likes, without an account. Nothing of it is stored. At least one part should say something: without any, the answer is what is popular.',
})
export class TasteInput {
  @Field(() => [ID], {
    nullable: true,
    description: 'Movies that one likes; each counts as rated with five stars. At most 500.',
  })
  likedMovieIds?: string[] | null;

  @Field(() => [TasteRatingInput], {
    nullable: true,
    description: 'Movies with stars, oldest first. At most 500.',
  })
  ratings?: TasteRatingInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Tags that one likes; each counts as the 5 movies nearest to it, rated with five stars, which may still be recommended. At most 500.',
  })
  likedTagIds?: string[] | null;
}

/** @throws BadUserInputError naming the entry that is at fault */
export function readTaste(input: TasteInput, catalog: CatalogSnapshot): Taste {
  return {
    ratings: readRatings(catalog, 'taste.ratings', input.ratings),
    likedMovieIds: readKnownIds(catalog, 'movie', 'taste.likedMovieIds', input.likedMovieIds),
    likedTagIds: readKnownIds(catalog, 'tag', 'taste.likedTagIds', input.likedTagIds),
  };
}

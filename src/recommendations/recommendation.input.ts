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

const K_DESCRIPTION = 'Number of items, 1 to 100; fewer are returned only if no more exist.';
const FILTER_DESCRIPTION =
  'Conditions on the movies, applied before ranking, so the list is full whenever ' +
  'enough movies match.';

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
    'How a list is composed. By default movies are ranked nearest first. The options ' +
    're-rank the nearest movies (20 per place, at least 200); `distance` stays the true ' +
    'distance and need not ascend.',
})
export class RecommendationOptions {
  @Field(() => Float, {
    nullable: true,
    description:
      'Weight of diversity within the list, 0 to 1 (maximal marginal relevance); 0 ranks by ' +
      'distance only.',
  })
  diversity?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Weight of novelty, -1 to 1: above 0 favours little known movies, below 0 popular ones.',
  })
  novelty?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Weight of recent release years, 0 to 1.',
  })
  freshness?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      "Temperature of random sampling, 0 to 1. At 1 movies are drawn with the model's " +
      'probability of being watched next; at 0 the list is not random.',
  })
  exploration?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Random seed of `exploration`; the same seed gives the same list. Default 1.',
  })
  seed?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'Model to use instead of the one in service; the first request to a model is slow, as ' +
      'it loads it. For analysts and above. Fails with NOT_FOUND, MODEL_NOT_SERVABLE or ' +
      'FORBIDDEN.',
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
    description: 'How the list is composed; default: nearest first.',
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
    'A taste without an account; nothing is stored. If all parts are empty, the answer is ' +
    'by popularity.',
})
export class TasteInput {
  @Field(() => [ID], {
    nullable: true,
    description: 'Liked movies, at most 500; each counts as a rating of five stars.',
  })
  likedMovieIds?: string[] | null;

  @Field(() => [TasteRatingInput], {
    nullable: true,
    description: 'Rated movies, oldest first, at most 500.',
  })
  ratings?: TasteRatingInput[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      'Liked tags, at most 500; each counts as five-star ratings of its 5 nearest movies, ' +
      'which may still be recommended.',
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

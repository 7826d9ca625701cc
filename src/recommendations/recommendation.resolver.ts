/** The queries that clients came for: movies near a person. */
import { Arg, Authorized, Ctx, Extensions, ID, Int, Query, Resolver } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { checkFilter, MovieFilter } from '../catalog/movie-filter.input';
import { readStarRatings, TasteRatingInput } from '../catalog/taste-rating.input';
import { BadUserInputError } from '../errors';
import { checkAccess, own } from '../request/access-rules';
import type { RequestContext } from '../request/context';
import { parseId, requireK } from '../request/parameters';
import type { Recommender } from '../serving/recommender';
import { checkOptions, RecommendationOptions } from './options.input';
import { Recommendation, toRecommendations } from './recommendation.type';
import { readTaste, TasteInput } from './taste.input';
import { toWhatIf, WhatIf } from './what-if.type';

export const K_DESCRIPTION = 'How many, from 1 to 100; fewer come back only when there are no more.';
export const FILTER_DESCRIPTION =
  'Which movies may be in the answer. It applies before the ranking, so the answer is full whenever there are enough.';

const OPTIONS_DESCRIPTION = 'How the list is put together; the plain list, nearest first, when left out.';
/** What filters of a list for somebody may ask. */
const FOR_SOMEBODY = { seen: true, nearTags: true } as const;
const MOST_REMOVED = 500;
/** A scan of the whole catalogue. */
const LIST_COST = 20;

@Resolver(() => Recommendation)
export class RecommendationResolver {
  constructor(private readonly recommender: Recommender) {}

  @Authorized('READER', own('userId'))
  @Query(() => [Recommendation], {
    description:
      "The movies nearest to the user's point that the user has not rated, nearest first, unless `filter` or `options` say otherwise. " +
      'A rating or its withdrawal changes the very next answer. NOT_FOUND for an unknown user.',
    complexity: LIST_COST,
  })
  recommendations(
    @Arg('userId', () => ID, { description: 'Whom the movies are for.' }) userId: string,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter:
      | MovieFilter
      | null
      | undefined,
    @Arg('options', () => RecommendationOptions, { nullable: true, description: OPTIONS_DESCRIPTION })
    options: RecommendationOptions | null | undefined,
    @Ctx() context: RequestContext,
  ): Recommendation[] | Promise<Recommendation[]> {
    const ranked = this.recommender.recommend({
      userId: parseId('userId', userId),
      ...this.readWish(context, k, filter, options),
    });
    return ranked instanceof Promise ? ranked.then(toRecommendations) : toRecommendations(ranked);
  }

  @Authorized('READER', 'USER')
  @Query(() => [Recommendation], {
    description:
      'The same for someone without an account: the user tower turns the taste into a point, and nothing is stored.',
    complexity: LIST_COST,
  })
  recommendationsFor(
    @Arg('taste', () => TasteInput, { description: 'What is liked; what it names is not recommended again.' })
    taste: TasteInput,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter:
      | MovieFilter
      | null
      | undefined,
    @Arg('options', () => RecommendationOptions, { nullable: true, description: OPTIONS_DESCRIPTION })
    options: RecommendationOptions | null | undefined,
    @Ctx() context: RequestContext,
  ): Recommendation[] | Promise<Recommendation[]> {
    const { modelId, ...wish } = this.readWish(context, k, filter, options);
    const ranked = this.recommender.recommendFor(readTaste(taste, this.recommender.known()), wish, modelId);
    return ranked instanceof Promise ? ranked.then(toRecommendations) : toRecommendations(ranked);
  }

  @Authorized('READER', own('userId'))
  @Query(() => WhatIf, {
    description:
      'How the list of `recommendations` would change if the user rated these movies now and took those ratings back. Nothing is written. ' +
      'NOT_FOUND for an unknown user; BAD_USER_INPUT for an unknown movie.',
    complexity: 20,
  })
  async whatIf(
    @Arg('userId', () => ID, { description: 'Whom the list is for.' }) userId: string,
    @Arg('add', () => [TasteRatingInput], {
      defaultValue: [],
      description:
        'Ratings as if made now, in this order; one of a movie that is rated already replaces that. At most 500.',
    })
    add: TasteRatingInput[],
    @Arg('remove', () => [ID], {
      defaultValue: [],
      description: 'Movies whose ratings are taken back; at most 500.',
    })
    remove: string[],
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION }) filter:
      | MovieFilter
      | null
      | undefined,
    @Arg('options', () => RecommendationOptions, { nullable: true, description: OPTIONS_DESCRIPTION })
    options: RecommendationOptions | null | undefined,
    @Ctx() context: RequestContext,
  ): Promise<WhatIf> {
    const request = { userId: parseId('userId', userId), ...this.readWish(context, k, filter, options) };
    if (remove.length > MOST_REMOVED) {
      throw new BadUserInputError(
        'remove',
        `remove may have ${MOST_REMOVED} entries at most; got ${remove.length}.`,
      );
    }
    const imagined = {
      add: readStarRatings('add', add),
      remove: remove.map((id, i) => parseId(`remove.${i}`, id)),
    };
    const { movie } = this.recommender.known();
    imagined.add.forEach(({ movieId }, i) => void requireKnown(`add.${i}.movieId`, 'movie', movieId, movie));
    imagined.remove.forEach((movieId, i) => void requireKnown(`remove.${i}`, 'movie', movieId, movie));
    return toWhatIf(await this.recommender.whatIf(request, imagined));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [Movie], {
    description: 'The movies with the most ratings, most first. Counted anew every few minutes.',
  })
  popularMovies(
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION })
    filter?: MovieFilter | null,
  ): Movie[] {
    const { state, rows } = this.recommender.popular(requireK(k), checkFilter('filter', filter));
    return rows.map((row) => state.catalog.movies[row]);
  }

  /** @throws BadUserInputError naming the field; ForbiddenError for another model than the one in
   *    service */
  private readWish(
    context: RequestContext,
    k: number,
    filter: MovieFilter | null | undefined,
    options: RecommendationOptions | null | undefined,
  ) {
    const checked = checkFilter('filter', filter, FOR_SOMEBODY);
    const { tag } = this.recommender.known();
    checked.nearTagIds?.forEach((tagId, i) => void requireKnown(`filter.nearTagIds.${i}`, 'tag', tagId, tag));
    const wish = checkOptions(options);
    if (wish.modelId !== null) checkAccess(context, {}, ['ANALYST']);
    return { k: requireK(k), filter: checked, ...wish };
  }
}

/** @throws BadUserInputError naming the field */
export function requireKnown(
  field: string,
  entity: 'movie' | 'tag',
  id: number,
  known: (id: number) => boolean,
): void {
  if (!known(id)) throw new BadUserInputError(field, `${field}: there is no ${entity} with id ${id}.`);
}

/** The queries that clients came for: movies near a person. */
import { Arg, Args, ArgsType, Authorized, Ctx, Extensions, Field, ID, Query, Resolver } from 'type-graphql';
import type { MovieRow } from '../catalog/loaders';
import { Movie } from '../catalog/movie.entity';
import { checkFilter, type MovieFilter } from '../catalog/movie-filter.input';
import { TasteRatingInput } from '../catalog/taste-rating.input';
import { checkAccess, own } from '../request/access-rules';
import type { RequestContext } from '../request/context';
import { parseId, requireK } from '../request/parameters';
import type { Recommender } from '../serving/recommender';
import {
  FilterArg,
  KArg,
  ListArgs,
  readKnownIds,
  readListArgs,
  readRatings,
  readTaste,
  TasteInput,
} from './recommendation.input';
import { Recommendation, toRecommendations, toWhatIf, WhatIf } from './recommendation.type';

/** A scan of the whole catalogue. */
const LIST_COST = 20;

@ArgsType()
class WhatIfArgs extends ListArgs {
  @Field(() => ID, { description: 'Whom the list is for.' })
  userId: string;

  @Field(() => [TasteRatingInput], {
    defaultValue: [],
    description:
      'Ratings as if made now, in this order; one of a movie that is rated already replaces that. At most 500.',
  })
  add: TasteRatingInput[];

  @Field(() => [ID], {
    defaultValue: [],
    description: 'Movies whose ratings are taken back; at most 500.',
  })
  remove: string[];
}

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
  async recommendations(
    @Arg('userId', () => ID, { description: 'Whom the movies are for.' }) userId: string,
    @Args(() => ListArgs) list: ListArgs,
    @Ctx() context: RequestContext,
  ): Promise<Recommendation[]> {
    const request = { userId: parseId('userId', userId), ...this.listRequest(list, context) };
    return toRecommendations(await this.recommender.recommend(request));
  }

  @Authorized('READER', 'USER')
  @Query(() => [Recommendation], {
    description:
      'The same for someone without an account: the user tower turns the taste into a point, and nothing is stored.',
    complexity: LIST_COST,
  })
  async recommendationsFor(
    @Arg('taste', () => TasteInput, { description: 'What is liked; what it names is not recommended again.' })
    taste: TasteInput,
    @Args(() => ListArgs) list: ListArgs,
    @Ctx() context: RequestContext,
  ): Promise<Recommendation[]> {
    const { modelId, ...request } = this.listRequest(list, context);
    const checked = readTaste(taste, this.recommender.live.catalog);
    return toRecommendations(await this.recommender.recommendFor(checked, request, modelId));
  }

  @Authorized('READER', own('userId'))
  @Query(() => WhatIf, {
    description:
      'How the list of `recommendations` would change if the user rated these movies now and took those ratings back. Nothing is written. ' +
      'NOT_FOUND for an unknown user; BAD_USER_INPUT for an unknown movie.',
    complexity: 20,
  })
  async whatIf(
    @Args(() => WhatIfArgs) { userId, add, remove, ...list }: WhatIfArgs,
    @Ctx() context: RequestContext,
  ): Promise<WhatIf> {
    const request = { userId: parseId('userId', userId), ...this.listRequest(list, context) };
    const { catalog } = this.recommender.live;
    const { before, after } = await this.recommender.whatIf(request, {
      add: readRatings(catalog, 'add', add),
      remove: readKnownIds(catalog, 'movie', 'remove', remove),
    });
    return toWhatIf(before, after);
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [Movie], {
    description: 'The movies with the most ratings, most first. Counted anew every few minutes.',
  })
  popularMovies(@KArg() k: number, @FilterArg() filter?: MovieFilter | null): MovieRow[] {
    const { catalog } = this.recommender.live;
    const excluded = catalog.excludedBy(checkFilter('filter', filter));
    return catalog.mostPopular(requireK(k), excluded).map((row) => catalog.movies[row]);
  }

  /** @throws BadUserInputError naming the field; ForbiddenError for another model than the one in
   *    service */
  private listRequest(list: ListArgs, context: RequestContext) {
    const request = readListArgs(list, this.recommender.live.catalog);
    if (request.modelId !== null) checkAccess(context, {}, ['ANALYST']);
    return request;
  }
}

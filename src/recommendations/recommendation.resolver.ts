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
  @Field(() => ID, { description: 'User whose list is computed.' })
  userId: string;

  @Field(() => [TasteRatingInput], {
    defaultValue: [],
    description:
      'Ratings to add, in this order, at most 500; each replaces an existing rating of the movie.',
  })
  add: TasteRatingInput[];

  @Field(() => [ID], {
    defaultValue: [],
    description: 'Movies whose ratings to remove, at most 500.',
  })
  remove: string[];
}

@Resolver(() => Recommendation)
export class RecommendationResolver {
  constructor(private readonly recommender: Recommender) {}

  @Authorized('READER', own('userId'))
  @Query(() => [Recommendation], {
    description:
      "Unrated movies nearest to the user's point, nearest first unless `filter` or " +
      '`options` change the order. A new or removed rating changes the next answer. Fails ' +
      'with NOT_FOUND for an unknown user.',
    complexity: LIST_COST,
  })
  async recommendations(
    @Arg('userId', () => ID, { description: 'User to recommend to.' }) userId: string,
    @Args(() => ListArgs) list: ListArgs,
    @Ctx() context: RequestContext,
  ): Promise<Recommendation[]> {
    const request = { userId: parseId('userId', userId), ...this.listRequest(list, context) };
    return toRecommendations(await this.recommender.recommend(request));
  }

  @Authorized('READER', 'USER')
  @Query(() => [Recommendation], {
    description:
      'Recommendations for a taste without an account: the user tower computes a point from ' +
      'it, and nothing is stored.',
    complexity: LIST_COST,
  })
  async recommendationsFor(
    @Arg('taste', () => TasteInput, { description: 'The taste; movies named in it are not recommended.' })
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
      'How `recommendations` would change if the user added and removed these ratings. ' +
      'Nothing is stored. Fails with NOT_FOUND for an unknown user, with BAD_USER_INPUT for ' +
      'an unknown movie.',
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
    description: 'Movies with the most ratings, most rated first. Counts are refreshed every few minutes.',
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

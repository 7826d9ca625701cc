/** Nearest neighbours of other kinds: tags of a user, movies of a movie, users of a user. */
import { Arg, Authorized, Extensions, ID, Int, Query, Resolver } from 'type-graphql';
import { checkFilter, MovieFilter } from '../catalog/movie-filter.input';
import { own } from '../request/access-rules';
import { parseId, requireK } from '../request/parameters';
import type { Recommender } from '../serving/recommender';
import { SimilarMovie, SimilarUser, TagRecommendation } from './neighbour.type';
import { FILTER_DESCRIPTION, K_DESCRIPTION, requireKnown } from './recommendation.resolver';

@Resolver()
export class NeighbourResolver {
  constructor(private readonly recommender: Recommender) {}

  @Authorized('READER', own('userId'))
  @Query(() => [TagRecommendation], {
    description:
      'The tags nearest to where this user would tag, for one movie or in general; `source` says which model answered. Empty when no movie is given and nothing is known of the user. ' +
      'NOT_FOUND for an unknown user or movie, MODEL_NOT_READY before the first model.',
  })
  async tagRecommendations(
    @Arg('userId', () => ID, { description: 'Who would tag.' }) userId: string,
    @Arg('movieId', () => ID, {
      nullable: true,
      description: 'What would be tagged; left out: what the user tags in general.',
    })
    movieId: string | null | undefined,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
  ): Promise<TagRecommendation[]> {
    const { source, tags } = await this.recommender.tagRecommendations({
      userId: parseId('userId', userId),
      movieId: typeof movieId === 'string' ? parseId('movieId', movieId) : null,
      k: requireK(k),
    });
    return tags.map(({ tag, distance }, i) => ({ rank: i + 1, tag, distance, source }));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [SimilarMovie], {
    description:
      'The movies nearest to a movie, nearest first. NOT_FOUND for an unknown movie, MODEL_NOT_READY before the first model.',
  })
  similarMovies(
    @Arg('movieId', () => ID, { description: 'The movie that others are measured from.' }) movieId: string,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
    @Arg('filter', () => MovieFilter, { nullable: true, description: FILTER_DESCRIPTION })
    filter?: MovieFilter | null,
  ): SimilarMovie[] {
    const checked = checkFilter('filter', filter, { nearTags: true });
    const { tag } = this.recommender.known();
    checked.nearTagIds?.forEach((tagId, i) => void requireKnown(`filter.nearTagIds.${i}`, 'tag', tagId, tag));
    const { state, rows, distances } = this.recommender.similarMovies({
      movieId: parseId('movieId', movieId),
      k: requireK(k),
      filter: checked,
    });
    return rows.map((row, i) => ({ rank: i + 1, movie: state.catalog.movies[row], distance: distances[i] }));
  }

  @Authorized('READER')
  @Query(() => [SimilarUser], {
    description:
      "The users whose points are nearest to this user's, nearest first; empty for a user of whom nothing is known. " +
      'The first question after a new model reads all histories and takes its time. NOT_FOUND for an unknown user, MODEL_NOT_READY before the first model.',
  })
  async similarUsers(
    @Arg('userId', () => ID, { description: 'The user that others are measured from.' }) userId: string,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
  ): Promise<SimilarUser[]> {
    const users = await this.recommender.similarUsers({ userId: parseId('userId', userId), k: requireK(k) });
    return users.map(({ user, distance }, i) => ({ rank: i + 1, user, distance }));
  }
}

/** Nearest neighbours of every kind: tags of a user, movies of a movie, users of a user, and what
 *  lies near a movie or a tag that a page already shows. */
import { Arg, Authorized, Extensions, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { checkFilter, type MovieFilter } from '../catalog/movie-filter.input';
import { Tag } from '../catalog/tag.entity';
import { own } from '../request/access-rules';
import { parseId, requireK } from '../request/parameters';
import { moviesNearTag, similarMovies, tagsNearMovie, tagsNearTag } from '../serving/ranker/neighbours';
import type { Recommender } from '../serving/recommender';
import { NearMovie, NearTag, ranked, SimilarMovie, SimilarUser, TagRecommendation } from './neighbour.type';
import { FilterArg, KArg, requireKnown } from './recommendation.input';

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
    @KArg() k: number,
  ): Promise<TagRecommendation[]> {
    const { source, tags } = await this.recommender.tagRecommendations({
      userId: parseId('userId', userId),
      movieId: typeof movieId === 'string' ? parseId('movieId', movieId) : null,
      k: requireK(k),
    });
    return ranked(tags.map((near) => ({ ...near, source })));
  }

  @Authorized('READER', 'USER')
  @Extensions({ cacheControl: { maxAgeSeconds: 60 } })
  @Query(() => [SimilarMovie], {
    description:
      'The movies nearest to a movie, nearest first. NOT_FOUND for an unknown movie, MODEL_NOT_READY before the first model.',
  })
  similarMovies(
    @Arg('movieId', () => ID, { description: 'The movie that others are measured from.' }) movieId: string,
    @KArg() k: number,
    @FilterArg() filter?: MovieFilter | null,
  ): SimilarMovie[] {
    const checked = checkFilter('filter', filter, { nearTags: true });
    const { live } = this.recommender;
    requireKnown(live.catalog, 'tag', 'filter.nearTagIds', checked.nearTagIds);
    return ranked(similarMovies(live, parseId('movieId', movieId), requireK(k), checked));
  }

  @Authorized('READER')
  @Query(() => [SimilarUser], {
    description:
      "The users whose points are nearest to this user's, nearest first; empty for a user of whom nothing is known. " +
      'The first question after a new model reads all histories and takes its time. NOT_FOUND for an unknown user, MODEL_NOT_READY before the first model.',
  })
  async similarUsers(
    @Arg('userId', () => ID, { description: 'The user that others are measured from.' }) userId: string,
    @KArg() k: number,
  ): Promise<SimilarUser[]> {
    return ranked(await this.recommender.similarUsers(parseId('userId', userId), requireK(k)));
  }
}

const NEW_TAG =
  'A tag that came after training lies in the middle of the movies that carry it; without any it lies nowhere, and the answer is empty. ' +
  'MODEL_NOT_READY before the first model.';

@Resolver(() => Movie)
export class NearMovieResolver {
  constructor(private readonly recommender: Recommender) {}

  @FieldResolver(() => [NearTag], {
    description:
      'The tags nearest to the movie, nearest first, whether anyone put them on it or not. MODEL_NOT_READY before the first model.',
    complexity: 5,
  })
  nearTags(@Root() movie: Pick<Movie, 'id'>, @KArg() k: number): NearTag[] {
    return ranked(tagsNearMovie(this.recommender.live, movie.id, requireK(k)));
  }
}

@Resolver(() => Tag)
export class NearTagResolver {
  constructor(private readonly recommender: Recommender) {}

  @FieldResolver(() => [NearMovie], {
    description: `The movies nearest to the tag, nearest first. ${NEW_TAG}`,
    complexity: 5,
  })
  nearMovies(@Root() tag: Pick<Tag, 'id'>, @KArg() k: number): NearMovie[] {
    return ranked(moviesNearTag(this.recommender.live, tag.id, requireK(k)));
  }

  @FieldResolver(() => [NearTag], {
    description: `The tags nearest to the tag, nearest first. ${NEW_TAG}`,
    complexity: 5,
  })
  nearTags(@Root() tag: Pick<Tag, 'id'>, @KArg() k: number): NearTag[] {
    return ranked(tagsNearTag(this.recommender.live, tag.id, requireK(k)));
  }
}

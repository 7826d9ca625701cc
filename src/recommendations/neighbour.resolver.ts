/** Nearest neighbours of every kind: tags of a user, movies of a movie, users of a user, and the
 *  neighbours of a movie or a tag. */
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
      'Tags this user would likely use, for one movie or in general, nearest first. Empty ' +
      'without a movie if nothing is known of the user. Fails with NOT_FOUND or ' +
      'MODEL_NOT_READY.',
  })
  async tagRecommendations(
    @Arg('userId', () => ID, { description: 'User who would tag.' }) userId: string,
    @Arg('movieId', () => ID, {
      nullable: true,
      description: 'Movie to tag; if omitted, tags the user would use in general.',
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
      'Movies nearest to a movie, nearest first. Fails with NOT_FOUND for an unknown movie, ' +
      'with MODEL_NOT_READY before the first model.',
  })
  similarMovies(
    @Arg('movieId', () => ID, { description: 'Movie to measure distances from.' }) movieId: string,
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
      'Users nearest to a user, nearest first; empty if nothing is known of the user. The ' +
      'first request after a new model is slow, as it reads all histories. Fails with ' +
      'NOT_FOUND or MODEL_NOT_READY.',
  })
  async similarUsers(
    @Arg('userId', () => ID, { description: 'User to measure distances from.' }) userId: string,
    @KArg() k: number,
  ): Promise<SimilarUser[]> {
    return ranked(await this.recommender.similarUsers(parseId('userId', userId), requireK(k)));
  }
}

const NEW_TAG =
  'A tag added after training is placed at the mean of its movies; without any, the list is ' +
  'empty. Fails with MODEL_NOT_READY before the first model.';

@Resolver(() => Movie)
export class NearMovieResolver {
  constructor(private readonly recommender: Recommender) {}

  @FieldResolver(() => [NearTag], {
    description:
      'Tags nearest to the movie in the space, nearest first, whether or not anyone gave ' +
      'them to it. Fails with MODEL_NOT_READY before the first model.',
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

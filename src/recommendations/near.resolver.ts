/** `Movie.nearTags`, `Tag.nearMovies`, `Tag.nearTags`: the neighbourhood of what a page already
 *  shows. */
import { Arg, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';
import { requireK } from '../request/parameters';
import type { Surroundings } from '../serving/ranker/near';
import { NearMovie, NearTag, ranked } from './near.type';
import { K_DESCRIPTION } from './recommendation.resolver';

const NEW_TAG =
  'A tag that came after training lies in the middle of the movies that carry it; without any it lies nowhere, and the answer is empty. ' +
  'MODEL_NOT_READY before the first model.';

@Resolver(() => Movie)
export class NearMovieResolver {
  constructor(private readonly near: Surroundings) {}

  @FieldResolver(() => [NearTag], {
    description:
      'The tags nearest to the movie, nearest first, whether anyone put them on it or not. MODEL_NOT_READY before the first model.',
    complexity: 5,
  })
  nearTags(
    @Root() movie: Pick<Movie, 'id'>,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
  ): NearTag[] {
    return ranked(this.near.tagsNearMovie(movie.id, requireK(k)));
  }
}

@Resolver(() => Tag)
export class NearTagResolver {
  constructor(private readonly near: Surroundings) {}

  @FieldResolver(() => [NearMovie], {
    description: `The movies nearest to the tag, nearest first. ${NEW_TAG}`,
    complexity: 5,
  })
  nearMovies(
    @Root() tag: Pick<Tag, 'id'>,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
  ): NearMovie[] {
    return ranked(this.near.moviesNearTag(tag.id, requireK(k)));
  }

  @FieldResolver(() => [NearTag], {
    description: `The tags nearest to the tag, nearest first. ${NEW_TAG}`,
    complexity: 5,
  })
  nearTags(
    @Root() tag: Pick<Tag, 'id'>,
    @Arg('k', () => Int, { defaultValue: 10, description: K_DESCRIPTION }) k: number,
  ): NearTag[] {
    return ranked(this.near.tagsNearTag(tag.id, requireK(k)));
  }
}

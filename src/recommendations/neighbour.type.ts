/** Answers of the nearest-neighbour queries: tags, movies, users. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { MovieRow, TagRow, UserRow } from '../catalog/loaders';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';
import { User } from '../catalog/user.entity';
import { graphqlEnum } from '../request/graphql-enum';
import type { RankedTags } from '../serving/recommender';

const TagRecommendationSource = graphqlEnum('TagRecommendationSource', 'Model that recommended a tag.', {
  TAG_MODEL:
    'The tag model in service (`activeModel(task: TAGS)`), using the current tags of the ' +
    'user and the movie.',
  MOVIE_SPACE:
    'The movie model in service: there is no tag model, or neither the user nor the movie ' +
    'has a known tag.',
});

@ObjectType({ description: 'A recommended tag and its distance.' })
export class TagRecommendation {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => Tag, { description: 'The tag; never one the user has already given the movie.' })
  tag: TagRow;

  @Field(() => Float, {
    description:
      "Euclidean distance between the tag's point and the query point of this user and " +
      'movie, ascending within a list. Comparable within one `source` and model only.',
  })
  distance: number;

  @Field(() => TagRecommendationSource, {
    description: 'Model that the distance comes from; the same within a list.',
  })
  source: RankedTags['source'];
}

@ObjectType({ description: 'A movie and its distance from another movie.' })
export class SimilarMovie {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => Movie, { description: 'The similar movie; never the one in the request.' })
  movie: MovieRow;

  @Field(() => Float, {
    description:
      'Euclidean distance between the two movies, ascending within a list unless ' +
      '`filter.nearTagIds` is given.',
  })
  distance: number;
}

@ObjectType({ description: 'A user and their distance from another user.' })
export class SimilarUser {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => User, { description: 'The similar user; never the one in the request.' })
  user: UserRow;

  @Field(() => Float, {
    description: "Euclidean distance between the two users' points, ascending within a list.",
  })
  distance: number;
}

@ObjectType({ description: 'A tag near another point in the space.' })
export class NearTag {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => Tag, { description: 'The tag; never the one in the request.' })
  tag: TagRow;

  @Field(() => Float, {
    description: 'Euclidean distance between the two points, ascending within a list.',
  })
  distance: number;
}

@ObjectType({ description: 'A movie near a tag in the space, whether or not anyone gave it the tag.' })
export class NearMovie {
  @Field(() => Int, { description: 'Rank in the list, from 1.' })
  rank: number;

  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;

  @Field(() => Float, {
    description: 'Euclidean distance between the two points, ascending within a list.',
  })
  distance: number;
}

/** @returns the same with ranks from 1 */
export function ranked<T extends object>(near: readonly T[]): (T & { rank: number })[] {
  return near.map((it, i) => ({ rank: i + 1, ...it }));
}

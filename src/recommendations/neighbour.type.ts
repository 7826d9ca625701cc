/** Answers of the nearest-neighbour queries: tags, movies, users. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { MovieRow, TagRow, UserRow } from '../catalog/loaders';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';
import { User } from '../catalog/user.entity';
import { graphqlEnum } from '../request/graphql-enum';
import type { RankedTags } from '../serving/recommender';

const TagRecommendationSource = graphqlEnum(
  'TagRecommendationSource',
  'Which model a recommended tag comes from.',
  {
    TAG_MODEL:
      'The tag model in service (`activeModel(task: TAGS)`), with all tags of the user and of the movie as they are now.',
    MOVIE_SPACE:
      'The model in service for movies: no tag model is, or neither the user nor the movie has a tag that it could go by.',
  },
);

@ObjectType({ description: 'A tag, and how near it lies.' })
export class TagRecommendation {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Tag, { description: 'The tag; never one that the user has put on the movie already.' })
  tag: TagRow;

  @Field(() => Float, {
    description:
      "Euclidean distance between the tag's point and where this user's tags for this movie would lie; ascending within an answer. " +
      'Comparable within one `source` and model only: a tag model has a dimension for each tag besides.',
  })
  distance: number;

  @Field(() => TagRecommendationSource, {
    description: 'Which model measured the distance; the same within an answer.',
  })
  source: RankedTags['source'];
}

@ObjectType({ description: 'A movie, and how near it lies to another one.' })
export class SimilarMovie {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Movie, { description: 'The similar movie; never the one that was asked about.' })
  movie: MovieRow;

  @Field(() => Float, {
    description:
      'Euclidean distance between the two movies; ascending within an answer, unless `filter.nearTagIds` steers it.',
  })
  distance: number;
}

@ObjectType({ description: 'A user, and how near their point lies to that of another one.' })
export class SimilarUser {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => User, { description: 'The similar user; never the one that was asked about.' })
  user: UserRow;

  @Field(() => Float, {
    description: 'Euclidean distance between the points of the two users; ascending within an answer.',
  })
  distance: number;
}

@ObjectType({ description: 'A tag near something else in the space.' })
export class NearTag {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Tag, { description: 'The tag; never the one that was asked about.' })
  tag: TagRow;

  @Field(() => Float, {
    description: 'Euclidean distance between the two points; ascending within an answer.',
  })
  distance: number;
}

@ObjectType({ description: 'A movie near a tag in the space, whether anyone put the tag on it or not.' })
export class NearMovie {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Movie, { description: 'The movie.' })
  movie: MovieRow;

  @Field(() => Float, {
    description: 'Euclidean distance between the two points; ascending within an answer.',
  })
  distance: number;
}

/** @returns the same with ranks from 1 */
export function ranked<T extends object>(near: readonly T[]): (T & { rank: number })[] {
  return near.map((it, i) => ({ rank: i + 1, ...it }));
}

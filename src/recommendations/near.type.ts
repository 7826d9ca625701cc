/** What lies near a movie or a tag. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';

@ObjectType({ description: 'A tag near something else in the space.' })
export class NearTag {
  @Field(() => Int, { description: 'Place in the answer, from 1.' })
  rank: number;

  @Field(() => Tag, { description: 'The tag; never the one that was asked about.' })
  tag: Tag;

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
  movie: Movie;

  @Field(() => Float, {
    description: 'Euclidean distance between the two points; ascending within an answer.',
  })
  distance: number;
}

/** @returns the same with ranks from 1 */
export function ranked<T extends object>(near: readonly T[]): (T & { rank: number })[] {
  return near.map((it, i) => ({ rank: i + 1, ...it }));
}

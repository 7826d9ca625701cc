/** The reason of a recommendation, in distances. */
import { Field, Float, ObjectType } from 'type-graphql';
import { Movie } from '../catalog/movie.entity';
import { Tag } from '../catalog/tag.entity';

@ObjectType({ description: 'A movie that the user rated, near the recommended one.' })
export class RatedNeighbour {
  @Field(() => Movie, { description: 'The rated movie.' })
  movie: Movie;

  @Field(() => Float, { description: 'The stars that the user gave it.' })
  stars: number;

  @Field(() => Float, { description: 'Euclidean distance between the rated movie and the recommended one.' })
  distance: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'By how much farther from the user the recommended movie would lie if this rating had no part in the point of the user, in units of distance; ' +
      'negative when the rating pushes it away. Null where the rating has no part (too old for the model, or the movie is newer than it), or the model cannot tell.',
  })
  contribution: number | null;
}

@ObjectType({ description: 'A tag near the recommended movie.' })
export class TagNeighbour {
  @Field(() => Tag, { description: 'The tag.' })
  tag: Tag;

  @Field(() => Float, {
    description:
      "Euclidean distance between the tag's point and where this user's tags for this movie would lie.",
  })
  distance: number;
}

@ObjectType({ description: 'Why a movie lies where it lies.' })
export class Explanation {
  @Field(() => [RatedNeighbour], {
    description: 'Up to 3 movies that the user rated, nearest to the recommended one first.',
  })
  nearestRated: readonly RatedNeighbour[];

  @Field(() => [TagNeighbour], { description: 'Up to 5 tags that this user would put on it, nearest first.' })
  nearTags: readonly TagNeighbour[];

  @Field(() => Float, {
    description:
      'How many per cent of all movies of the catalog, rated ones included, lie nearer to the user: 0 is the nearest of all. ' +
      'Where `source` is `DEMOGRAPHIC` or `POPULAR`: how many per cent have more ratings.',
  })
  distancePercentile: number;
}

/** What the system believes of a user. */
import { Field, Float, ObjectType } from 'type-graphql';

@ObjectType({ description: 'A genre, and how much it marks the movies near a user.' })
export class GenreAffinity {
  @Field(() => String, { description: 'The genre.' })
  genre: string;

  @Field(() => Float, { description: 'Its share of the 100 movies nearest to the user, 0 to 1.' })
  share: number;

  @Field(() => Float, { description: 'Its share of all movies, 0 to 1.' })
  catalogShare: number;
}

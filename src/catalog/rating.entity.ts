/** A star rating: the one fact that everything else is learned from. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('rating')
@ObjectType({ description: 'A star rating that a user gave a movie.' })
export class Rating {
  @PrimaryColumn('integer', { name: 'user_id' })
  userId: number;

  @PrimaryColumn('integer', { name: 'movie_id' })
  movieId: number;

  @Column('real')
  @Field(() => Float, { description: 'Stars, from 0.5 to 5 in halves.' })
  value: number;

  @Column('timestamptz', { name: 'rated_at' })
  @Field(() => GraphQLDateTime, { description: 'Time of the rating.' })
  ratedAt: Date;

  @Column('integer', { default: 0 })
  ordinal: number;
}

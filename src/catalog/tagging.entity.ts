/** One user's tag on one movie. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('tagging')
@ObjectType({ description: "One user's tag on one movie." })
export class Tagging {
  @PrimaryColumn('integer', { name: 'user_id' })
  userId: number;

  @PrimaryColumn('integer', { name: 'movie_id' })
  movieId: number;

  @PrimaryColumn('integer', { name: 'tag_id' })
  tagId: number;

  @Column('timestamptz', { name: 'tagged_at' })
  @Field(() => GraphQLDateTime, { description: 'Time of the tagging.' })
  taggedAt: Date;

  @Column('integer', { default: 0 })
  ordinal: number;
}

/** A film of the catalog. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('movie')
@ObjectType({ description: 'A film of the catalog.' })
export class Movie {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'The MovieLens movie id.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'The title as the release gives it, such as `Matrix, The (1999)`.' })
  title: string;

  @Column('smallint', { nullable: true })
  @Field(() => Int, { nullable: true, description: 'Year of release, taken from the title.' })
  year: number | null;

  @Column('text', { array: true, default: '{}' })
  @Field(() => [String], { description: 'Genres, such as `Comedy`; empty where the release lists none.' })
  genres: string[];

  @Column('text', { name: 'imdb_id', nullable: true })
  @Field(() => String, { nullable: true, description: 'Id at imdb.com, digits only, such as `0114709`.' })
  imdbId: string | null;

  @Column('integer', { name: 'tmdb_id', nullable: true })
  @Field(() => Int, { nullable: true, description: 'Id at themoviedb.org.' })
  tmdbId: number | null;

  @Column('timestamptz', { name: 'changed_at', nullable: true, select: false })
  changedAt: Date | null;
}

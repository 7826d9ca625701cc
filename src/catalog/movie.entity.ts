/** A film of the catalog. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('movie')
@ObjectType({ description: 'A movie of the catalog.' })
export class Movie {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'MovieLens movie id.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'Title as in the MovieLens release, such as `Matrix, The (1999)`.' })
  title: string;

  @Column('smallint', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description: 'Year of release, read from the title; null if unknown.',
  })
  year: number | null;

  @Column('text', { array: true, default: '{}' })
  @Field(() => [String], { description: 'Genres, such as `Comedy`; empty if none are known.' })
  genres: string[];

  @Column('text', { name: 'imdb_id', nullable: true })
  @Field(() => String, { nullable: true, description: 'IMDb id, digits only, such as `0114709`.' })
  imdbId: string | null;

  @Column('integer', { name: 'tmdb_id', nullable: true })
  @Field(() => Int, { nullable: true, description: 'TMDB id (themoviedb.org).' })
  tmdbId: number | null;

  @Column('timestamptz', { name: 'changed_at', nullable: true, select: false })
  changedAt: Date | null;
}

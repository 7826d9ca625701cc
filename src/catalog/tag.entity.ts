/** A word or phrase that people put on movies. Spellings with the same key are one tag. */
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('tag')
@ObjectType({
  description: 'A word or phrase that people put on movies. Spelling variants (case, spaces) are one tag.',
})
export class Tag {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'Id given by this server: MovieLens has none for free tags.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'The first spelling seen.' })
  name: string;

  @Column('text', { unique: true })
  key: string;
}

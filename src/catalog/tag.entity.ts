/** A word or phrase that people put on movies. Spellings with the same key are one tag. */
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('tag')
@ObjectType({
  description: 'A word or phrase that users give to movies. Spelling variants (case, spaces) are one tag.',
})
export class Tag {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'Id assigned by this server, since MovieLens has no tag ids.' })
  id: number;

  @Column('text')
  @Field(() => String, { description: 'Name, in the first spelling seen.' })
  name: string;

  @Column('text', { unique: true })
  key: string;
}

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

/** The key under which spellings are one tag: NFC, lower case, trimmed, single spaces. Empty for a
 *  blank tag. */
export function tagKey(name: string): string {
  // Lower case of Σ depends on whether a letter follows, that is on the very spaces that do not
  // count.
  return name.normalize('NFC').toLowerCase().replaceAll('ς', 'σ').replace(/\s+/gu, ' ').trim();
}

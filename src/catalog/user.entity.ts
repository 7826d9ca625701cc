/** A person who rates and tags. Demographics are there where the release carries them (100K,
 *  1M). */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('app_user')
@ObjectType({ description: 'A person who rates and tags movies.' })
export class User {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'The MovieLens user id.' })
  id: number;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: '`F` or `M`, where the release says.' })
  gender: string | null;

  @Column('smallint', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      'Years, where the release says. MovieLens 1M gives the lower bound of the age group: 1, 18, 25, 35, 45, 50 or 56.',
  })
  age: number | null;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'Occupation, where the release says.' })
  occupation: string | null;

  @Column('text', { name: 'zip_code', nullable: true })
  @Field(() => String, { nullable: true, description: 'Postal code, where the release says.' })
  zipCode: string | null;

  @Column('timestamptz', { name: 'history_changed_at', nullable: true })
  historyChangedAt: Date | null;
}

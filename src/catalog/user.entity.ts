/** A person who rates and tags. Demographics come with some releases (100K, 1M). */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity('app_user')
@ObjectType({ description: 'A person who rates and tags movies.' })
export class User {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'BY DEFAULT' })
  @Field(() => ID, { description: 'MovieLens user id.' })
  id: number;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'Gender, `F` or `M`; null if unknown.' })
  gender: string | null;

  @Column('smallint', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      'Age in years; null if unknown. In MovieLens 1M the lower bound of the age group: 1, ' +
      '18, 25, 35, 45, 50 or 56.',
  })
  age: number | null;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'Occupation; null if unknown.' })
  occupation: string | null;

  @Column('text', { name: 'zip_code', nullable: true })
  @Field(() => String, { nullable: true, description: 'Postal code; null if unknown.' })
  zipCode: string | null;

  @Column('timestamptz', { name: 'history_changed_at', nullable: true })
  historyChangedAt: Date | null;
}

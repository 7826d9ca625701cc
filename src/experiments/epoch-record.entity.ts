/** What one epoch of training came to. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('epoch_record')
@ObjectType({ description: 'What one epoch of training came to.' })
export class EpochRecord {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('integer')
  @Field(() => Int, { description: 'Number of the epoch, from 1.' })
  epoch: number;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean training loss.' })
  loss: number;

  @Column('double precision', { name: 'validation_metric', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'NDCG@20 on the validation split over the full catalogue; null where it was not measured after this epoch.',
  })
  validationMetric: number | null;

  @Column('double precision')
  @Field(() => Float, { description: 'Seconds it took.' })
  seconds: number;
}

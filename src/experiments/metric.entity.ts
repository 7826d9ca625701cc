/** What an experiment measured, as it is stored: measurements, the curve of cold start, epochs. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { measurementOf } from '../evaluation/metrics';
import { EvaluationProtocol, EvaluationSplit, MetricName } from './enums';

/** A mean over users with its confidence interval. */
@Entity('metric')
@ObjectType({ description: 'One measurement of one experiment.' })
export class Metric {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('text')
  @Field(() => EvaluationProtocol, { description: 'The protocol it was measured under.' })
  protocol: EvaluationProtocol;

  @PrimaryColumn('text')
  @Field(() => EvaluationSplit, { description: 'The held-out ratings it was measured on.' })
  split: EvaluationSplit;

  @PrimaryColumn('text')
  @Field(() => MetricName, { description: 'What was measured.' })
  name: MetricName;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean over the users.' })
  mean: number;

  @Column('double precision', { name: 'ci_low', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'Lower end of the 95 % confidence interval of the mean; null where it has none (coverage and the like, which are of all lists together).',
  })
  ciLow: number | null;

  @Column('double precision', { name: 'ci_high', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'Upper end of the 95 % confidence interval of the mean; null where it has none (coverage and the like, which are of all lists together).',
  })
  ciHigh: number | null;

  @Column('integer')
  @Field(() => Int, { description: 'Number of users it was measured on.' })
  users: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How many places of the ranking count; null where all do.',
  })
  get k(): number | null {
    return measurementOf(this.name).k || null;
  }
}

/** The curve of cold start: how good lists are where few ratings of a person, or of a movie, are
 *  known. One table for both: an experiment's protocol says which it is, and no protocol has
 *  both. */
@Entity('cold_start_point')
@ObjectType({
  description: 'How good lists are with so many known ratings of a new user, or of each new movie.',
})
export class ColdStartPoint {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('integer', { name: 'known_ratings' })
  @Field(() => Int, {
    description:
      "Under `NEW_USERS`, the user's first so many ratings are known, and the next ten are to be found in the whole catalogue. With 0, every system is answered from the prior: popularity, within demographic groups where they are known. " +
      'Under `COLD_ITEMS`, so many ratings of each new movie, at random, were in training (the same and more at the next point), and whoever rated it otherwise is to find it among the new movies: those of the test split with 25 ratings or more.',
  })
  knownRatings: number;

  @PrimaryColumn('text')
  @Field(() => MetricName, { description: 'What was measured.' })
  name: MetricName;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean over the users.' })
  mean: number;

  @Column('double precision', { name: 'ci_low' })
  @Field(() => Float, { description: 'Lower end of the 95 % confidence interval of the mean.' })
  ciLow: number;

  @Column('double precision', { name: 'ci_high' })
  @Field(() => Float, { description: 'Upper end of the 95 % confidence interval of the mean.' })
  ciHigh: number;

  @Column('integer')
  @Field(() => Int, {
    description:
      'Number of users it was measured on, the same ones at every point: new ones under `NEW_USERS`, those who have a new movie to find under `COLD_ITEMS`.',
  })
  users: number;
}

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

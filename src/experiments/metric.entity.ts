/** What an experiment measured, as it is stored: measurements, the curve of cold start, epochs. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { measurementOf } from '../evaluation/metrics';
import { EvaluationProtocol, EvaluationSplit, MetricName } from './enums';

/** A mean over users with its confidence interval. */
@Entity('metric')
@ObjectType({ description: 'A measured value of an experiment.' })
export class Metric {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('text')
  @Field(() => EvaluationProtocol, { description: 'Evaluation protocol of the value.' })
  protocol: EvaluationProtocol;

  @PrimaryColumn('text')
  @Field(() => EvaluationSplit, { description: 'Held-out split that was measured.' })
  split: EvaluationSplit;

  @PrimaryColumn('text')
  @Field(() => MetricName, { description: 'The metric.' })
  name: MetricName;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean over users.' })
  mean: number;

  @Column('double precision', { name: 'ci_low', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'Lower bound of the 95 % confidence interval of the mean; null for metrics of all ' +
      'lists together, such as coverage.',
  })
  ciLow: number | null;

  @Column('double precision', { name: 'ci_high', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'Upper bound of the 95 % confidence interval of the mean; null for metrics of all ' +
      'lists together, such as coverage.',
  })
  ciHigh: number | null;

  @Column('integer')
  @Field(() => Int, { description: 'Number of users measured.' })
  users: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Cut-off rank; null for metrics of the whole ranking.',
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
  description: 'Accuracy at a given number of known ratings of a new user or a new movie.',
})
export class ColdStartPoint {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('integer', { name: 'known_ratings' })
  @Field(() => Int, {
    description:
      "Number of known ratings. Under `NEW_USERS`: the user's first ratings, with the next " +
      'ten held out; with 0, every system answers from the prior (popularity by demographic ' +
      'group). Under `COLD_ITEMS`: randomly drawn training ratings of each new movie; its ' +
      'other raters must find it among the new movies (test movies with at least 25 ratings).',
  })
  knownRatings: number;

  @PrimaryColumn('text')
  @Field(() => MetricName, { description: 'The metric.' })
  name: MetricName;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean over users.' })
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
      'Number of users measured, the same at every point: new users under `NEW_USERS`, ' +
      'users with a held-out new movie under `COLD_ITEMS`.',
  })
  users: number;
}

@Entity('epoch_record')
@ObjectType({ description: 'Record of one training epoch.' })
export class EpochRecord {
  @PrimaryColumn('integer', { name: 'experiment_id' })
  experimentId: number;

  @PrimaryColumn('integer')
  @Field(() => Int, { description: 'Epoch number, from 1.' })
  epoch: number;

  @Column('double precision')
  @Field(() => Float, { description: 'Mean training loss.' })
  loss: number;

  @Column('double precision', { name: 'validation_metric', nullable: true })
  @Field(() => Float, {
    nullable: true,
    description:
      'NDCG@20 on the validation split over the full catalogue; null if not measured after ' +
      'this epoch.',
  })
  validationMetric: number | null;

  @Column('double precision')
  @Field(() => Float, { description: 'Duration in seconds.' })
  seconds: number;
}

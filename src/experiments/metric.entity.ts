/** One measurement of one experiment: a mean over users with its confidence interval. */
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { measurementOf } from '../evaluation/metrics';
import { EvaluationProtocol, EvaluationSplit, MetricName } from './enums';

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

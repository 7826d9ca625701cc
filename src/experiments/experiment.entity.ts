/** One training: its input, its status, and its environment. Its measurements are rows of
 *  `metric`. */
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SystemName } from '../models/systems';
import { Algorithm, EvaluationProtocol, ExperimentStage, ExperimentStatus, SearchRole } from './enums';

export const DEFAULT_SEED = 42;

@ObjectType({ description: 'Size of the data that a model was trained on.' })
export class DatasetCounts {
  @Field(() => Int, {
    description: 'Number of users with at least one rating; for tag systems, with at least one tagging.',
  })
  users: number;

  @Field(() => Int, {
    description: 'Number of movies; for tag systems, of movies with a tag.',
  })
  movies: number;

  @Field(() => Int, {
    description: 'Number of ratings; 0 for tag systems, which learn from taggings only.',
  })
  ratings: number;

  @Field(() => Int, { description: 'Number of taggings.' })
  taggings: number;
}

@ObjectType({ description: 'Machine that ran a training.' })
export class TrainingEnvironment {
  @Field(() => String, { description: 'Node.js version.' })
  node: string;

  @Field(() => String, { description: 'Operating system and architecture, such as `linux x64`.' })
  platform: string;

  @Field(() => String, { description: 'Processor model.' })
  cpu: string;

  @Field(() => Int, { description: 'Number of logical cores.' })
  cores: number;
}

@ObjectType({ description: 'Seconds spent in each stage of an experiment; null until the stage ends.' })
export class ExperimentDurations {
  @Field(() => Float, { nullable: true, description: 'Seconds spent reading data from the database.' })
  loadingSeconds: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds spent fitting, including validation.' })
  trainingSeconds: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Seconds spent evaluating both splits, including the extra trainings for `coldStart`.',
  })
  evaluationSeconds: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds from start to final status.' })
  totalSeconds: number | null;
}

@Entity('experiment')
@ObjectType({
  description:
    'One training run of one algorithm: its settings, everything needed to reproduce it, ' +
    'and its results.',
})
export class Experiment {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the experiment; ids increase over time.' })
  id: number;

  @Column('text')
  @Field(() => Algorithm, { description: 'The system that was trained.' })
  algorithm: SystemName;

  @Column('text', { default: 'QUEUED' })
  @Field(() => ExperimentStatus, { description: 'Current status.' })
  status: ExperimentStatus;

  @Column('text', { nullable: true, default: 'QUEUED' })
  @Field(() => ExperimentStage, {
    nullable: true,
    description: 'Current stage; null once the status is final.',
  })
  stage: ExperimentStage | null;

  @Column('real', { default: 0 })
  @Field(() => Float, { description: 'Completed share of the work, 0 to 1.' })
  progress: number;

  @Column('text')
  @Field(() => EvaluationProtocol, {
    description: 'Protocol of the metric fields such as `precisionAt5`.',
  })
  protocol: EvaluationProtocol;

  @Column('jsonb', { default: {} })
  @Field(() => GraphQLJSON, { description: 'All hyperparameters, including defaults.' })
  hyperparameters: Record<string, unknown>;

  @Column('integer')
  @Field(() => Int, {
    description: 'Random seed. The same seed, data, hyperparameters and back end produce the same model.',
  })
  seed: number;

  @Column('boolean', { default: true })
  @Field(() => Boolean, {
    description: 'Whether the model may be published if it beats the popularity baseline.',
  })
  publish: boolean;

  @Column('boolean', { name: 'measure_cold_items', default: false })
  @Field(() => Boolean, {
    description: 'Whether accuracy on new movies by number of ratings was requested; see `coldStart`.',
  })
  measureColdItems: boolean;

  @Column('text', { name: 'dataset_hash', default: '' })
  @Field(() => String, {
    description:
      'SHA-256 of the training data (for tag systems, of the taggings); empty until the ' +
      'data has been read.',
  })
  datasetHash: string;

  @Column('jsonb', { name: 'dataset_counts', nullable: true })
  @Field(() => DatasetCounts, {
    nullable: true,
    description: 'Size of the training data; null until it has been read.',
  })
  datasetCounts: DatasetCounts | null;

  @Column('text', { default: '' })
  @Field(() => String, {
    description: 'Numerical back end and its version; empty until training starts.',
  })
  backend: string;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Git commit of the training code, with the suffix `-dirty` for uncommitted changes; ' +
      'null if unknown.',
  })
  revision: string | null;

  @Column('jsonb', { nullable: true })
  @Field(() => TrainingEnvironment, {
    nullable: true,
    description: 'Machine that ran the training; null while queued.',
  })
  environment: TrainingEnvironment | null;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'Reason for the failure; null unless the status is `FAILED`.',
  })
  error: string | null;

  @Column('text', { name: 'publication_note', nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Whether the model was published and, if not, why; also why `coldStart` is missing if ' +
      'its measurement failed.',
  })
  publicationNote: string | null;

  @Column('double precision', { name: 'loading_seconds', nullable: true })
  loadingSeconds: number | null;

  @Column('double precision', { name: 'training_seconds', nullable: true })
  trainingSeconds: number | null;

  @Column('double precision', { name: 'evaluation_seconds', nullable: true })
  evaluationSeconds: number | null;

  @Column('boolean', { name: 'cancel_requested', default: false })
  cancelRequested: boolean;

  @Column('smallint', { default: 0 })
  attempts: number;

  @Column('text', { name: 'lease_owner', nullable: true })
  leaseOwner: string | null;

  @Column('timestamptz', { name: 'lease_expires_at', nullable: true })
  leaseExpiresAt: Date | null;

  @Column('integer', { name: 'search_id', nullable: true })
  searchId: number | null;

  @Column('text', { name: 'search_role', nullable: true })
  @Field(() => SearchRole, {
    nullable: true,
    description: 'Role within the search; null if it belongs to none.',
  })
  searchRole: SearchRole | null;

  @Column('integer', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      'Number of the search point that this trial evaluates, from 1; null if this is not a trial.',
  })
  trial: number | null;

  @Column('integer', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description: 'Rung of the search that this trial belongs to, from 1; null if this is not a trial.',
  })
  rung: number | null;

  @Column('boolean', { default: false })
  @Field(() => Boolean, { description: 'Whether this trial won its search.' })
  winner: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'Time of the request.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time at which a runner started it (the latest start if it was resumed).',
  })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time at which the final status was reached; null until then.',
  })
  finishedAt: Date | null;

  @Field(() => ExperimentDurations, { description: 'Time spent by stage.' })
  get durations(): ExperimentDurations {
    const { loadingSeconds, trainingSeconds, evaluationSeconds, startedAt, finishedAt } = this;
    const totalSeconds =
      startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1000 : null;
    return { loadingSeconds, trainingSeconds, evaluationSeconds, totalSeconds };
  }
}

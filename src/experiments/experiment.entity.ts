/** One training: what was asked for, how it stands, and what it was run with. Its measurements are
 *  rows of `metric`. */
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SystemName } from '../models/systems';
import { Algorithm, EvaluationProtocol, ExperimentStage, ExperimentStatus, SearchRole } from './enums';

export const DEFAULT_SEED = 42;

@ObjectType({ description: 'How much data a model was trained on.' })
export class DatasetCounts {
  @Field(() => Int, {
    description: 'Users with at least one rating; for a system that ranks tags, with a tag.',
  })
  users: number;

  @Field(() => Int, {
    description: 'Movies of the catalogue; for a system that ranks tags, those with a tag.',
  })
  movies: number;

  @Field(() => Int, {
    description: 'Ratings; 0 for a system that ranks tags, which learns from taggings alone.',
  })
  ratings: number;

  @Field(() => Int, { description: 'Taggings.' })
  taggings: number;
}

@ObjectType({ description: 'The machine that trained.' })
export class TrainingEnvironment {
  @Field(() => String, { description: 'Version of Node.js.' })
  node: string;

  @Field(() => String, { description: 'Operating system and architecture, such as `linux x64`.' })
  platform: string;

  @Field(() => String, { description: 'Model of the processor.' })
  cpu: string;

  @Field(() => Int, { description: 'Number of logical cores.' })
  cores: number;
}

@ObjectType({ description: 'Where the time of an experiment went; null until the stage is over.' })
export class ExperimentDurations {
  @Field(() => Float, { nullable: true, description: 'Seconds spent reading the database.' })
  loadingSeconds: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds spent fitting, validation included.' })
  trainingSeconds: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Seconds spent measuring on both splits, the further trainings of `coldStart` included.',
  })
  evaluationSeconds: number | null;

  @Field(() => Float, { nullable: true, description: 'Seconds from the start to the final status.' })
  totalSeconds: number | null;
}

@Entity('experiment')
@ObjectType({
  description: 'One training of one algorithm, with everything needed to have it again and what came of it.',
})
export class Experiment {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the experiment, rising with time.' })
  id: number;

  @Column('text')
  @Field(() => Algorithm, { description: 'The system that is trained.' })
  algorithm: SystemName;

  @Column('text', { default: 'QUEUED' })
  @Field(() => ExperimentStatus, { description: 'Where it stands.' })
  status: ExperimentStatus;

  @Column('text', { nullable: true, default: 'QUEUED' })
  @Field(() => ExperimentStage, {
    nullable: true,
    description: 'What is being done now; null once the status is final.',
  })
  stage: ExperimentStage | null;

  @Column('real', { default: 0 })
  @Field(() => Float, { description: 'Share of the work that is done, 0 to 1.' })
  progress: number;

  @Column('text')
  @Field(() => EvaluationProtocol, {
    description: 'The protocol under which `precisionAt5` and its likes are reported.',
  })
  protocol: EvaluationProtocol;

  @Column('jsonb', { default: {} })
  @Field(() => GraphQLJSON, { description: 'All hyperparameters, those left to their defaults included.' })
  hyperparameters: Record<string, unknown>;

  @Column('integer')
  @Field(() => Int, {
    description:
      'Seed of every random choice. The same seed, data, hyperparameters and back end give the same model.',
  })
  seed: number;

  @Column('boolean', { default: true })
  @Field(() => Boolean, { description: 'Whether the model may be put in service when it beats popularity.' })
  publish: boolean;

  @Column('boolean', { name: 'measure_cold_items', default: false })
  @Field(() => Boolean, {
    description: 'Whether it was asked to measure how new movies warm up, in `coldStart`.',
  })
  measureColdItems: boolean;

  @Column('text', { name: 'dataset_hash', default: '' })
  @Field(() => String, {
    description:
      'SHA-256 of the data it was trained on (of the taggings, for a system that ranks tags); empty until the data has been read.',
  })
  datasetHash: string;

  @Column('jsonb', { name: 'dataset_counts', nullable: true })
  @Field(() => DatasetCounts, {
    nullable: true,
    description: 'Size of that data; null until it has been read.',
  })
  datasetCounts: DatasetCounts | null;

  @Column('text', { default: '' })
  @Field(() => String, {
    description: 'The numerical engine and its version; empty until training has begun.',
  })
  backend: string;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Commit of the code that trained, with `-dirty` where it was changed; null where that is unknown.',
  })
  revision: string | null;

  @Column('jsonb', { nullable: true })
  @Field(() => TrainingEnvironment, {
    nullable: true,
    description: 'The machine that trained; null while it waits.',
  })
  environment: TrainingEnvironment | null;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  error: string | null;

  @Column('text', { name: 'publication_note', nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'Whether the model was put in service, and why not; and why `coldStart` is missing, should its measurement have failed.',
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
  @Field(() => SearchRole, { nullable: true, description: 'What it is in its search; null outside of one.' })
  searchRole: SearchRole | null;

  @Column('integer', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description:
      "Number of the point of the search's space that it tries, from 1; null for what is no trial.",
  })
  trial: number | null;

  @Column('integer', { nullable: true })
  @Field(() => Int, {
    nullable: true,
    description: 'Number of the rung of the search that it stands on, from 1; null for what is no trial.',
  })
  rung: number | null;

  @Column('boolean', { default: false })
  @Field(() => Boolean, { description: 'Whether it is the trial that won its search.' })
  winner: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When a runner took it up (the last time, if it had to be resumed).',
  })
  startedAt: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it reached its final status.' })
  finishedAt: Date | null;

  @Field(() => ExperimentDurations, { description: 'Where the time went.' })
  get durations(): ExperimentDurations {
    const { loadingSeconds, trainingSeconds, evaluationSeconds, startedAt, finishedAt } = this;
    const totalSeconds = startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1000 : null;
    return { loadingSeconds, trainingSeconds, evaluationSeconds, totalSeconds };
  }
}

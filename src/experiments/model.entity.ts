/** A trained model, and the log of which one was in service when. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { Task } from '../models/system';
import { type SystemName, systemNamed } from '../models/systems';
import { Algorithm, ModelTask } from './enums';

@Entity('model')
@ObjectType({ description: 'A stored trained model.' })
export class Model {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the model.' })
  id: number;

  @Column('integer', { name: 'experiment_id', unique: true })
  experimentId: number;

  @Column('text')
  @Field(() => Algorithm, { description: 'The system that the model was trained with.' })
  algorithm: SystemName;

  @Field(() => ModelTask, {
    description: 'What the model ranks. Each task has its own model in service.',
  })
  get task(): Task {
    return systemNamed(this.algorithm).task;
  }

  @Column('boolean')
  @Field(() => Boolean, {
    description:
      'Whether the model can be put in service: it places users and movies (or tags) in one space.',
  })
  servable: boolean;

  /** Null once it was deleted. */
  @Column('bytea', { select: false, nullable: true })
  artifact: Buffer | null;

  @Column('text')
  @Field(() => String, { description: 'SHA-256 of the stored artifact, in hexadecimal.' })
  sha256: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'Time at which the model was stored.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'deleted_at', nullable: true })
  deletedAt: Date | null;
}

export type ActivationReason = 'PUBLISHED' | 'PROMOTED' | 'ROLLED_BACK';

/** The newest row of a task names the model in service for it. */
@Entity('activation')
export class Activation {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  id: number;

  @Column('text', { default: 'MOVIES' })
  task: Task;

  /** Null: none, for tags. */
  @Column('integer', { name: 'model_id', nullable: true })
  modelId: number | null;

  @Column('integer', { name: 'previous_id', nullable: true })
  previousId: number | null;

  @Column('text')
  reason: ActivationReason;

  @Column('timestamptz', { name: 'activated_at', default: () => 'now()' })
  activatedAt: Date;
}

/** One hyperparameter search: its input and its status. Its trainings are rows of `experiment`. */
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SystemName } from '../../models/systems';
import { Algorithm, EvaluationProtocol, SearchStatus, SearchStrategy } from '../enums';

@ObjectType({ description: 'A rung of a search: trials with the same budget.' })
export class SearchRung {
  @Field(() => Int, { description: 'Maximum number of trials, promoted from the previous rung.' })
  trials: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Epochs of each trial; null if the strategy has no budget.',
  })
  epochs: number | null;
}

@Entity('hyperparameter_search')
@ObjectType({
  description:
    'A hyperparameter search. Trials are compared by validation NDCG@20 over the full ' +
    "catalogue, then the winner's settings are trained once more. The test split is not " +
    'used for selection.',
})
export class HyperparameterSearch {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the search; ids increase over time.' })
  id: number;

  @Column('text')
  @Field(() => Algorithm, { description: 'The system being tuned.' })
  algorithm: SystemName;

  @Column('text')
  @Field(() => EvaluationProtocol, {
    description: 'Evaluation protocol, which determines the held-out data.',
  })
  protocol: EvaluationProtocol;

  @Column('text')
  @Field(() => SearchStrategy, { description: 'Search strategy.' })
  strategy: SearchStrategy;

  @Column('jsonb')
  @Field(() => GraphQLJSON, { description: 'The search space as given.' })
  space: Record<string, unknown>;

  @Column('jsonb', { default: {} })
  @Field(() => GraphQLJSON, { description: 'Hyperparameters held fixed during the search.' })
  hyperparameters: Record<string, unknown>;

  @Column('jsonb')
  @Field(() => [SearchRung], { description: 'Rungs of the search; a random search has one.' })
  rungs: SearchRung[];

  @Column('integer')
  @Field(() => Int, { description: 'Random seed for drawing points from the search space.' })
  seed: number;

  @Column('integer', { name: 'training_seed' })
  @Field(() => Int, { description: 'Random seed of every training in the search.' })
  trainingSeed: number;

  @Column('boolean', { default: true })
  @Field(() => Boolean, { description: 'Whether the model of the final training may be published.' })
  publish: boolean;

  @Column('text', { default: 'RUNNING' })
  @Field(() => SearchStatus, { description: 'Current status.' })
  status: SearchStatus;

  @Column('text', { nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'Reason for the failure; null unless the status is `FAILED`.',
  })
  error: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'Time of the request.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time at which the final status was reached; null until then.',
  })
  finishedAt: Date | null;
}

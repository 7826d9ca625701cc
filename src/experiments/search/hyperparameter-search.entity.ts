/** One search for hyperparameters: what was asked for, and how it stands. Its trainings are rows of
 *  `experiment`. */
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { SystemName } from '../../models/systems';
import { Algorithm, EvaluationProtocol, SearchStatus, SearchStrategy } from '../enums';

@ObjectType({ description: 'A step of a search: so many trials with the same budget.' })
export class SearchRung {
  @Field(() => Int, { description: 'How many trials stand on it at most; the best of the rung before.' })
  trials: number;

  @Field(() => Int, {
    nullable: true,
    description: 'The epochs of each; null where the strategy has no budget.',
  })
  epochs: number | null;
}

@Entity('hyperparameter_search')
@ObjectType({
  description:
    'A search for hyperparameters on the validation data: trials, of which one wins by NDCG@20 in the full catalogue, and a final training like it. The test data decide nothing.',
})
export class HyperparameterSearch {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' })
  @Field(() => ID, { description: 'Id of the search, rising with time.' })
  id: number;

  @Column('text')
  @Field(() => Algorithm, { description: 'The system that is tuned.' })
  algorithm: SystemName;

  @Column('text')
  @Field(() => EvaluationProtocol, { description: 'The protocol that decides what is held out.' })
  protocol: EvaluationProtocol;

  @Column('text')
  @Field(() => SearchStrategy, { description: 'How it spends its trainings.' })
  strategy: SearchStrategy;

  @Column('jsonb')
  @Field(() => GraphQLJSON, { description: 'The space, as it was asked for.' })
  space: Record<string, unknown>;

  @Column('jsonb', { default: {} })
  @Field(() => GraphQLJSON, { description: 'The hyperparameters that were fixed.' })
  hyperparameters: Record<string, unknown>;

  @Column('jsonb')
  @Field(() => [SearchRung], { description: 'Its steps; random search has one.' })
  rungs: SearchRung[];

  @Column('integer')
  @Field(() => Int, { description: 'Seed of the points that are drawn from the space.' })
  seed: number;

  @Column('integer', { name: 'training_seed' })
  @Field(() => Int, { description: 'Seed of every training, the same for all.' })
  trainingSeed: number;

  @Column('boolean', { default: true })
  @Field(() => Boolean, { description: 'Whether the model of the final training may be put in service.' })
  publish: boolean;

  @Column('text', { default: 'RUNNING' })
  @Field(() => SearchStatus, { description: 'Where it stands.' })
  status: SearchStatus;

  @Column('text', { nullable: true })
  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  error: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it reached its final status.' })
  finishedAt: Date | null;
}

/** What clients send to ask for experiments and to list them. */
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { SystemName } from '../models/systems';
import { graphqlEnum } from '../request/graphql-enum';
import { Algorithm, EvaluationProtocol, ExperimentStatus, MetricName, SearchStrategy } from './enums';
import { DEFAULT_SEED } from './experiment.entity';
import { DEFAULT_TRIALS, MOST_TRIALS } from './search/plan';

@InputType({ description: 'A hyperparameter search on the validation split.' })
export class SearchInput {
  @Field(() => GraphQLJSONObject, {
    description:
      'Search space by hyperparameter, a list of choices or a range: `{ embeddingSize: [32, ' +
      '64], learningRate: { min: 0.001, max: 0.1, scale: "LOG" } }`. Ranges accept ' +
      '`integer: true`; the default scale is `LINEAR`.',
  })
  space: Record<string, unknown>;

  @Field(() => SearchStrategy, { defaultValue: 'RANDOM', description: 'Search strategy.' })
  strategy: SearchStrategy;

  @Field(() => Int, {
    defaultValue: DEFAULT_TRIALS,
    description: `Number of distinct points to try, 1 to ${MOST_TRIALS}; fewer if the space has fewer.`,
  })
  trials: number;

  @Field(() => Int, {
    defaultValue: DEFAULT_SEED,
    description: 'Random seed for drawing points, 0 or more. The trainings use `input.seed`.',
  })
  seed: number;
}

@InputType({ description: 'What to train and how. Every field has a default.' })
export class TrainModelInput {
  @Field(() => Algorithm, { defaultValue: 'TWO_TOWER', description: 'The system to train.' })
  algorithm: SystemName;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      'Hyperparameters by name, such as `{ margin: 1.5 }`. Omitted ones take their ' +
      'defaults; unknown ones are refused.',
  })
  hyperparameters?: Record<string, unknown> | null;

  @Field(() => Int, { defaultValue: DEFAULT_SEED, description: 'Random seed, 0 or more.' })
  seed: number;

  @Field(() => EvaluationProtocol, {
    nullable: true,
    description:
      'Evaluation protocol of the metric fields such as `precisionAt5`, which determines ' +
      'what is held out. Default: `SAMPLED_LAST_ITEM`, or `TAG_POSTS` for tag systems.',
  })
  protocol?: EvaluationProtocol | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Publishes the model if it beats the popularity baseline on the validation split.',
  })
  publish: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Measures accuracy on new movies with 1, 2, 5, 10 and 20 ratings, reported in ' +
      '`coldStart`. Only under `COLD_ITEMS` without `search`; takes five more trainings, ' +
      'whose models are not stored.',
  })
  measureColdItems: boolean;

  @Field(() => SearchInput, {
    nullable: true,
    description:
      'Searches for hyperparameters first. Values in `hyperparameters` stay fixed; ' +
      '`publish` applies to the final training.',
  })
  search?: SearchInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Returns only when the training or the whole search has ended.',
  })
  wait: boolean;
}

@InputType({ description: 'Conditions on experiments; all of them must hold.' })
export class ExperimentFilter {
  @Field(() => Algorithm, { nullable: true, description: 'Only experiments of this system.' })
  algorithm?: SystemName | null;

  @Field(() => ExperimentStatus, { nullable: true, description: 'Only experiments with this status.' })
  status?: ExperimentStatus | null;

  @Field(() => EvaluationProtocol, {
    nullable: true,
    description: 'Only experiments reported under this protocol.',
  })
  protocol?: EvaluationProtocol | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only experiments trained on the data with this hash.',
  })
  datasetHash?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only experiments of this search.' })
  searchId?: string | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Only experiments requested at this time or later.',
  })
  createdAfter?: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Only experiments requested before this time.',
  })
  createdBefore?: Date | null;
}

const OrderDirection = graphqlEnum('OrderDirection', 'Sort direction.', {
  ASCENDING: 'Smallest or oldest first.',
  DESCENDING: 'Largest or newest first.',
});
type OrderDirection = keyof typeof OrderDirection;

@InputType({ description: 'Order of a list of experiments.' })
export class ExperimentOrder {
  @Field(() => MetricName, {
    nullable: true,
    description:
      "Metric to order by, on the test split under each experiment's own protocol; " +
      'experiments without it come last. Ordered by time if omitted.',
  })
  metric?: MetricName | null;

  @Field(() => OrderDirection, { defaultValue: 'DESCENDING', description: 'Direction of the order.' })
  direction: OrderDirection;
}

/** What clients send to ask for experiments and to list them. */
import { GraphQLDateTime, GraphQLJSONObject } from 'graphql-scalars';
import { Field, ID, InputType, Int } from 'type-graphql';
import type { SystemName } from '../models/systems';
import { graphqlEnum } from '../request/graphql-enum';
import { Algorithm, EvaluationProtocol, ExperimentStatus, MetricName, SearchStrategy } from './enums';
import { DEFAULT_SEED } from './experiment.entity';
import { DEFAULT_TRIALS, MOST_TRIALS } from './search/plan';

@InputType({ description: 'A search for hyperparameters on the validation data.' })
export class SearchInput {
  @Field(() => GraphQLJSONObject, {
    description:
      'By hyperparameter, a list of choices or a range: `{ embeddingSize: [32, 64], learningRate: { min: 0.001, max: 0.1, scale: "LOG" }, negatives: { min: 16, max: 512, scale: "LOG", integer: true } }`. The scale is `LINEAR` unless it says `LOG`.',
  })
  space: Record<string, unknown>;

  @Field(() => SearchStrategy, { defaultValue: 'RANDOM', description: 'How it spends its trainings.' })
  strategy: SearchStrategy;

  @Field(() => Int, {
    defaultValue: DEFAULT_TRIALS,
    description: `How many different points of the space are tried, 1 to ${MOST_TRIALS}; fewer in a space that has fewer.`,
  })
  trials: number;

  @Field(() => Int, {
    defaultValue: DEFAULT_SEED,
    description: 'Seed of the points, 0 or more. That of the trainings is `input.seed`.',
  })
  seed: number;
}

@InputType({ description: 'What to train, and how. Every field has a default.' })
export class TrainModelInput {
  @Field(() => Algorithm, { defaultValue: 'TWO_TOWER', description: 'The system to train.' })
  algorithm: SystemName;

  @Field(() => GraphQLJSONObject, {
    nullable: true,
    description:
      "The algorithm's hyperparameters by name, such as `{ margin: 1.5 }`. Those left out have their defaults; unknown ones are refused.",
  })
  hyperparameters?: Record<string, unknown> | null;

  @Field(() => Int, { defaultValue: DEFAULT_SEED, description: 'Seed of every random choice, 0 or more.' })
  seed: number;

  @Field(() => EvaluationProtocol, {
    nullable: true,
    description:
      'What is held out, and under which protocol `precisionAt5` and its likes are reported. The two last-item protocols are measured together. ' +
      'Left out: `SAMPLED_LAST_ITEM`, or `TAG_POSTS` for an algorithm that ranks tags.',
  })
  protocol?: EvaluationProtocol | null;

  @Field(() => Boolean, {
    defaultValue: true,
    description: 'Whether to put the model in service when it beats popularity on the validation data.',
  })
  publish: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether to measure how movies without ratings warm up, in `coldStart`: under `COLD_ITEMS` only, without `search`. It takes five more ' +
      'trainings, with 1, 2, 5, 10 and 20 ratings of each new movie; their models are not kept.',
  })
  measureColdItems: boolean;

  @Field(() => SearchInput, {
    nullable: true,
    description:
      "Searches for the best hyperparameters first. What stands in `hyperparameters` is fixed; `publish` is about the final training with the winner's.",
  })
  search?: SearchInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether to answer when the training, or the whole search, is over instead of at once.',
  })
  wait: boolean;
}

@InputType({ description: 'Which experiments to list; all conditions hold.' })
export class ExperimentFilter {
  @Field(() => Algorithm, { nullable: true, description: 'Of this system.' })
  algorithm?: SystemName | null;

  @Field(() => ExperimentStatus, { nullable: true, description: 'With this status.' })
  status?: ExperimentStatus | null;

  @Field(() => EvaluationProtocol, { nullable: true, description: 'Reported under this protocol.' })
  protocol?: EvaluationProtocol | null;

  @Field(() => String, { nullable: true, description: 'Trained on the data with this hash.' })
  datasetHash?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this search.' })
  searchId?: string | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Asked for at this time or later.' })
  createdAfter?: Date | null;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Asked for before this time.' })
  createdBefore?: Date | null;
}

const OrderDirection = graphqlEnum('OrderDirection', 'Which end of a list comes first.', {
  ASCENDING: 'Smallest or oldest first.',
  DESCENDING: 'Largest or newest first.',
});
type OrderDirection = keyof typeof OrderDirection;

@InputType({ description: 'In which order to list experiments.' })
export class ExperimentOrder {
  @Field(() => MetricName, {
    nullable: true,
    description:
      "By this metric under the experiment's own protocol, on the test split; those without it come last. Without a metric: by time.",
  })
  metric?: MetricName | null;

  @Field(() => OrderDirection, { defaultValue: 'DESCENDING', description: 'Which end comes first.' })
  direction: OrderDirection;
}

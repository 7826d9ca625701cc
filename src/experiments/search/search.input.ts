/** What clients send to ask for a search. */
import { GraphQLJSONObject } from 'graphql-scalars';
import { Field, InputType, Int } from 'type-graphql';
import { SearchStrategy } from '../enums';
import { DEFAULT_SEED } from '../experiment-service';
import { MOST_TRIALS } from './plan';
import { DEFAULT_TRIALS } from './search-service';

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

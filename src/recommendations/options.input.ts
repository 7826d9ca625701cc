/** What a page asks of a list besides nearness. */
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { BadUserInputError } from '../errors';
import { parseId } from '../request/parameters';
import { type ListOptions, PLAIN } from '../serving/ranker/reranking';

@InputType({
  description:
    'How a list is put together. Without any of it the answer is the plain list, nearest first. The others choose among the nearest movies only ' +
    '(20 for each place, at least 200), and `distance` stays the true distance, so it need no longer ascend.',
})
export class RecommendationOptions {
  @Field(() => Float, {
    nullable: true,
    description:
      'From 0 to 1: how much the movies of the list should differ from each other (maximal marginal relevance). 0 is the plain list; ' +
      '1 looks at nothing but difference.',
  })
  diversity?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'From -1 to 1: above 0 for little known movies, below 0 for popular ones.',
  })
  novelty?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'From 0 to 1: how much newer movies go before older ones.',
  })
  freshness?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'From 0 to 1: chance, as a temperature. At 1 movies are drawn with the probability that the model gives each to be watched next; ' +
      'towards 0 the draw becomes the plain list.',
  })
  exploration?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Of the exploration: the same seed gives the same list. 1 when left out.',
  })
  seed?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'A model to answer instead of the one in service. The first question to a model reads it and takes its time. NOT_FOUND or ' +
      'MODEL_NOT_SERVABLE when it cannot answer; FORBIDDEN for readers and users: it is for analysts.',
  })
  modelId?: string | null;
}

export interface CheckedOptions {
  readonly options: ListOptions;
  readonly modelId: number | null;
}

const NONE: CheckedOptions = { options: PLAIN, modelId: null };

/** @throws BadUserInputError naming the field */
export function checkOptions(input: RecommendationOptions | null | undefined): CheckedOptions {
  if (!input) return NONE;
  const { modelId } = input;
  return {
    options: {
      diversity: within('diversity', input.diversity, 0, 1),
      novelty: within('novelty', input.novelty, -1, 1),
      freshness: within('freshness', input.freshness, 0, 1),
      exploration: within('exploration', input.exploration, 0, 1),
      seed: input.seed ?? PLAIN.seed,
    },
    modelId: typeof modelId === 'string' ? parseId('options.modelId', modelId) : null,
  };
}

function within(name: string, value: number | null | undefined, least: number, most: number): number {
  const given = value ?? 0;
  if (!(given >= least && given <= most)) {
    throw new BadUserInputError(
      `options.${name}`,
      `options.${name} must be from ${least} to ${most}; got ${given}.`,
    );
  }
  return given;
}

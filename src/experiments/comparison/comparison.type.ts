/** What comparisons answer. */
import { GraphQLJSON } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { SystemName } from '../../models/systems';
import { Algorithm, EvaluationProtocol, EvaluationSplit, MetricName } from '../enums';
import { Experiment } from '../experiment.entity';

@ObjectType({
  description:
    'Two experiments on the same users: how far apart they are, and whether chance would explain it.',
})
export class Comparison {
  @Field(() => Experiment, { description: 'What is compared with.' })
  baseline: Experiment;

  @Field(() => Experiment, { description: 'What is compared.' })
  candidate: Experiment;

  @Field(() => MetricName, { description: 'What is compared by.' })
  metric: MetricName;

  @Field(() => EvaluationProtocol, { description: 'The protocol of the figures.' })
  protocol: EvaluationProtocol;

  @Field(() => EvaluationSplit, { description: 'The held-out ratings of the figures.' })
  split: EvaluationSplit;

  @Field(() => Int, {
    description: 'Number of users that both were measured on; each is paired with itself.',
  })
  users: number;

  @Field(() => Float, { description: "The baseline's mean over these users." })
  baselineMean: number;

  @Field(() => Float, { description: "The candidate's mean over these users." })
  candidateMean: number;

  @Field(() => Float, { description: 'candidateMean − baselineMean.' })
  difference: number;

  @Field(() => Float, {
    description:
      'Lower end of the 95 % confidence interval of the difference, by paired bootstrap over the users.',
  })
  ciLow: number;

  @Field(() => Float, {
    description:
      'Upper end of the 95 % confidence interval of the difference, by paired bootstrap over the users.',
  })
  ciHigh: number;

  @Field(() => Float, { description: 'Two-sided p-value of the paired t-test (Student 1908).' })
  tTestPValue: number;

  @Field(() => Float, {
    description:
      'Two-sided p-value of the signed-rank test (Wilcoxon 1945), normal approximation with the correction for ties.',
  })
  wilcoxonPValue: number;

  @Field(() => Float, {
    description:
      'Two-sided p-value of the paired randomisation test: how often random signs of the differences give as large a mean (Smucker, Allan and Carterette, CIKM 2007). The one to go by.',
  })
  randomizationPValue: number;

  @Field(() => Boolean, {
    description:
      'Whether `randomizationPValue` is below 0.05. Compare many at once with `leaderboard`, which corrects for it.',
  })
  significant: boolean;
}

@ObjectType({
  description: 'A system (an algorithm with its hyperparameters) over its seeds, compared with the best one.',
})
export class LeaderboardEntry {
  @Field(() => Int, { description: 'Place in the list, from 1.' })
  rank: number;

  @Field(() => Algorithm, { description: 'The algorithm.' })
  algorithm: SystemName;

  @Field(() => GraphQLJSON, { description: 'Its hyperparameters.' })
  hyperparameters: Record<string, unknown>;

  @Field(() => [Int], { description: 'The seeds it was trained with.' })
  seeds: readonly number[];

  @Field(() => [ID], {
    description: 'Ids of its experiments, in the order of the seeds; of several with one seed, the newest.',
  })
  experimentIds: readonly number[];

  @Field(() => Int, { description: 'Number of users that all systems of the list were measured on.' })
  users: number;

  @Field(() => Float, { description: 'Mean over the users of the mean over the seeds.' })
  mean: number;

  @Field(() => Float, {
    description: 'Lower end of the 95 % confidence interval of the mean, by bootstrap over the users.',
  })
  ciLow: number;

  @Field(() => Float, {
    description: 'Upper end of the 95 % confidence interval of the mean, by bootstrap over the users.',
  })
  ciHigh: number;

  @Field(() => Float, {
    nullable: true,
    description: "Its mean minus the best one's; null for the best one.",
  })
  difference: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % confidence interval of the difference, by paired bootstrap.',
  })
  differenceCiLow: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper end of the 95 % confidence interval of the difference, by paired bootstrap.',
  })
  differenceCiHigh: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'p-value of the paired randomisation test against the best one.',
  })
  pValue: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'The same, corrected for the number of comparisons of this list (Holm 1979).',
  })
  adjustedPValue: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether it is really behind the best one: `adjustedPValue` is below 0.05.',
  })
  significant: boolean | null;
}

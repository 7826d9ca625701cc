/** What comparisons answer. */
import { GraphQLJSON } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { SystemName } from '../../models/systems';
import { Algorithm, EvaluationProtocol, EvaluationSplit, MetricName } from '../enums';
import { Experiment } from '../experiment.entity';

@ObjectType({
  description: 'Paired comparison of two experiments on the same users.',
})
export class Comparison {
  @Field(() => Experiment, { description: 'The baseline experiment.' })
  baseline: Experiment;

  @Field(() => Experiment, { description: 'The candidate experiment.' })
  candidate: Experiment;

  @Field(() => MetricName, { description: 'Metric that is compared.' })
  metric: MetricName;

  @Field(() => EvaluationProtocol, { description: 'Evaluation protocol of the compared values.' })
  protocol: EvaluationProtocol;

  @Field(() => EvaluationSplit, { description: 'Held-out split of the compared values.' })
  split: EvaluationSplit;

  @Field(() => Int, {
    description: 'Number of users measured in both experiments.',
  })
  users: number;

  @Field(() => Float, { description: 'Mean of the baseline over these users.' })
  baselineMean: number;

  @Field(() => Float, { description: 'Mean of the candidate over these users.' })
  candidateMean: number;

  @Field(() => Float, { description: 'candidateMean − baselineMean.' })
  difference: number;

  @Field(() => Float, {
    description:
      'Lower bound of the 95 % confidence interval of the difference (paired bootstrap over users).',
  })
  ciLow: number;

  @Field(() => Float, {
    description:
      'Upper bound of the 95 % confidence interval of the difference (paired bootstrap over users).',
  })
  ciHigh: number;

  @Field(() => Float, { description: 'Two-sided p-value of the paired t-test (Student 1908).' })
  tTestPValue: number;

  @Field(() => Float, {
    description:
      'Two-sided p-value of the signed-rank test (Wilcoxon 1945), normal approximation with ' +
      'tie correction.',
  })
  wilcoxonPValue: number;

  @Field(() => Float, {
    description:
      'Two-sided p-value of the paired randomisation test (Smucker, Allan and Carterette, ' +
      'CIKM 2007). Use this one.',
  })
  randomizationPValue: number;

  @Field(() => Boolean, {
    description:
      'Whether `randomizationPValue` is below 0.05. To compare many systems use ' +
      '`leaderboard`, which corrects for multiple tests.',
  })
  significant: boolean;
}

@ObjectType({
  description:
    'A system (an algorithm with its hyperparameters) averaged over seeds and compared ' +
    'with the best system.',
})
export class LeaderboardEntry {
  @Field(() => Int, { description: 'Position in the list, from 1.' })
  rank: number;

  @Field(() => Algorithm, { description: 'The algorithm.' })
  algorithm: SystemName;

  @Field(() => GraphQLJSON, { description: 'Hyperparameters of the system.' })
  hyperparameters: Record<string, unknown>;

  @Field(() => [Int], { description: 'Seeds that the system was trained with.' })
  seeds: readonly number[];

  @Field(() => [ID], {
    description: 'Ids of the experiments in the order of their seeds; the newest one for each seed.',
  })
  experimentIds: readonly number[];

  @Field(() => Int, { description: 'Number of users measured in every system of the list.' })
  users: number;

  @Field(() => Float, { description: 'Mean over users of the mean over seeds.' })
  mean: number;

  @Field(() => Float, {
    description: 'Lower bound of the 95 % confidence interval of the mean (bootstrap over users).',
  })
  ciLow: number;

  @Field(() => Float, {
    description: 'Upper bound of the 95 % confidence interval of the mean (bootstrap over users).',
  })
  ciHigh: number;

  @Field(() => Float, {
    nullable: true,
    description: "Mean minus the best system's mean; null for the best system.",
  })
  difference: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower bound of the 95 % confidence interval of the difference (paired bootstrap).',
  })
  differenceCiLow: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper bound of the 95 % confidence interval of the difference (paired bootstrap).',
  })
  differenceCiHigh: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'p-value of the paired randomisation test against the best system; null for the best system.',
  })
  pValue: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "`pValue` with Holm's correction for multiple comparisons (Holm 1979).",
  })
  adjustedPValue: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the difference from the best system is significant (`adjustedPValue` below 0.05).',
  })
  significant: boolean | null;
}

/** Comparisons over GraphQL: two experiments, or all systems on the same data. */
import { Args, ArgsType, Authorized, Field, ID, Int, Query, Resolver } from 'type-graphql';
import { parseId } from '../../request/parameters';
import { EvaluationProtocol, EvaluationSplit, MetricName } from '../enums';
import { Comparison, LeaderboardEntry } from './comparison.type';
import { ComparisonService, LARGEST_LEADERBOARD } from './comparison-service';
import { LEVEL } from './leaderboard';

/** Prices for the limit on the cost of a query: both compute for a moment. */
const COMPARISON_COST = 200;
const LEADERBOARD_COST = 1_000;

@ArgsType()
class CompareArgs {
  @Field(() => ID, { description: 'Id of the experiment to compare with.' })
  baselineId: string;

  @Field(() => ID, { description: 'Id of the experiment to compare.' })
  candidateId: string;

  @Field(() => MetricName, {
    defaultValue: 'PRECISION_AT_5',
    description: 'What to compare by; a metric of each user.',
  })
  metric: MetricName;

  @Field(() => EvaluationProtocol, {
    nullable: true,
    description: 'Under which protocol; the one that both experiments report under without it.',
  })
  protocol?: EvaluationProtocol | null;

  @Field(() => EvaluationSplit, {
    defaultValue: 'TEST',
    description:
      'On which held-out ratings. On VALIDATION only NDCG_AT_20 without sampled candidates can be compared.',
  })
  split: EvaluationSplit;
}

@ArgsType()
class LeaderboardArgs {
  @Field(() => EvaluationProtocol, {
    defaultValue: 'SAMPLED_LAST_ITEM',
    description: 'Under which protocol.',
  })
  protocol: EvaluationProtocol;

  @Field(() => MetricName, {
    defaultValue: 'PRECISION_AT_5',
    description: 'What to order by, highest first; a metric of each user.',
  })
  metric: MetricName;

  @Field(() => String, {
    nullable: true,
    description: 'The data, by their hash; those of the newest experiment that was measured so without it.',
  })
  datasetHash?: string | null;

  @Field(() => EvaluationSplit, { defaultValue: 'TEST', description: 'On which held-out ratings.' })
  split: EvaluationSplit;

  @Field(() => Int, {
    defaultValue: 20,
    description: `How many systems at most, 1 to ${LARGEST_LEADERBOARD}.`,
  })
  limit: number;
}

@Resolver()
export class ComparisonResolver {
  constructor(private readonly service: ComparisonService) {}

  @Authorized('ANALYST')
  @Query(() => Comparison, {
    complexity: COMPARISON_COST,
    description:
      'Whether one experiment is better than another, user by user. Both must be on the same data.',
  })
  async compareExperiments(
    @Args(() => CompareArgs) { baselineId, candidateId, ...query }: CompareArgs,
  ): Promise<Comparison> {
    const ids = [parseId('baselineId', baselineId), parseId('candidateId', candidateId)] as const;
    const { baseline, candidate, protocol, figures } = await this.service.compare(...ids, query);
    const [result] = figures.comparisons;
    return {
      baseline,
      candidate,
      protocol,
      metric: query.metric,
      split: query.split,
      users: result.users,
      baselineMean: result.baselineMean,
      candidateMean: result.candidateMean,
      difference: result.difference,
      ciLow: result.low,
      ciHigh: result.high,
      tTestPValue: result.tTest,
      wilcoxonPValue: result.wilcoxon,
      randomizationPValue: result.randomization,
      significant: result.randomization < LEVEL,
    };
  }

  @Authorized('ANALYST')
  @Query(() => [LeaderboardEntry], {
    complexity: LEADERBOARD_COST,
    description:
      'All systems that were measured on the same data, best first, each compared with the best. Trials of searches are not among them.',
  })
  leaderboard(@Args(() => LeaderboardArgs) query: LeaderboardArgs): Promise<readonly LeaderboardEntry[]> {
    return this.service.leaderboard(query);
  }
}

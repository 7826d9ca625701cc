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
  @Field(() => ID, { description: 'Id of the baseline experiment.' })
  baselineId: string;

  @Field(() => ID, { description: 'Id of the candidate experiment.' })
  candidateId: string;

  @Field(() => MetricName, {
    defaultValue: 'PRECISION_AT_5',
    description: 'Metric to compare; it must have a value for each user.',
  })
  metric: MetricName;

  @Field(() => EvaluationProtocol, {
    nullable: true,
    description: 'Evaluation protocol; default: the one both experiments report under.',
  })
  protocol?: EvaluationProtocol | null;

  @Field(() => EvaluationSplit, {
    defaultValue: 'TEST',
    description:
      'Held-out split. On `VALIDATION`, only `NDCG_AT_20` over the full catalogue can be compared.',
  })
  split: EvaluationSplit;
}

@ArgsType()
class LeaderboardArgs {
  @Field(() => EvaluationProtocol, {
    defaultValue: 'SAMPLED_LAST_ITEM',
    description: 'Evaluation protocol.',
  })
  protocol: EvaluationProtocol;

  @Field(() => MetricName, {
    defaultValue: 'PRECISION_AT_5',
    description: 'Metric to rank by, highest first; it must have a value for each user.',
  })
  metric: MetricName;

  @Field(() => String, {
    nullable: true,
    description: 'Hash of the data; default: the data of the newest matching experiment.',
  })
  datasetHash?: string | null;

  @Field(() => EvaluationSplit, { defaultValue: 'TEST', description: 'Held-out split.' })
  split: EvaluationSplit;

  @Field(() => Int, {
    defaultValue: 20,
    description: `Maximum number of systems, 1 to ${LARGEST_LEADERBOARD}.`,
  })
  limit: number;
}

@Resolver()
export class ComparisonResolver {
  constructor(private readonly service: ComparisonService) {}

  @Authorized('ANALYST')
  @Query(() => Comparison, {
    complexity: COMPARISON_COST,
    description: 'Compares two experiments user by user. Both must use the same data.',
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
      'All systems measured on the same data, best first, each compared with the best. ' +
      'Trials of searches are excluded.',
  })
  leaderboard(@Args(() => LeaderboardArgs) query: LeaderboardArgs): Promise<readonly LeaderboardEntry[]> {
    return this.service.leaderboard(query);
  }
}

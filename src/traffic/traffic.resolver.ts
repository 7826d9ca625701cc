/** Traffic splits over GraphQL. */
import { Arg, Authorized, ID, Mutation, Query, Resolver } from 'type-graphql';
import { parseId } from '../request/parameters';
import type { Split } from './split';
import {
  SplitOutcome,
  SplitReport,
  TrafficShareInput,
  TrafficSplit,
  TrafficSplitPayload,
} from './split.type';
import { type Outcome, TrafficService } from './traffic-service';

/** Price for the limit on the cost of a query: all that was shown is read. */
const REPORT_COST = 1_000;

@Resolver()
export class TrafficResolver {
  constructor(private readonly service: TrafficService) {}

  @Authorized('ADMIN')
  @Mutation(() => TrafficSplitPayload, {
    description:
      'Answers part of the users from another model. While a split runs, it is changed, and few users move; without shares it ends. Users keep their model as long as the shares stay.',
  })
  async trafficSplit(
    @Arg('shares', () => [TrafficShareInput], {
      description: 'The models; the first is what the others are compared with. Empty: end it.',
    })
    shares: TrafficShareInput[],
  ): Promise<TrafficSplitPayload> {
    const parsed = shares.map(({ modelId, weight }, at) => ({
      modelId: parseId(`shares.${at}.modelId`, modelId),
      weight,
    }));
    const split = await this.service.set(parsed);
    return { split: split && splitOf(split) };
  }

  @Authorized('ANALYST')
  @Query(() => TrafficSplit, {
    nullable: true,
    name: 'trafficSplit',
    description: 'The traffic split that runs; null when everyone gets the model in service.',
  })
  async runningSplit(): Promise<TrafficSplit | null> {
    const split = await this.service.running();
    return split && splitOf(split);
  }

  @Authorized('ANALYST')
  @Query(() => [TrafficSplit], { description: 'The latest traffic splits, 50 at most, newest first.' })
  async trafficSplits(): Promise<TrafficSplit[]> {
    return (await this.service.list()).map(splitOf);
  }

  @Authorized('ANALYST')
  @Query(() => SplitReport, {
    complexity: REPORT_COST,
    description:
      'What users did with what each model of a split had shown them. A user is one observation, however much they rated.',
  })
  async splitReport(
    @Arg('splitId', () => ID, { description: 'Id of the split.' }) splitId: string,
  ): Promise<SplitReport> {
    const { split, outcomes } = await this.service.report(parseId('splitId', splitId));
    return { split: splitOf(split), outcomes: outcomes.map(outcomeOf) };
  }
}

function splitOf({ id, startedAt, endedAt, shares }: Split): TrafficSplit {
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  const parts = shares.map(({ modelId, weight }) => ({
    modelId: String(modelId),
    weight,
    part: weight / sum,
  }));
  return { id: String(id), startedAt, endedAt, shares: parts };
}

function outcomeOf({ modelId, interval, differenceInterval, weight: _, ...figures }: Outcome): SplitOutcome {
  return {
    ...figures,
    modelId: String(modelId),
    rateCiLow: interval?.low ?? null,
    rateCiHigh: interval?.high ?? null,
    differenceCiLow: differenceInterval?.low ?? null,
    differenceCiHigh: differenceInterval?.high ?? null,
  };
}

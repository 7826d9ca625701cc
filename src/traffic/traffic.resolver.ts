/** Traffic splits over GraphQL. */
import { GraphQLDateTime } from 'graphql-scalars';
import {
  Arg,
  Authorized,
  Field,
  Float,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { parseId } from '../request/parameters';
import type { Split } from './split-store';
import { type Outcome, TrafficService } from './traffic-service';

/** Price for the limit on the cost of a query: all that was shown is read. */
const REPORT_COST = 1_000;

@InputType({ description: "One model's share of the users." })
export class TrafficShareInput {
  @Field(() => ID, { description: 'Id of the model.' })
  modelId: string;

  @Field(() => Float, {
    description: "Its weight beside the others', above 0: 1 and 1 are two halves, as 50 and 50 are.",
  })
  weight: number;
}

@ObjectType({ description: "One model's share of the users." })
export class TrafficShare {
  @Field(() => ID, { description: 'The model. It may have been deleted after the split.' })
  modelId: string;

  @Field(() => Float, {
    description: "Its weight beside the others'; 0 where it was taken out while the split ran.",
  })
  weight: number;

  @Field(() => Float, { description: 'Its part of the users, 0 to 1.' })
  part: number;
}

@ObjectType({ description: 'Which part of the users is answered from which model.' })
export class TrafficSplit {
  @Field(() => ID, { description: 'Id of the split.' })
  id: string;

  @Field(() => GraphQLDateTime, { description: 'When it began.' })
  startedAt: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended; null while it runs.' })
  endedAt: Date | null;

  @Field(() => [TrafficShare], { description: 'The models. The first is what the others are compared with.' })
  shares: TrafficShare[];
}

@ObjectType({ description: 'The answer of `trafficSplit`.' })
export class TrafficSplitPayload {
  @Field(() => TrafficSplit, {
    nullable: true,
    description: 'The split that runs now; null when it was ended.',
  })
  split: TrafficSplit | null;
}

@ObjectType({ description: 'What came of one model of a split.' })
export class SplitOutcome {
  @Field(() => ID, { description: 'The model.' })
  modelId: string;

  @Field(() => Int, { description: 'Users who were shown a list of it.' })
  users: number;

  @Field(() => Float, { description: 'Lists shown.' })
  lists: number;

  @Field(() => Float, { description: 'Movies shown: each movie once for each user.' })
  shownMovies: number;

  @Field(() => Float, {
    description: 'Of those, how many the user rated after they were shown, and before the split ended.',
  })
  ratings: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean of those ratings, 0.5 to 5 stars; null where there are none.',
  })
  meanRating: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Part of the shown movies that a user rated later: the mean over the users.',
  })
  rate: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % interval of `rate`, over users; null below two.',
  })
  rateCiLow: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of that interval.' })
  rateCiHigh: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "`rate` minus the first model's; null for the first itself.",
  })
  difference: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of the 95 % interval of the difference; above 0, the model is better.',
  })
  differenceCiLow: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper end of that interval; below 0, the model is worse.',
  })
  differenceCiHigh: number | null;
}

@ObjectType({ description: 'What came of a traffic split.' })
export class SplitReport {
  @Field(() => TrafficSplit, { description: 'The split.' })
  split: TrafficSplit;

  @Field(() => [SplitOutcome], { description: 'One for each model, the first share first.' })
  outcomes: SplitOutcome[];
}

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

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

@InputType({ description: 'Share of one model in a traffic split.' })
export class TrafficShareInput {
  @Field(() => ID, { description: 'Id of the model.' })
  modelId: string;

  @Field(() => Float, {
    description:
      'Weight relative to the other models, above 0: both 1 and 1, and 50 and 50, are two halves.',
  })
  weight: number;
}

@ObjectType({ description: 'Share of one model in a traffic split.' })
export class TrafficShare {
  @Field(() => ID, { description: 'Id of the model, which may have been deleted since.' })
  modelId: string;

  @Field(() => Float, {
    description: 'Weight relative to the other models; 0 if it was removed while the split ran.',
  })
  weight: number;

  @Field(() => Float, { description: 'Share of the users, 0 to 1.' })
  part: number;
}

@ObjectType({ description: 'A traffic split: shares of the users answered by different models.' })
export class TrafficSplit {
  @Field(() => ID, { description: 'Id of the split.' })
  id: string;

  @Field(() => GraphQLDateTime, { description: 'Time at which the split started.' })
  startedAt: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Time at which the split ended; null while it runs.',
  })
  endedAt: Date | null;

  @Field(() => [TrafficShare], { description: 'Models and shares; the first is the baseline.' })
  shares: TrafficShare[];
}

@ObjectType({ description: 'Result of `trafficSplit`.' })
export class TrafficSplitPayload {
  @Field(() => TrafficSplit, {
    nullable: true,
    description: 'The running split; null if it was ended.',
  })
  split: TrafficSplit | null;
}

@ObjectType({ description: 'Outcome of one model of a traffic split.' })
export class SplitOutcome {
  @Field(() => ID, { description: 'The model.' })
  modelId: string;

  @Field(() => Int, { description: 'Number of users who were shown a list from this model.' })
  users: number;

  @Field(() => Float, { description: 'Number of lists shown.' })
  lists: number;

  @Field(() => Float, { description: 'Number of movies shown, each counted once per user.' })
  shownMovies: number;

  @Field(() => Float, {
    description: 'Number of shown movies that the user rated afterwards, before the split ended.',
  })
  ratings: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Mean of these ratings in stars, 0.5 to 5; null if there are none.',
  })
  meanRating: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Share of shown movies that a user later rated, mean over users.',
  })
  rate: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower bound of the 95 % interval of `rate` over users; null with fewer than two users.',
  })
  rateCiLow: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper bound of the 95 % interval of `rate`; null with fewer than two users.',
  })
  rateCiHigh: number | null;

  @Field(() => Float, {
    nullable: true,
    description: "`rate` minus the baseline's; null for the baseline.",
  })
  difference: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Lower bound of the 95 % interval of `difference`; the model is better if above 0.',
  })
  differenceCiLow: number | null;

  @Field(() => Float, {
    nullable: true,
    description: 'Upper bound of the 95 % interval of `difference`; the model is worse if below 0.',
  })
  differenceCiHigh: number | null;
}

@ObjectType({ description: 'Outcomes of a traffic split.' })
export class SplitReport {
  @Field(() => TrafficSplit, { description: 'The split.' })
  split: TrafficSplit;

  @Field(() => [SplitOutcome], { description: 'One outcome per model, in the order of the shares.' })
  outcomes: SplitOutcome[];
}

@Resolver()
export class TrafficResolver {
  constructor(private readonly service: TrafficService) {}

  @Authorized('ADMIN')
  @Mutation(() => TrafficSplitPayload, {
    description:
      'Starts, changes or ends a traffic split, which answers shares of the users from ' +
      'different models. Users keep their model while shares are unchanged, and few move ' +
      'when shares change.',
  })
  async trafficSplit(
    @Arg('shares', () => [TrafficShareInput], {
      description: 'Models and weights; the first is the baseline. An empty list ends the split.',
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
    description: 'The running traffic split; null if all users get the model in service.',
  })
  async runningSplit(): Promise<TrafficSplit | null> {
    const split = await this.service.running();
    return split && splitOf(split);
  }

  @Authorized('ANALYST')
  @Query(() => [TrafficSplit], { description: 'The latest traffic splits, newest first, at most 50.' })
  async trafficSplits(): Promise<TrafficSplit[]> {
    return (await this.service.list()).map(splitOf);
  }

  @Authorized('ANALYST')
  @Query(() => SplitReport, {
    complexity: REPORT_COST,
    description: 'Outcomes of a traffic split by model. Each user counts as one observation.',
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

function outcomeOf({
  modelId,
  interval,
  differenceInterval,
  weight: _,
  ...figures
}: Outcome): SplitOutcome {
  return {
    ...figures,
    modelId: String(modelId),
    rateCiLow: interval?.low ?? null,
    rateCiHigh: interval?.high ?? null,
    differenceCiLow: differenceInterval?.low ?? null,
    differenceCiHigh: differenceInterval?.high ?? null,
  };
}

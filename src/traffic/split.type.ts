/** Traffic splits and their reports, as clients see them. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

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

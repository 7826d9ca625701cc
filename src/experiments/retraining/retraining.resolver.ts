/** Trainings that begin by themselves, over GraphQL: whether, why and when. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Authorized, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { graphqlEnum } from '../../request/graphql-enum';
import { Experiment } from '../experiment.entity';
import { ExperimentService } from '../experiment-service';
import { RetrainingService } from './retraining-service';

const RetrainingReason = graphqlEnum('RetrainingReason', 'Why a training began by itself.', {
  SCHEDULE: 'The cron expression named the time.',
  NEW_RATINGS: 'Enough was rated since the last training.',
});

@ObjectType({
  description:
    'Trainings that begin by themselves: what is in service is trained again on the data of the day.',
})
export class Retraining {
  @Field(() => String, {
    nullable: true,
    description: 'The cron expression, in UTC; null where there is no schedule.',
  })
  cron: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'After how many new ratings a training begins; null where they begin none.',
  })
  afterRatings: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Ratings since the last training; null where they are not counted.',
  })
  newRatings: number | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'When the schedule next begins a training; now, while it waits for another one to end. Null without a schedule.',
  })
  nextAt: Date | null;

  @Field(() => RetrainingReason, {
    nullable: true,
    description: 'Why the last one began; null before the first.',
  })
  lastReason: keyof typeof RetrainingReason | null;

  experimentId: number | null;
}

@Resolver(() => Retraining)
export class RetrainingResolver {
  constructor(
    private readonly service: RetrainingService,
    private readonly experiments: ExperimentService,
  ) {}

  @Authorized('ANALYST')
  @Query(() => Retraining, {
    description: 'Which trainings begin by themselves, and when the next one is due.',
  })
  async retraining(): Promise<Retraining> {
    const { rules, reason, ...state } = await this.service.state();
    return Object.assign(new Retraining(), state, {
      cron: rules.cron ?? null,
      afterRatings: rules.afterRatings ?? null,
      lastReason: reason,
    });
  }

  @FieldResolver(() => Experiment, {
    nullable: true,
    description: 'The last training that began by itself; null before the first.',
  })
  async lastExperiment(@Root() { experimentId }: Retraining): Promise<Experiment | null> {
    return experimentId === null ? null : this.experiments.get(experimentId);
  }
}

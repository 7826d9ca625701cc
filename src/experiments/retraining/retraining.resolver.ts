/** Trainings that begin by themselves, over GraphQL: whether, why and when. */
import { GraphQLDateTime } from 'graphql-scalars';
import { Authorized, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { graphqlEnum } from '../../request/graphql-enum';
import { Experiment } from '../experiment.entity';
import { ExperimentService } from '../experiment-service';
import { RetrainingService } from './retraining-service';

const RetrainingReason = graphqlEnum('RetrainingReason', 'Trigger of an automatic training.', {
  SCHEDULE: 'The cron schedule was due.',
  NEW_RATINGS: 'Enough new ratings since the last training.',
});

@ObjectType({
  description: 'Automatic retraining of the model in service on current data.',
})
export class Retraining {
  @Field(() => String, {
    nullable: true,
    description: 'Cron expression of the schedule, in UTC; null if there is none.',
  })
  cron: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Number of new ratings that triggers a training; null if ratings trigger none.',
  })
  afterRatings: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Number of ratings since the last training; null if not counted.',
  })
  newRatings: number | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      'Time of the next scheduled training; now, if it is waiting for another to end. Null ' +
      'without a schedule.',
  })
  nextAt: Date | null;

  @Field(() => RetrainingReason, {
    nullable: true,
    description: 'Trigger of the last automatic training; null before the first.',
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
    description: 'Automatic retraining: its triggers and the next scheduled run.',
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
    description: 'The last automatic training; null before the first.',
  })
  async lastExperiment(@Root() { experimentId }: Retraining): Promise<Experiment | null> {
    return experimentId === null ? null : this.experiments.get(experimentId);
  }
}

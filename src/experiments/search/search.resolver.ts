/** Searches over GraphQL: read, follow, cancel. `trainModel` starts them. */
import {
  Arg,
  Args,
  ArgsType,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  Float,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { decidingProtocolOf } from '../../evaluation/protocols';
import type { RequestContext } from '../../request/context';
import { parseId } from '../../request/parameters';
import { FINAL_STATUSES } from '../enums';
import { Experiment } from '../experiment.entity';
import type { ExperimentService } from '../experiment-service';
import { metricsOf, searchOf, trainingsOf } from '../loaders';
import { OBJECTIVE } from '../user-figures';
import { HyperparameterSearch } from './hyperparameter-search.entity';
import { SearchService } from './search-service';

@ObjectType({ description: 'Result of `cancelSearch`.' })
export class CancelSearchPayload {
  @Field(() => HyperparameterSearch, {
    description: 'The search. Its running training becomes `CANCELLED` within two seconds.',
  })
  search: HyperparameterSearch;
}

@ArgsType()
class SearchesArgs {
  @Field(() => Int, { defaultValue: 50, description: 'Maximum number of items, 1 to 200.' })
  limit: number;

  @Field(() => Int, { defaultValue: 0, description: 'Number of items to skip.' })
  offset: number;
}

@Resolver(() => HyperparameterSearch)
export class SearchResolver {
  constructor(private readonly service: SearchService) {}

  @Authorized('ANALYST')
  @Query(() => HyperparameterSearch, {
    nullable: true,
    description: 'A hyperparameter search by id; null if it does not exist.',
  })
  search(
    @Arg('id', () => ID, { description: 'Id of the search.' }) id: string,
  ): Promise<HyperparameterSearch | null> {
    return this.service.get(parseId('id', id));
  }

  @Authorized('ANALYST')
  @Query(() => [HyperparameterSearch], { description: 'Hyperparameter searches, newest first.' })
  searches(@Args(() => SearchesArgs) page: SearchesArgs): Promise<HyperparameterSearch[]> {
    return this.service.list(page);
  }

  @Authorized('ADMIN')
  @Mutation(() => CancelSearchPayload, { description: 'Cancels a search and all its trainings.' })
  async cancelSearch(
    @Arg('searchId', () => ID, { description: 'Id of the search.' }) searchId: string,
  ): Promise<CancelSearchPayload> {
    return { search: await this.service.cancel(parseId('searchId', searchId)) };
  }

  @FieldResolver(() => [Experiment], { description: 'All trials so far, ordered by rung and point.' })
  async trials(
    @Root() { id }: HyperparameterSearch,
    @Ctx() context: RequestContext,
  ): Promise<Experiment[]> {
    return (await trainingsOf(this.service, context, id)).filter(
      ({ searchRole }) => searchRole === 'TRIAL',
    );
  }

  @FieldResolver(() => Experiment, {
    nullable: true,
    description: 'The winning trial; null until all trials have ended.',
  })
  async winner(
    @Root() { id }: HyperparameterSearch,
    @Ctx() context: RequestContext,
  ): Promise<Experiment | null> {
    return (await trainingsOf(this.service, context, id)).find(({ winner }) => winner) ?? null;
  }

  @FieldResolver(() => Experiment, {
    nullable: true,
    description: 'Final training with the winning hyperparameters; null until there is a winner.',
  })
  async final(
    @Root() { id }: HyperparameterSearch,
    @Ctx() context: RequestContext,
  ): Promise<Experiment | null> {
    return (
      (await trainingsOf(this.service, context, id)).find(({ searchRole }) => searchRole === 'FINAL') ??
      null
    );
  }

  @FieldResolver(() => Float, {
    description: 'Share of trainings that have ended, 0 to 1.',
  })
  async progress(
    @Root() { id, status, rungs }: HyperparameterSearch,
    @Ctx() context: RequestContext,
  ): Promise<number> {
    if (status !== 'RUNNING') return 1;
    const over = (await trainingsOf(this.service, context, id)).filter((training) =>
      FINAL_STATUSES.has(training.status),
    ).length;
    return over / (rungs.reduce((sum, { trials }) => sum + trials, 0) + 1);
  }
}

/** The search of an experiment, and what decides in it. */
@Resolver(() => Experiment)
export class ExperimentSearchResolver {
  constructor(
    private readonly searches: SearchService,
    private readonly experiments: ExperimentService,
  ) {}

  @FieldResolver(() => HyperparameterSearch, {
    nullable: true,
    description: 'Hyperparameter search that this training belongs to; null if none.',
  })
  async search(
    @Root() { searchId }: Experiment,
    @Ctx() context: RequestContext,
  ): Promise<HyperparameterSearch | null> {
    return searchId === null ? null : searchOf(this.searches, context, searchId);
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'NDCG@20 on the validation split over the full catalogue, the objective of early ' +
      'stopping and searches; null until measured.',
  })
  async validationObjective(
    @Root() { id, protocol }: Experiment,
    @Ctx() context: RequestContext,
  ): Promise<number | null> {
    const deciding = decidingProtocolOf(protocol);
    const rows = await metricsOf(this.experiments, context, id);
    return (
      rows.find((row) => row.protocol === deciding && row.split === 'VALIDATION' && row.name === OBJECTIVE)
        ?.mean ?? null
    );
  }
}

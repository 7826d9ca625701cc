/** Experiments over GraphQL: ask for a training, follow it, read what it measured. */
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
  Subscription,
} from 'type-graphql';
import { MEASUREMENTS, type MeasurementName } from '../evaluation/metrics';
import type { RequestContext } from '../request/context';
import { parseId } from '../request/parameters';
import { EvaluationProtocol, EvaluationSplit } from './enums';
import { Experiment } from './experiment.entity';
import { ExperimentFilter, ExperimentOrder, type SearchInput, TrainModelInput } from './experiment.input';
import { ExperimentService, ExperimentWatch } from './experiment-service';
import { coldStartOf, epochsOf, metricsOf, modelsOf } from './loaders';
import { ColdStartPoint, EpochRecord, Metric } from './metric.entity';
import { Model } from './model.entity';
import { HyperparameterSearch } from './search/hyperparameter-search.entity';
import { SearchService } from './search/search-service';

@ObjectType({ description: 'Result of `trainModel`.' })
export class TrainModelPayload {
  @Field(() => Experiment, {
    description:
      'The experiment. For a search: its first trial, or with `wait` the final training if ' +
      'there is one.',
  })
  experiment: Experiment;

  @Field(() => HyperparameterSearch, {
    nullable: true,
    description: 'The hyperparameter search; null if none was requested.',
  })
  search: HyperparameterSearch | null;
}

@ObjectType({ description: 'Result of `cancelTraining`.' })
export class CancelTrainingPayload {
  @Field(() => Experiment, {
    description: 'The experiment. A running one becomes `CANCELLED` within two seconds.',
  })
  experiment: Experiment;
}

@ArgsType()
class ExperimentsArgs {
  @Field(() => ExperimentFilter, {
    nullable: true,
    description: 'Conditions on the experiments; default: all.',
  })
  filter?: ExperimentFilter | null;

  @Field(() => ExperimentOrder, {
    nullable: true,
    description: 'Order of the list; default: newest first.',
  })
  orderBy?: ExperimentOrder | null;

  @Field(() => Int, { defaultValue: 50, description: 'Maximum number of items, 1 to 200.' })
  limit: number;

  @Field(() => Int, { defaultValue: 0, description: 'Number of items to skip.' })
  offset: number;
}

const EXPERIMENT_ID = 'Id of the experiment.';

@Resolver(() => Experiment)
export class ExperimentResolver {
  constructor(
    private readonly service: ExperimentService,
    private readonly searches: SearchService,
  ) {}

  @Authorized('ANALYST')
  @Query(() => [Experiment], { description: 'Experiments with their measured values, newest first.' })
  experiments(
    @Args(() => ExperimentsArgs) { filter, orderBy, limit, offset }: ExperimentsArgs,
  ): Promise<Experiment[]> {
    const searchId = filter?.searchId == null ? null : parseId('filter.searchId', filter.searchId);
    return this.service.find({ ...filter, searchId }, orderBy ?? null, { limit, offset });
  }

  @Authorized('ANALYST')
  @Query(() => Experiment, {
    nullable: true,
    description: 'An experiment by id; null if it does not exist.',
  })
  experiment(@Arg('id', () => ID, { description: EXPERIMENT_ID }) id: string): Promise<Experiment | null> {
    return this.service.get(parseId('id', id));
  }

  @Authorized('ADMIN')
  @Mutation(() => TrainModelPayload, {
    description:
      'Queues a training and returns its experiment, which records the progress. `input` is optional.',
  })
  async trainModel(
    @Arg('input', () => TrainModelInput, {
      nullable: true,
      description: 'What to train; the metric tower with default settings if omitted.',
    })
    input: TrainModelInput | null,
  ): Promise<TrainModelPayload> {
    if (input?.search) return this.searchFor(input, input.search);
    const experiment = await this.service.start(input ?? {});
    return { experiment: input?.wait ? await this.service.wait(experiment.id) : experiment, search: null };
  }

  private async searchFor(input: TrainModelInput, options: SearchInput): Promise<TrainModelPayload> {
    const { id } = await this.searches.start(input, options);
    const search = input.wait ? await this.searches.wait(id) : await this.searches.require(id);
    const trainings = await this.searches.trainingsOf([id]);
    const final = input.wait ? trainings.find(({ searchRole }) => searchRole === 'FINAL') : undefined;
    return { experiment: final ?? trainings[0], search };
  }

  @Authorized('ADMIN')
  @Mutation(() => CancelTrainingPayload, { description: 'Cancels a queued or running training.' })
  async cancelTraining(
    @Arg('experimentId', () => ID, { description: EXPERIMENT_ID }) experimentId: string,
  ): Promise<CancelTrainingPayload> {
    return { experiment: await this.service.cancel(parseId('experimentId', experimentId)) };
  }

  @Authorized('ANALYST')
  @Subscription(() => Experiment, {
    description:
      'Progress of a training: the experiment now, after every change, and last with its ' +
      'final status.',
    subscribe: ({ args }) => steps((args as { experimentId: string }).experimentId),
  })
  trainingProgress(
    @Root() watch: ExperimentWatch,
    @Arg('experimentId', () => ID, { description: EXPERIMENT_ID }) _experimentId: string,
  ): Promise<Experiment> {
    return this.service.next(watch);
  }

  @FieldResolver(() => [Metric], {
    description: 'All measured values, by protocol, split and metric.',
  })
  async metrics(
    @Root() { id }: Experiment,
    @Ctx() context: RequestContext,
    @Arg('protocol', () => EvaluationProtocol, {
      nullable: true,
      description: 'Returns only values of this protocol.',
    })
    protocol: EvaluationProtocol | null,
    @Arg('split', () => EvaluationSplit, {
      nullable: true,
      description: 'Returns only values of this split.',
    })
    split: EvaluationSplit | null,
  ): Promise<Metric[]> {
    const rows = await metricsOf(this.service, context, id);
    return rows.filter(
      (row) => (protocol == null || row.protocol === protocol) && (split == null || row.split === split),
    );
  }

  @FieldResolver(() => [ColdStartPoint], {
    description:
      'Test accuracy by number of known ratings: of new users under `NEW_USERS` (recall@20, ' +
      'NDCG@20), of new movies under `COLD_ITEMS` with `measureColdItems` (recall@10, ' +
      'NDCG@10). Empty otherwise, or if too few have enough ratings.',
  })
  coldStart(@Root() { id }: Experiment, @Ctx() context: RequestContext): Promise<ColdStartPoint[]> {
    return coldStartOf(this.service, context, id);
  }

  @FieldResolver(() => [EpochRecord], { description: 'Epochs finished so far, in order.' })
  epochs(@Root() { id }: Experiment, @Ctx() context: RequestContext): Promise<EpochRecord[]> {
    return epochsOf(this.service, context, id);
  }

  @FieldResolver(() => Model, {
    nullable: true,
    description:
      'The trained model; null until the training succeeds, and for trials of a search, ' +
      'whose models are not stored.',
  })
  async model(@Root() { id }: Experiment, @Ctx() context: RequestContext): Promise<Model | null> {
    const [model] = await modelsOf(this.service, context, id);
    return model ?? null;
  }

  /** @returns null until it is measured */
  async headline(
    { id, protocol }: Experiment,
    context: RequestContext,
    name: MeasurementName,
  ): Promise<number | null> {
    const rows = await metricsOf(this.service, context, id);
    return (
      rows.find((row) => row.protocol === protocol && row.split === 'TEST' && row.name === name)?.mean ??
      null
    );
  }
}

// The headline measurements as fields of the experiment itself: `precisionAt5` and so on.
for (const { field, name, description: metric } of MEASUREMENTS) {
  if (field === null) continue;
  const prototype = ExperimentResolver.prototype;
  const value = function (
    this: ExperimentResolver,
    experiment: Experiment,
    context: RequestContext,
  ): Promise<number | null> {
    return this.headline(experiment, context, name);
  };
  const descriptor: PropertyDescriptor = { value, writable: true, configurable: true };
  Object.defineProperty(prototype, field, descriptor);
  const description = `${metric} On the test split, under the experiment's \`protocol\`; null until measured.`;
  Root()(prototype, field, 0);
  Ctx()(prototype, field, 1);
  FieldResolver(() => Float, { nullable: true, description })(prototype, field, descriptor);
}

/** `subscribe` has no way to the resolver's instance, so the events are empty, and resolving one
 *  waits for the next change.
 *  @throws BadUserInputError */
function steps(experimentId: string): AsyncGenerator<ExperimentWatch, void, void> {
  const watch = new ExperimentWatch(parseId('experimentId', experimentId));
  return (async function* () {
    try {
      while (!watch.over) yield watch;
    } finally {
      watch.over = true; // the client is gone
    }
  })();
}

/** Models over GraphQL: which there are, which one is in service, and how to change that. */
import {
  Arg,
  Args,
  ArgsType,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Task } from '../models/system';
import type { RequestContext } from '../request/context';
import { parseId } from '../request/parameters';
import { ModelTask } from './enums';
import { Experiment } from './experiment.entity';
import { ExperimentService } from './experiment-service';
import { activeModelId, experimentOf } from './loaders';
import { Model } from './model.entity';
import { ModelStore } from './model-store';

@ObjectType({ description: 'The answer of `promoteModel` and `rollbackModel`.' })
export class PromoteModelPayload {
  @Field(() => Model, {
    description:
      'The model that is in service now. A roll-back for tags may leave none in service: then it is the one that was taken out, and not `active`.',
  })
  model: Model;

  @Field(() => String, {
    nullable: true,
    description:
      'How it compares with the model that was in service before, or why it was not compared; null with `force`.',
  })
  note?: string | null;
}

@ObjectType({ description: 'The answer of `deleteModel`.' })
export class DeleteModelPayload {
  @Field(() => ID, { description: 'The model that was deleted.' })
  modelId: string;
}

@ArgsType()
class PromoteModelArgs {
  @Field(() => ID, { description: 'Id of the model.' })
  modelId: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether to promote it even if it is worse than the model in service; without it that is refused as MODEL_WORSE.',
  })
  force: boolean;
}

const TASK = 'What the model ranks.';

@Resolver(() => Model)
export class ModelResolver {
  constructor(
    private readonly store: ModelStore,
    private readonly experiments: ExperimentService,
  ) {}

  @Authorized('ANALYST')
  @Query(() => [Model], { description: 'All stored models, newest first.' })
  models(): Promise<Model[]> {
    return this.store.list();
  }

  @Authorized('ANALYST')
  @Query(() => Model, {
    nullable: true,
    description:
      'The model in service for a task; null before the first one, while popularity answers (for tags: the movie space).',
  })
  async activeModel(
    @Arg('task', () => ModelTask, { defaultValue: 'MOVIES', description: TASK }) task: Task,
  ): Promise<Model | null> {
    const active = await this.store.active(task);
    return active && this.store.get(active.modelId);
  }

  @Authorized('ADMIN')
  @Mutation(() => PromoteModelPayload, {
    description:
      'Puts a stored model in service for its task, unless it is worse than the one in service beyond the interval.',
  })
  promoteModel(
    @Args(() => PromoteModelArgs) { modelId, force }: PromoteModelArgs,
  ): Promise<PromoteModelPayload> {
    return this.store.promote(parseId('modelId', modelId), { force });
  }

  @Authorized('ADMIN')
  @Mutation(() => PromoteModelPayload, {
    description:
      'Puts the model in service that was before; again, and it goes one further back. Deleted ones are passed by. ' +
      'For tags it goes back to none in the end: then the movie space answers, as before the first tag model.',
  })
  async rollbackModel(
    @Arg('task', () => ModelTask, { defaultValue: 'MOVIES', description: TASK }) task: Task,
  ): Promise<PromoteModelPayload> {
    return { model: await this.store.rollback(task) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteModelPayload, {
    description:
      'Deletes a stored model for good. Its experiment stays. The model in service, and those of the running split, cannot be deleted.',
  })
  async deleteModel(
    @Arg('modelId', () => ID, { description: 'Id of the model.' }) modelId: string,
  ): Promise<DeleteModelPayload> {
    const { id } = await this.store.delete(parseId('modelId', modelId));
    return { modelId: String(id) };
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is in service for its task.' })
  async active(@Root() { id, task }: Model, @Ctx() context: RequestContext): Promise<boolean> {
    return (await activeModelId(this.store, context, task)) === id;
  }

  @FieldResolver(() => Experiment, { description: 'The training that made it.' })
  experiment(@Root() { experimentId }: Model, @Ctx() context: RequestContext): Promise<Experiment> {
    return experimentOf(this.experiments, context, experimentId);
  }
}

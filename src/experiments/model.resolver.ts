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

@ObjectType({ description: 'Result of `promoteModel` and `rollbackModel`.' })
export class PromoteModelPayload {
  @Field(() => Model, {
    description:
      'The model now in service. If a rollback leaves no tag model in service, the one ' +
      'taken out, with `active` false.',
  })
  model: Model;

  @Field(() => String, {
    nullable: true,
    description: 'Comparison with the previous model, or why none was made; null with `force`.',
  })
  note?: string | null;
}

@ObjectType({ description: 'Result of `deleteModel`.' })
export class DeleteModelPayload {
  @Field(() => ID, { description: 'Id of the deleted model.' })
  modelId: string;
}

@ArgsType()
class PromoteModelArgs {
  @Field(() => ID, { description: 'Id of the model.' })
  modelId: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Promotes the model even if it is worse than the current one; otherwise that fails ' +
      'with MODEL_WORSE.',
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
      'The model in service for a task; null before the first one, while popularity (for ' +
      'tags, the movie space) answers.',
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
      'Puts a stored model in service for its task, unless it is significantly worse than ' +
      'the current one.',
  })
  promoteModel(
    @Args(() => PromoteModelArgs) { modelId, force }: PromoteModelArgs,
  ): Promise<PromoteModelPayload> {
    return this.store.promote(parseId('modelId', modelId), { force });
  }

  @Authorized('ADMIN')
  @Mutation(() => PromoteModelPayload, {
    description:
      'Puts the previous model back in service; each call goes back one more, skipping ' +
      'deleted models. For tags the first step is no tag model, when the movie space answers.',
  })
  async rollbackModel(
    @Arg('task', () => ModelTask, { defaultValue: 'MOVIES', description: TASK }) task: Task,
  ): Promise<PromoteModelPayload> {
    return { model: await this.store.rollback(task) };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteModelPayload, {
    description:
      'Deletes a stored model permanently; its experiment is kept. Models in service or in ' +
      'the running traffic split cannot be deleted.',
  })
  async deleteModel(
    @Arg('modelId', () => ID, { description: 'Id of the model.' }) modelId: string,
  ): Promise<DeleteModelPayload> {
    const { id } = await this.store.delete(parseId('modelId', modelId));
    return { modelId: String(id) };
  }

  @FieldResolver(() => Boolean, { description: 'Whether the model is in service for its task.' })
  async active(@Root() { id, task }: Model, @Ctx() context: RequestContext): Promise<boolean> {
    return (await activeModelId(this.store, context, task)) === id;
  }

  @FieldResolver(() => Experiment, { description: 'The experiment that trained the model.' })
  experiment(@Root() { experimentId }: Model, @Ctx() context: RequestContext): Promise<Experiment> {
    return experimentOf(this.experiments, context, experimentId);
  }
}

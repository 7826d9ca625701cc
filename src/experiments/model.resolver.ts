/** Models over GraphQL: which there are, which one is in service, and how to change that. */
import { Arg, Args, ArgsType, Authorized, Ctx, Field, FieldResolver, ID, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { parseId } from '../catalog/parameters';
import type { RequestContext } from '../graphql/context';
import { Experiment } from './experiment.entity';
import { ExperimentService } from './experiment-service';
import { activeModelId, experimentOf } from './loaders';
import { Model } from './model.entity';
import { ModelStore } from './model-store';

@ObjectType({ description: 'The answer of `promoteModel` and `rollbackModel`.' })
export class PromoteModelPayload {
  @Field(() => Model, { description: 'The model that is in service now.' })
  model: Model;

  @Field(() => String, {
    nullable: true,
    description: 'How it compares with the model that was in service before, or why it was not compared; null with `force`.',
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
    description: 'Whether to promote it even if it is worse than the model in service; without it that is refused as MODEL_WORSE.',
  })
  force: boolean;
}

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
  @Query(() => Model, { nullable: true, description: 'The model in service; null before the first one, while popularity answers.' })
  async activeModel(): Promise<Model | null> {
    const active = await this.store.active();
    return active && this.store.get(active.modelId);
  }

  @Authorized('ADMIN')
  @Mutation(() => PromoteModelPayload, {
    description: 'Puts a stored model in service, unless it is worse than the one in service beyond the interval.',
  })
  promoteModel(@Args(() => PromoteModelArgs) { modelId, force }: PromoteModelArgs): Promise<PromoteModelPayload> {
    return this.store.promote(parseId('modelId', modelId), { force });
  }

  @Authorized('ADMIN')
  @Mutation(() => PromoteModelPayload, {
    description: 'Puts the model in service that was before; again, and it goes one further back. Deleted ones are passed by.',
  })
  async rollbackModel(): Promise<PromoteModelPayload> {
    return { model: await this.store.rollback() };
  }

  @Authorized('ADMIN')
  @Mutation(() => DeleteModelPayload, {
    description:
      'Deletes a stored model for good. Its experiment stays. The model in service, and those of the running split, cannot be deleted.',
  })
  async deleteModel(@Arg('modelId', () => ID, { description: 'Id of the model.' }) modelId: string): Promise<DeleteModelPayload> {
    const { id } = await this.store.delete(parseId('modelId', modelId));
    return { modelId: String(id) };
  }

  @FieldResolver(() => Boolean, { description: 'Whether it is in service.' })
  async active(@Root() { id }: Model, @Ctx() context: RequestContext): Promise<boolean> {
    return (await activeModelId(this.store, context)) === id;
  }

  @FieldResolver(() => Experiment, { description: 'The training that made it.' })
  experiment(@Root() { experimentId }: Model, @Ctx() context: RequestContext): Promise<Experiment> {
    return experimentOf(this.experiments, context, experimentId);
  }
}

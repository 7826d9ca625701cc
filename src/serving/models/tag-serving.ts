/** Tags from the tag model in service: who put what on what is evidence as of now, what was learned
 *  from it is the model's. */
import type { Database } from '../../database/database';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { LiveTaggings } from '../states/live-taggings';
import type { NearTag } from './live-model';
import { ModelKeeper } from './model-keeper';
import type { ModelSource } from './model-source';
import { ServedTagModel } from './served-tag-model';

export interface TagServingOptions {
  readonly database: Database;
  /** Of the models that rank tags. */
  readonly models: ModelSource;
  readonly log: { info(message: string): void; warn(message: string): void };
}

export interface TagQuestion {
  readonly userId: number;
  /** Null or left out: tags that the user cares for. */
  readonly movieId?: number | null | undefined;
  readonly k: number;
}

export class TagServing {
  private readonly taggings: LiveTaggings;
  private readonly keeper: ModelKeeper<ServedTagModel>;

  constructor(private readonly options: TagServingOptions) {
    const { database, models, log } = options;
    this.taggings = new LiveTaggings(database);
    const load = async (modelId: number) => new ServedTagModel(await models.loadArtifact(modelId));
    this.keeper = new ModelKeeper(models, load, (message) => log.warn(message), 'the movie space');
  }

  /** Takes into service what is active, or nothing. @param retry whether to try a refused model
   *  again at once */
  async refresh(retry: boolean): Promise<void> {
    const former = this.keeper.current?.active.activationId;
    const now = (await this.keeper.refresh(retry))?.active;
    if (now?.activationId === former) return;
    if (now === undefined) this.taggings.clear();
    this.options.log.info(
      now === undefined ? 'No tag model is in service.' : `Tag model ${now.modelId} is in service.`,
    );
  }

  /** A tagging of this user may have come or gone. */
  historyChanged(userId: number): void {
    if (this.keeper.current !== null) this.taggings.historyChanged(userId);
  }

  /** Everything may have changed. */
  catalogChanged(): void {
    this.taggings.clear();
  }

  /** The tags nearest to the pair of user and movie, without what the user put on the movie
   *  already. The first answer reads all taggings once.
   *  @param always false: null where neither user nor movie has a tag, since then all that the
   *    model knows is which tags are popular
   *  @returns nearest first; null without a model */
  async recommend(
    { userId, movieId = null, k }: TagQuestion,
    catalog: CatalogSnapshot,
    always: boolean,
  ): Promise<NearTag[] | null> {
    const kept = this.keeper.current;
    if (kept === null) return null;
    const taggings = await this.taggings.upToDate();
    const evidence = taggings.of(userId, movieId);
    if (evidence.size === 0 && !always) return null;
    const without = movieId === null ? [] : taggings.tagsPut(userId, movieId);
    return kept.placed.nearest({ userId, movieId, evidence, without, k }, catalog);
  }
}

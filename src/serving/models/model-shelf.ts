/** The models in memory: the active one, those of the router, and the few that were asked for last.
 *  Each is placed over the catalog once. */
import { LRUCache } from 'lru-cache';
import { ModelNotServableError } from '../../errors';
import type { Artifact } from '../../models/artifact';
import { CorruptArtifactError } from '../../models/artifact';
import type { MetricSpace } from '../../models/metric-space';
import { createState, type LiveState } from '../ranker/ranking';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { checkSpace, LiveModel, placeMovies, tagsOfColdMovies, UnservableSpaceError } from './live-model';
import type { ModelSource } from './model-source';

/** One movie catalog of 62,000 at 64 dimensions takes some 60 MB for each model. */
const UNHELD_MODELS = 3;
/** A model may have been deleted: it is asked for again after this long. */
const UNHELD_MS = 600_000;

export interface ShelfOptions {
  readonly source: ModelSource;
  readonly readSpace: (artifact: Artifact) => MetricSpace;
  readonly kernel: WebAssembly.Module | null;
}

export class ModelShelf {
  private held = new Map<number, PlacedModel>();
  private readonly unheld = new LRUCache<number, PlacedModel>({ max: UNHELD_MODELS, ttl: UNHELD_MS });
  private readonly loading = new Map<number, Promise<PlacedModel>>();

  constructor(private readonly options: ShelfOptions) {}

  /** The model, if it is in memory. */
  inMemory(modelId: number): PlacedModel | undefined {
    return this.held.get(modelId) ?? this.unheld.get(modelId);
  }

  /** The model, read once for all who wait for it.
   *  @throws NotFoundError, CorruptArtifactError, UnservableSpaceError, or whatever the database
   *    throws */
  async load(modelId: number): Promise<PlacedModel> {
    const known = this.inMemory(modelId);
    if (known !== undefined) return known;
    const underWay = this.loading.get(modelId);
    if (underWay !== undefined) return underWay;
    const reading = this.read(modelId).finally(() => this.loading.delete(modelId));
    this.loading.set(modelId, reading);
    return reading;
  }

  /** These stay in memory; the others are forgotten in their turn. */
  hold(models: readonly PlacedModel[]): void {
    const former = this.held;
    this.held = new Map(models.map((model) => [model.modelId, model]));
    for (const [modelId, model] of former) if (!this.held.has(modelId)) this.unheld.set(modelId, model);
    for (const modelId of this.held.keys()) this.unheld.delete(modelId);
  }

  private async read(modelId: number): Promise<PlacedModel> {
    const { source, readSpace } = this.options;
    const space = readSpace(await source.loadArtifact(modelId));
    checkSpace(space);
    const model = new PlacedModel(modelId, space, this.options.kernel);
    this.unheld.set(modelId, model);
    return model;
  }
}

/** A model and where it puts the catalog of now. */
export class PlacedModel {
  private latest: LiveState | undefined;
  private coldTagsKey = '';

  constructor(
    readonly modelId: number,
    readonly space: MetricSpace,
    private readonly kernel: WebAssembly.Module | null,
  ) {}

  /** What is costly is made only where movies, or tags that place them, differ.
   *  @param activationId 0 for a model that is not the active one
   *  @returns the same state as the last time, if nothing has changed */
  over(catalog: CatalogSnapshot, activationId: number): LiveState {
    const former = this.latest?.model;
    if (former?.catalog === catalog && former.activationId === activationId) return this.latest!;
    const coldTags = tagsOfColdMovies(this.space, catalog);
    const coldTagsKey = JSON.stringify([...coldTags]);
    const stays = former?.placement.movies === catalog.movies && coldTagsKey === this.coldTagsKey;
    const placement = stays
      ? former.placement
      : placeMovies(this.space, catalog.movies, coldTags, this.kernel);
    this.coldTagsKey = coldTagsKey;
    this.latest = createState(
      catalog,
      new LiveModel({ modelId: this.modelId, activationId }, catalog, placement),
    );
    return this.latest;
  }
}

/** What a client is told of a model that it asked for. @returns the error to throw */
export function asAskedFor(modelId: number, error: unknown): unknown {
  if (error instanceof CorruptArtifactError || error instanceof UnservableSpaceError) {
    return new ModelNotServableError(`Model ${modelId} cannot be served: ${error.message}`);
  }
  return error;
}

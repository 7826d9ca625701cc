/** The models in memory: the active one, those that the router sends users to, and the few most
 *  recently requested by id; each is combined with the catalog once. */
import { LRUCache } from 'lru-cache';
import { ModelNotServableError } from '../../errors';
import { type Artifact, CorruptArtifactError } from '../../models/artifact';
import type { MetricSpace } from '../../models/metric-space';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { checkSpace, LiveModel, type LiveState, placeMovies, tagsOfColdMovies } from './live-model';
import { ActiveModelKeeper, type ModelSource, RETRY_REFUSED_MS, reasonOf } from './model-source';

/** Which users are answered from which model: what a traffic split decides. */
export interface ModelRouter {
  /** Models to keep in memory besides the active one. Read at every change and every poll. */
  modelIds(): readonly number[];
  /** Called for every list of a known user, so it must not wait. @returns null for the active
   *  model */
  modelFor(userId: number): number | null;
  /** Told of every list for a known user that did not name its own model. It must not throw, and
   *  must not take long. */
  served(list: ServedList): void;
}

export interface ServedList {
  readonly userId: number;
  /** The model that the list came from: the active one where the routed one is not in memory. Null:
   *  there is no model. */
  readonly modelId: number | null;
  /** Best first. */
  readonly movieIds: readonly number[];
  readonly source: string;
}

/** Models in memory that were only named by requests. A catalog of 62,000 movies at 64 dimensions
 *  takes some 60 MB a model. */
const MOST_NAMED = 3;
/** A model may have been deleted: it is read again after this long. */
const NAMED_MS = 600_000;

export interface ServedModelsOptions {
  readonly source: ModelSource;
  /** @throws CorruptArtifactError */
  readonly readSpace: (artifact: Artifact) => MetricSpace;
  /** Null: the plain distance scan. */
  readonly kernel: WebAssembly.Module | null;
  readonly router: ModelRouter | undefined;
  readonly log: { info(message: string): void; warn(message: string): void };
}

export class ServedModels {
  private readonly keeper: ActiveModelKeeper<PlacedModel>;
  /** The active model and the routed ones. */
  private held = new Map<number, PlacedModel>();
  private readonly named = new LRUCache<number, PlacedModel>({ max: MOST_NAMED, ttl: NAMED_MS });
  private readonly loading = new Map<number, Promise<PlacedModel>>();
  private state: LiveState;
  private activationId: number | null = null;
  private routed: ReadonlyMap<number, LiveState> = new Map();
  private routedIds = '';
  /** When a routed model was last found to be unreadable. */
  private readonly refused = new Map<number, number>();

  constructor(
    private readonly options: ServedModelsOptions,
    catalog: CatalogSnapshot,
  ) {
    const { source, log } = options;
    this.state = { catalog, model: null };
    this.keeper = new ActiveModelKeeper({
      source,
      load: (modelId) => this.load(modelId),
      warn: (message) => log.warn(message),
      substitute: 'popularity',
    });
  }

  /** The active model over the catalog, as of the last `renew`. */
  get live(): LiveState {
    return this.state;
  }

  status() {
    return {
      activeModelId: this.state.model?.modelId ?? null,
      activationId: this.activationId,
      modelProblem: this.keeper.problem,
    };
  }

  /** @returns the state from which the user is answered */
  stateFor(userId: number): LiveState {
    const modelId = this.options.router?.modelFor(userId) ?? null;
    return (modelId !== null && this.routed.get(modelId)) || this.state;
  }

  /** @returns the state of a model that a client names
   *  @throws NotFoundError, ModelNotServableError */
  async stateOf(modelId: number): Promise<LiveState> {
    try {
      const model = await this.load(modelId);
      return model.over(this.state.catalog);
    } catch (error) {
      if (error instanceof CorruptArtifactError)
        throw new ModelNotServableError(`Model ${modelId} cannot be served: ${error.message}`);
      throw error;
    }
  }

  /** Reads the active model if it is another one. @param retry whether to try a refused model at
   *  once */
  refresh(retry: boolean): Promise<void> {
    return this.keeper.refresh(retry);
  }

  /** Whether `renew` would change what answers: another model is active or routed to, or a refused
   *  one is due again. A renewal that failed halfway counts too. */
  get isOutdated(): boolean {
    if ((this.keeper.current?.active.activationId ?? null) !== this.activationId) return true;
    if (this.routerIds().join() !== this.routedIds) return true;
    return [...this.refused.values()].some((at) => Date.now() - at >= RETRY_REFUSED_MS);
  }

  /** Places the models over the catalog and puts them in service.
   *  @returns ids of the models in service */
  async renew(catalog: CatalogSnapshot): Promise<number[]> {
    const kept = this.keeper.current;
    this.state = kept?.model.over(catalog) ?? { catalog, model: null };
    const activationId = kept?.active.activationId ?? null;
    if (kept !== null && activationId !== this.activationId)
      this.options.log.info(`Model ${kept.active.modelId} is in service.`);
    this.activationId = activationId;
    const inService = await this.renewRouted(catalog, kept?.active.modelId ?? null);
    if (kept !== null) inService.unshift(kept.model);
    this.hold(inService);
    return [...this.held.keys()];
  }

  /** A routed model that cannot be read is skipped: its users get the active one.
   *  @param activeId id of the active model, whose state is reused */
  private async renewRouted(catalog: CatalogSnapshot, activeId: number | null): Promise<PlacedModel[]> {
    const modelIds = this.routerIds();
    const states = new Map<number, LiveState>();
    const models: PlacedModel[] = [];
    for (const modelId of this.refused.keys())
      if (!modelIds.includes(modelId)) this.refused.delete(modelId);
    for (const modelId of modelIds) {
      if (modelId === activeId || Date.now() - (this.refused.get(modelId) ?? 0) < RETRY_REFUSED_MS)
        continue;
      try {
        const model = await this.load(modelId);
        states.set(modelId, model.over(catalog));
        models.push(model);
        this.refused.delete(modelId);
      } catch (error) {
        this.refused.set(modelId, Date.now());
        this.options.log.warn(
          `Model ${modelId} of the traffic split cannot be served; its users get the active one: ${reasonOf(error)}`,
        );
      }
    }
    this.routed = states;
    this.routedIds = modelIds.join();
    return models;
  }

  private routerIds(): number[] {
    return [...new Set(this.options.router?.modelIds() ?? [])];
  }

  /** These stay in memory; those held before become named ones. */
  private hold(models: readonly PlacedModel[]): void {
    const former = this.held;
    this.held = new Map(models.map((model) => [model.modelId, model]));
    for (const [modelId, model] of former) if (!this.held.has(modelId)) this.named.set(modelId, model);
    for (const modelId of this.held.keys()) this.named.delete(modelId);
  }

  /** The model, read once for all concurrent requests. Outside the queue of changes: loading a
   *  model requested by id blocks no other request.
   *  @throws NotFoundError, CorruptArtifactError, or database errors */
  private async load(modelId: number): Promise<PlacedModel> {
    const inMemory = this.held.get(modelId) ?? this.named.get(modelId) ?? this.loading.get(modelId);
    if (inMemory !== undefined) return inMemory;
    const loading = this.read(modelId).finally(() => this.loading.delete(modelId));
    this.loading.set(modelId, loading);
    return loading;
  }

  private async read(modelId: number): Promise<PlacedModel> {
    const { source, readSpace, kernel } = this.options;
    const space = readSpace(await source.loadArtifact(modelId));
    checkSpace(space);
    const model = new PlacedModel(modelId, space, kernel);
    this.named.set(modelId, model);
    return model;
  }
}

/** A model and where it places the catalog of now. */
class PlacedModel {
  private latest: (LiveState & { readonly model: LiveModel }) | undefined;
  private coldTagsKey = '';

  constructor(
    readonly modelId: number,
    private readonly space: MetricSpace,
    private readonly kernel: WebAssembly.Module | null,
  ) {}

  /** Points and scans are made again only where movies, or tags that place them, differ.
   *  @returns the same state as the last time, if nothing has changed */
  over(catalog: CatalogSnapshot): LiveState {
    if (this.latest?.catalog === catalog) return this.latest;
    const coldTags = tagsOfColdMovies(this.space, catalog);
    const coldTagsKey = JSON.stringify([...coldTags]);
    const former = this.latest?.model.placement;
    const stays = former?.movies === catalog.movies && coldTagsKey === this.coldTagsKey;
    const placement = stays ? former : placeMovies(this.space, catalog.movies, coldTags, this.kernel);
    this.coldTagsKey = coldTagsKey;
    this.latest = { catalog, model: new LiveModel(this.modelId, catalog, placement) };
    return this.latest;
  }
}

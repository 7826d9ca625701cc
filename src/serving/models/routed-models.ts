/** The states of the models that the router sends users to. One that cannot be read is left out:
 *  its users get the active model. */

import type { LiveState, RankedMovies } from '../ranker/ranking';
import type { CatalogSnapshot } from '../states/catalog-snapshot';
import { RETRY_REFUSED_MS } from './model-keeper';
import type { ModelRouter } from './model-router';
import type { ModelShelf, PlacedModel } from './model-shelf';

export class RoutedModels {
  private states: ReadonlyMap<number, LiveState> = new Map();
  private wanted = '';
  /** When a model was last found to be unreadable. */
  private readonly refused = new Map<number, number>();

  constructor(
    private readonly router: ModelRouter,
    private readonly shelf: ModelShelf,
    private readonly warn: (message: string) => void,
  ) {}

  /** @returns null where the active model answers */
  stateFor(userId: number): LiveState | null {
    const modelId = this.router.modelFor(userId);
    return modelId === null ? null : (this.states.get(modelId) ?? null);
  }

  served(userId: number, { source, viewer, rows }: RankedMovies): void {
    const { model, catalog } = viewer.state;
    this.router.served({
      userId,
      modelId: model?.modelId ?? null,
      movieIds: rows.map((row) => catalog.movies[row].id),
      source,
    });
  }

  /** Whether the router wants other models than those in memory, or a refused one is due again. */
  changed(): boolean {
    if (keyOf(this.router.modelIds()) !== this.wanted) return true;
    return [...this.refused.values()].some((at) => Date.now() - at >= RETRY_REFUSED_MS);
  }

  /** @param activeId its state is the service's own
   *  @returns the models that must stay in memory */
  async renew(catalog: CatalogSnapshot, activeId: number | null): Promise<PlacedModel[]> {
    const modelIds = [...new Set(this.router.modelIds())];
    const states = new Map<number, LiveState>();
    const models: PlacedModel[] = [];
    for (const modelId of this.refused.keys()) if (!modelIds.includes(modelId)) this.refused.delete(modelId);
    for (const modelId of modelIds) {
      if (modelId === activeId || Date.now() - (this.refused.get(modelId) ?? 0) < RETRY_REFUSED_MS) continue;
      try {
        const model = await this.shelf.load(modelId);
        states.set(modelId, model.over(catalog, 0));
        models.push(model);
        this.refused.delete(modelId);
      } catch (error) {
        this.refused.set(modelId, Date.now());
        const reason = error instanceof Error ? error.message : String(error);
        this.warn(
          `Model ${modelId} of the traffic split cannot be served, the active one answers its users: ${reason}`,
        );
      }
    }
    this.states = states;
    this.wanted = keyOf(modelIds);
    return models;
  }
}

function keyOf(modelIds: readonly number[]): string {
  return [...new Set(modelIds)].join();
}

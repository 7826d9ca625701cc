/** Loads the active model: read when another one is activated, and refused when it cannot be read,
 *  so that the old one stays in service. */
import type { Artifact } from '../../models/artifact';

export interface ActiveModel {
  /** Grows with every activation: publishing, promotion, roll-back. */
  readonly activationId: number;
  readonly modelId: number;
}

/** The model store as serving sees it. */
export interface ModelSource {
  /** One small statement: it runs every second. @returns null before the first model */
  active(): Promise<ActiveModel | null>;
  /** @throws CorruptArtifactError, or database errors */
  loadArtifact(modelId: number): Promise<Artifact>;
}

export interface KeptModel<Model> {
  readonly active: ActiveModel;
  readonly model: Model;
}

/** How long a model that cannot be read is left alone. */
export const RETRY_REFUSED_MS = 30_000;

export interface ActiveModelOptions<Model> {
  readonly source: ModelSource;
  /** @throws when the model cannot be served */
  readonly load: (modelId: number) => Promise<Model>;
  readonly warn: (message: string) => void;
  /** What answers while there is no model, for messages. */
  readonly substitute: string;
}

export class ActiveModelKeeper<Model> {
  /** The model in service. */
  current: KeptModel<Model> | null = null;
  /** Why the active model is not the one in service; null when it is. */
  problem: string | null = null;
  private refused: { readonly activationId: number; readonly at: number } | null = null;

  constructor(private readonly options: ActiveModelOptions<Model>) {}

  /** @param retry whether to try a refused model again at once
   *  @throws database errors when reading the active model */
  async refresh(retry: boolean): Promise<void> {
    const { source, load, warn, substitute } = this.options;
    const active = await source.active();
    if (active === null) this.current = null;
    if (active === null || active.activationId === this.current?.active.activationId) {
      this.problem = null;
      return;
    }
    const { refused } = this;
    const isRefused =
      refused?.activationId === active.activationId && Date.now() - refused.at < RETRY_REFUSED_MS;
    if (isRefused && !retry) return;
    try {
      this.current = { active, model: await load(active.modelId) };
      this.refused = null;
      this.problem = null;
    } catch (error) {
      const stays = this.current === null ? substitute : `model ${this.current.active.modelId}`;
      this.refused = { activationId: active.activationId, at: Date.now() };
      this.problem = `Model ${active.modelId} cannot be served; ${stays} remains in service: ${reasonOf(error)}`;
      warn(this.problem);
    }
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Which model is in service: read when another one is activated, refused when it cannot be read,
 *  so that the old one stays. */
import type { PlacedModel } from './model-shelf';
import type { ActiveModel, ModelSource } from './model-source';

export interface KeptModel<Placed> {
  readonly active: ActiveModel;
  readonly placed: Placed;
}

export const RETRY_REFUSED_MS = 30_000;

export class ModelKeeper<Placed = PlacedModel> {
  private kept: KeptModel<Placed> | null = null;
  private refused: { readonly activationId: number; readonly at: number } | null = null;
  private lastProblem: string | null = null;

  constructor(
    private readonly source: ModelSource,
    /** @throws when the model cannot be served */
    private readonly load: (modelId: number) => Promise<Placed>,
    private readonly warn: (message: string) => void,
    /** What answers while there is no model. */
    private readonly substitute = 'popularity',
  ) {}

  get current(): KeptModel<Placed> | null {
    return this.kept;
  }

  /** Why the activated model is not the one in service; null when it is. */
  get problem(): string | null {
    return this.lastProblem;
  }

  /** @param retry whether to try a refused model again at once
   *  @throws whatever the database throws when it cannot say what is active */
  async refresh(retry: boolean): Promise<KeptModel<Placed> | null> {
    const active = await this.source.active();
    if (active === null) this.kept = null;
    if (active === null || active.activationId === this.kept?.active.activationId) {
      this.lastProblem = null;
      return this.kept;
    }
    const { refused } = this;
    const known = refused?.activationId === active.activationId && Date.now() - refused.at < RETRY_REFUSED_MS;
    if (known && !retry) return this.kept;
    try {
      this.kept = { active, placed: await this.load(active.modelId) };
      this.refused = null;
      this.lastProblem = null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const keeps = this.kept === null ? this.substitute : `model ${this.kept.active.modelId}`;
      this.refused = { activationId: active.activationId, at: Date.now() };
      this.lastProblem = `Model ${active.modelId} cannot be served, ${keeps} stays in service: ${reason}`;
      this.warn(this.lastProblem);
    }
    return this.kept;
  }
}

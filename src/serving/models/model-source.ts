/** Where the live model comes from: the model store, seen from here as two questions. */
import type { Artifact } from '../../models/artifact';

export interface ActiveModel {
  /** Grows with every activation: publishing, promotion, roll-back. */
  readonly activationId: number;
  readonly modelId: number;
}

export interface ModelSource {
  /** One small statement: it is asked every second. @returns null before the first model */
  active(): Promise<ActiveModel | null>;
  /** @throws CorruptArtifactError, or whatever the database throws */
  loadArtifact(modelId: number): Promise<Artifact>;
}

/** The contract that every recommender system here keeps: data in, model out. One system = one
 *  file; registry.ts lists them. */

import type { ZodType } from 'zod';
import { AppError } from '../errors';
import type { TrainingData, UserHistory } from '../interactions/interaction-log';
import type { Artifact } from './artifact';
import type { MetricSpace } from './metric-space';

/** The names that the schema, the command line and the stored experiments use. */
export const ALGORITHM_NAMES = [
  'TWO_TOWER',
  'ITEM_KNN',
  'POPULARITY',
  'EASE',
  'IMPLICIT_ALS',
  'BPR_MF',
  'PITF',
  'NITF',
  'ATTENTION_MLP',
  'LRML',
  'CML',
  'ATF',
] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** Systems without randomness: every seed gives the same model, so one training says all. */
export const SEEDLESS_ALGORITHMS: ReadonlySet<AlgorithmName> = new Set<AlgorithmName>([
  'POPULARITY',
  'ITEM_KNN',
  'EASE',
]);

export interface Algorithm<Hyperparameters = unknown> {
  readonly name: AlgorithmName;
  /** One sentence and the source, shown in the schema. */
  readonly description: string;
  /** Parses and completes what a client sends; unknown names and impossible values are refused.
   *  Every field has a default and a description. */
  readonly hyperparameters: ZodType<Hyperparameters>;
  /** @throws UnfitDataError (empty catalogue, nobody with a history, NaN in the input),
   *    TrainingDivergedError, AbortError on `context.signal` */
  fit(data: TrainingData, hyperparameters: Hyperparameters, context: FitContext): Promise<RankingModel>;
  /** Reads back what `model.save()` gave. @throws CorruptArtifactError */
  load(artifact: Artifact): RankingModel;
}

export interface FitContext {
  /** Same seed, data, hyperparameters and back end: bit-identical model. */
  readonly seed: number;
  readonly backend: 'auto' | 'native' | 'wasm' | 'cpu';
  /** Checked at least every second of training. */
  readonly signal: AbortSignal;
  /** Called once an epoch, and by closed-form systems once at the end. */
  onEpoch(record: EpochProgress): void;
  /** 0 to 1 within the whole fit, as often as is cheap. */
  onProgress(fraction: number): void;
  /** Higher is better (NDCG@20 on the validation split); absent when there is none. Training stops
   *  early and keeps the best by it. */
  readonly validate?: (model: RankingModel) => number;
}

export interface EpochProgress {
  readonly epoch: number;
  readonly epochs: number;
  readonly loss: number;
  readonly validationMetric?: number | undefined;
  readonly seconds: number;
}

/** Scores the whole catalogue for histories; the item vocabulary is the one of the training
 *  data. */
export interface RankingModel {
  readonly algorithm: AlgorithmName;
  readonly itemCount: number;
  /** @param histories B users
   *  @returns [B, I] row-major; higher ranks first (a distance is negated). Finite always. Seen
   *    items are scored like others: the caller leaves them out. */
  score(histories: readonly UserHistory[]): Float32Array;
  /** The space behind the scores: `score` is then minus the squared distance of user point and item
   *  point. Null for systems without one. */
  readonly space: MetricSpace | null;
  save(): Artifact;
}

export class UnfitDataError extends AppError {
  readonly code = 'DATA_UNFIT';
}
export class TrainingDivergedError extends AppError {
  readonly code = 'TRAINING_DIVERGED';
}
export { CorruptArtifactError } from './artifact';

/** What the thread that trains and the thread that started it say to each other. */

import type { ErrorMessage } from '../errors';
import type { ColdStartRow } from '../evaluation/cold-start/curve';
import type { MetricRow } from '../evaluation/evaluate';
import type { AnyProtocolName } from '../evaluation/protocols';
import { type EpochProgress } from '../models/system';
import type { SystemName } from '../models/systems';
import type { CatalogColumns } from './catalog-columns';
import type { UserFigures } from './user-figures';

/** Given at the start of the thread, so that it loads its engine while the data are read. */
export interface TrainingRequest {
  readonly algorithm: SystemName;
  /** As completed by the algorithm's defaults. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Decides what is held out. */
  readonly protocol: AnyProtocolName;
  readonly backend: 'auto' | 'native' | 'wasm' | 'cpu';
  /** A trial of a search: measured on the validation data only, and never published. */
  readonly trial: boolean;
  /** Under COLD_ITEMS only: measures the curve of new movies besides. */
  readonly measureColdItems: boolean;
}

export type ToTrainingThread =
  | { readonly type: 'data'; readonly columns: CatalogColumns }
  | { readonly type: 'cancel' };

export interface DataDescription {
  readonly datasetHash: string;
  readonly counts: {
    readonly users: number;
    readonly movies: number;
    readonly ratings: number;
    readonly taggings: number;
  };
  /** The numerical engine. */
  readonly backend: string;
}

export interface TrainingProgress {
  readonly stage: 'TRAINING' | 'EVALUATING';
  /** 0 to 1 within the stage */
  readonly fraction: number;
}

export interface TrainingResult {
  readonly metrics: readonly MetricRow<AnyProtocolName>[];
  readonly userFigures: readonly UserFigures[];
  /** Of newcomers under NEW_USERS, of new movies under COLD_ITEMS where it was asked for; else
   *  empty. */
  readonly coldStart: readonly ColdStartRow[];
  /** As `encodeArtifact` gives it. */
  readonly artifact: Uint8Array;
  readonly servable: boolean;
  /** Whether it beats its reference (popularity, or the popular tags of user and movie) on the
   *  validation data, and in which words to say so. */
  readonly publication: { readonly publish: boolean; readonly note: string };
  readonly trainingSeconds: number;
  readonly evaluationSeconds: number;
}

export type FromTrainingThread =
  | ({ readonly type: 'data' } & DataDescription)
  | ({ readonly type: 'progress' } & TrainingProgress)
  | { readonly type: 'epoch'; readonly record: EpochProgress }
  | { readonly type: 'done'; readonly result: TrainingResult }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

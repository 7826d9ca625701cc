/** One training of the paper run, and what it gives: what the two processes say to each other. */

import type { ErrorMessage } from '../errors';
import type { ProtocolName } from '../evaluation/protocols';
import type { Negatives } from '../interactions/negatives';
import type { SplitScheme } from '../interactions/splits';
import type { PackedTrainingData } from '../interactions/transfer';
import { type EpochProgress } from '../models/system';
import { type MovieSystemName } from '../models/systems';
import type { ResultRow } from '../reporting';

export const BACKENDS = ['auto', 'native', 'wasm', 'cpu'] as const;
export type Backend = (typeof BACKENDS)[number];

/** How the number of epochs comes about. FIXED: as the hyperparameters say, trained on all but the
 *  test part at once. REFIT: found by early stopping on the validation part, then trained anew with
 *  it on all but the test part. EARLY_STOPPING: found likewise, and that very model is measured,
 *  which never saw the validation part. */
export type Fitting = 'FIXED' | 'REFIT' | 'EARLY_STOPPING';

export interface Task {
  readonly algorithm: MovieSystemName;
  readonly seed: number;
  readonly scheme: SplitScheme;
  /** Those of the scheme that were asked for */
  readonly protocols: readonly ProtocolName[];
  /** Complete */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly fitting: Fitting;
  readonly backend: Backend;
}

export interface TaskResult {
  /** On the test part */
  readonly rows: readonly ResultRow[];
  /** As measured: with the number of epochs that early stopping found */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly backend: string;
  /** Of the fit that was measured, by the clock and by the processors' time of all threads */
  readonly trainSeconds: number;
  readonly trainCpuSeconds: number;
  /** Of the fit before it that found the number of epochs; 0 without one */
  readonly selectionSeconds: number;
  readonly evaluationSeconds: number;
  readonly peakMegabytes: number;
  readonly selectionEpochs: readonly EpochProgress[];
  readonly epochs: readonly EpochProgress[];
}

export type Stage = 'SELECTING' | 'TRAINING' | 'EVALUATING';

export type ToChild =
  | {
      readonly type: 'start';
      readonly task: Task;
      readonly data: PackedTrainingData;
      readonly negatives: Negatives | null;
    }
  | { readonly type: 'cancel' };

export type FromChild =
  | { readonly type: 'progress'; readonly stage: Stage; readonly fraction: number }
  | { readonly type: 'epoch'; readonly stage: Stage; readonly record: EpochProgress }
  | { readonly type: 'done'; readonly result: TaskResult }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

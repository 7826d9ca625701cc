/** One training of the paper run, and what it gives. */

import type { ProtocolName } from '../evaluation/protocols';
import type { Negatives } from '../interactions/negatives';
import type { SplitScheme } from '../interactions/splits';
import type { PackedTrainingData } from '../interactions/transfer';
import type { FitRequest, Fitting, Measured } from '../lab/train';
import type { EpochProgress } from '../models/system';
import type { MovieSystemName } from '../models/systems';
import type { ResultRow } from '../reporting';

export const BACKENDS = ['auto', 'native', 'wasm', 'cpu'] as const;
export type Backend = (typeof BACKENDS)[number];

export interface Task extends FitRequest {
  readonly algorithm: MovieSystemName;
  readonly scheme: SplitScheme;
  /** Those of the scheme that were asked for */
  readonly protocols: readonly ProtocolName[];
  readonly fitting: Fitting;
}

/** Input of the training process besides the task. */
export interface TaskData {
  readonly data: PackedTrainingData;
  /** Published candidates; null: drawn */
  readonly negatives: Negatives | null;
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

/** @param measured by the laboratory, on the test part */
export function taskResult(task: Task, measured: Measured, peakMegabytes: number): TaskResult {
  const { training, selection, evaluation, evaluationSeconds, backend } = measured;
  const rows = evaluation.rows.map(
    ({ protocol, metric, k, mean, ciLow, ciHigh, users }): ResultRow => ({
      algorithm: task.algorithm,
      protocol: protocol as ProtocolName,
      metric,
      k,
      mean,
      ciLow,
      ciHigh,
      users,
      seed: task.seed,
      trainSeconds: training.seconds,
      backend,
    }),
  );
  return {
    rows,
    hyperparameters: training.hyperparameters,
    backend,
    trainSeconds: training.seconds,
    trainCpuSeconds: training.cpuSeconds,
    selectionSeconds: selection?.seconds ?? 0,
    evaluationSeconds,
    peakMegabytes,
    selectionEpochs: selection?.epochs ?? [],
    epochs: training.epochs,
  };
}

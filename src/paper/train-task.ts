/** One training of the paper run: split, fit, measure. Data in, figures out; runs in a process of
 *  its own. */

import { evaluate, type MetricRow } from '../evaluation/evaluate';
import { validationObjective } from '../evaluation/validation-objective';
import type { TrainingData } from '../interactions/interaction-log';
import type { Negatives } from '../interactions/negatives';
import { type PreparedSplit, prepareSplit } from '../interactions/splits';
import { type EpochProgress, type FitContext, type Model, type System } from '../models/system';
import type { ResultRow } from '../reporting';
import { engineInUse } from '../tensor/engine';
import type { Stage, Task, TaskResult } from './task';

/** Early stopping looks at the same users each time: measuring must stay small beside an epoch. */
const VALIDATION_USERS = 1_000;

export interface TaskHooks {
  readonly signal: AbortSignal;
  onEpoch(stage: Stage, record: EpochProgress): void;
  onProgress(stage: Stage, fraction: number): void;
}

export interface TaskData {
  readonly data: TrainingData;
  /** Published candidates; null: drawn */
  readonly negatives: Negatives | null;
}

/** @throws what `fit` and `evaluate` throw; AbortError on the signal */
export async function trainTask(
  algorithm: System,
  task: Task,
  { data, negatives }: TaskData,
  hooks: TaskHooks,
): Promise<TaskResult> {
  const selection =
    task.fitting === 'FIXED'
      ? null
      : await fitTimed(algorithm, task, splitOf(data, task, true), 'SELECTING', hooks);
  const final =
    selection && task.fitting === 'EARLY_STOPPING'
      ? selection
      : await fitTimed(
          algorithm,
          withEpochs(algorithm, task, selection),
          splitOf(data, task, false),
          'TRAINING',
          hooks,
        );
  const measuredAt = performance.now();
  const { rows } = await evaluate(final.model, final.split, {
    protocols: task.protocols,
    splits: ['TEST'],
    signal: hooks.signal,
    onProgress: (fraction) => hooks.onProgress('EVALUATING', fraction),
    ...(negatives && { negatives }),
  });
  const backend = engineInUse()?.description ?? 'plain TypeScript';
  return {
    rows: rows.map((row) => resultRow(row, task, final.seconds, backend)),
    hyperparameters: final.hyperparameters,
    backend,
    trainSeconds: final.seconds,
    trainCpuSeconds: final.cpuSeconds,
    selectionSeconds: selection && selection !== final ? selection.seconds : 0,
    evaluationSeconds: (performance.now() - measuredAt) / 1000,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    selectionEpochs: selection && selection !== final ? selection.epochs : [],
    epochs: final.epochs,
  };
}

interface Fit {
  readonly model: Model;
  readonly split: PreparedSplit;
  readonly hyperparameters: Task['hyperparameters'];
  readonly epochs: readonly EpochProgress[];
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** With a validation part, it stops early by it. */
async function fitTimed(
  algorithm: System,
  task: Task,
  split: PreparedSplit,
  stage: Stage,
  hooks: TaskHooks,
): Promise<Fit> {
  const validate =
    stage === 'SELECTING' ? validationObjective(split, { sampleUsers: VALIDATION_USERS }) : undefined;
  const epochs: EpochProgress[] = [];
  const context: FitContext = {
    seed: task.seed,
    backend: task.backend,
    signal: hooks.signal,
    onEpoch: (record) => {
      epochs.push(record);
      hooks.onEpoch(stage, record);
    },
    onProgress: (fraction) => hooks.onProgress(stage, fraction),
    ...(validate && { validate }),
  };
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const model = await algorithm.fit(split.trainingData, task.hyperparameters, context);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    model,
    split,
    hyperparameters: task.hyperparameters,
    epochs,
    seconds,
    cpuSeconds: (user + system) / 1e6,
  };
}

function splitOf(data: TrainingData, { scheme }: Task, validation: boolean): PreparedSplit {
  return prepareSplit(data, { scheme, validation });
}

/** @returns the task with the epoch that did best on the validation part as its number of epochs */
function withEpochs(algorithm: System, task: Task, selection: Fit | null): Task {
  const epochs = bestEpoch(selection?.epochs ?? []);
  if (epochs === null) return task;
  return {
    ...task,
    hyperparameters: algorithm.hyperparameters.parse({
      ...task.hyperparameters,
      epochs,
    }) as Task['hyperparameters'],
  };
}

/** @returns the first epoch with the highest validation metric; null where none was measured */
export function bestEpoch(epochs: readonly EpochProgress[]): number | null {
  let best: { readonly epoch: number; readonly metric: number } | null = null;
  for (const { epoch, validationMetric: metric } of epochs) {
    if (metric !== undefined && metric > (best?.metric ?? Number.NEGATIVE_INFINITY)) best = { epoch, metric };
  }
  return best?.epoch ?? null;
}

function resultRow(
  { protocol, metric, k, mean, ciLow, ciHigh, users }: MetricRow,
  task: Task,
  trainSeconds: number,
  backend: string,
): ResultRow {
  return {
    algorithm: task.algorithm,
    protocol,
    metric,
    k,
    mean,
    ciLow,
    ciHigh,
    users,
    seed: task.seed,
    trainSeconds,
    backend,
  };
}

/** Trains a system on a split of the data and measures it: the one pipeline behind experiments,
 *  `nearfield paper` and the studies in bench/, for movies and tags alike. */
import type { EvaluationResult } from '../evaluation/evaluate';
import type { AnyProtocolName, ProtocolName } from '../evaluation/protocols';
import type { Negatives } from '../interactions/negatives';
import type { SplitName, SplitScheme } from '../interactions/splits';
import type { DataOf, EpochProgress, FitContext, Model, System, Task } from '../models/system';
import { engineInUse } from '../tensor/engine';
import { LAB_TASKS, type SplitOf } from './tasks';
import type { LabHooks, Stage } from './worker';

/** How the number of epochs is found. FIXED: as the hyperparameters say, trained on all but the
 *  test part at once. REFIT: by early stopping on the validation part, then retrained with it on
 *  all but the test part. EARLY_STOPPING: found likewise, and that model is measured, which was not
 *  trained on the validation part. */
export type Fitting = 'FIXED' | 'REFIT' | 'EARLY_STOPPING';

export interface FitRequest {
  /** Complete, as the system's schema returns them. */
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly backend: FitContext['backend'];
}

export interface LabRequest extends FitRequest {
  /** Of movies: what is held out. */
  readonly scheme?: SplitScheme | undefined;
  readonly fitting: Fitting;
  /** What is measured. */
  readonly parts: readonly SplitName[];
  /** All that fit the split, without it. */
  readonly protocols?: readonly ProtocolName[];
  /** Published candidates instead of drawn ones. */
  readonly negatives?: Negatives | undefined;
}

export interface TrainingHooks<T extends Task> extends LabHooks {
  /** Called between training and measuring; a study may train further models there. */
  onTrained?(training: Training<T>): Promise<void>;
}

/** One fit: the model and what it took. */
export interface Training<T extends Task = 'MOVIES'> {
  readonly model: Model<T>;
  readonly split: SplitOf<T>;
  readonly hyperparameters: FitRequest['hyperparameters'];
  readonly epochs: readonly EpochProgress[];
  /** By the clock, and by the processors' time of all threads. */
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export interface Measured<T extends Task = 'MOVIES'> {
  readonly training: Training<T>;
  /** The fit before it that found the number of epochs; null without one. */
  readonly selection: Training<T> | null;
  readonly evaluation: EvaluationResult<AnyProtocolName>;
  readonly evaluationSeconds: number;
  /** The numerical engine. */
  readonly backend: string;
}

/** @throws MissingTimesError (a split by time, without times), what `system.fit` and the evaluation
 *    throw; AbortError on the signal */
export async function trainAndMeasure<T extends Task>(
  system: System<T>,
  data: DataOf<T>,
  request: LabRequest,
  hooks: TrainingHooks<T>,
): Promise<Measured<T>> {
  const task = LAB_TASKS[system.task];
  const split = (validation: boolean) => task.split(data, { scheme: request.scheme, validation });
  const { fitting } = request;
  const stops = fitting === 'EARLY_STOPPING';
  const selection =
    fitting === 'REFIT'
      ? await trainOnce(system, split(true), request, stageHooks('SELECTING', hooks))
      : null;
  const training = await trainOnce(
    system,
    split(stops),
    selection ? withBestEpoch(system, request, selection.epochs) : request,
    { ...stageHooks('TRAINING', hooks), validates: stops },
  );
  await hooks.onTrained?.(training);
  const measuredAt = performance.now();
  hooks.onProgress('EVALUATING', 0);
  const evaluation = await task.evaluate(training.model, training.split, {
    splits: request.parts,
    protocols: request.protocols,
    negatives: request.negatives,
    signal: hooks.signal,
    onProgress: (fraction) => hooks.onProgress('EVALUATING', fraction),
  });
  return {
    training,
    selection,
    evaluation,
    evaluationSeconds: (performance.now() - measuredAt) / 1000,
    backend: engineInUse()?.description ?? 'plain TypeScript',
  };
}

export interface FitHooks extends Partial<Pick<FitContext, 'onEpoch' | 'onProgress' | 'signal'>> {
  /** False: trains all epochs, whatever the validation part says. */
  readonly validates?: boolean;
}

/** One fit, which stops early by the split's validation part if there is one. */
export async function trainOnce<T extends Task>(
  system: System<T>,
  split: SplitOf<T>,
  { hyperparameters, seed, backend }: FitRequest,
  hooks: FitHooks = {},
): Promise<Training<T>> {
  const validate = hooks.validates === false ? undefined : LAB_TASKS[system.task].objective(split);
  const epochs: EpochProgress[] = [];
  const context: FitContext<T> = {
    seed,
    backend,
    signal: hooks.signal ?? new AbortController().signal,
    onEpoch: (record) => {
      epochs.push(record);
      hooks.onEpoch?.(record);
    },
    onProgress: (fraction) => hooks.onProgress?.(fraction),
    ...(validate && { validate }),
  };
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const model = await system.fit(split.trainingData as DataOf<T>, hyperparameters, context);
  const { user, system: kernel } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startedAt) / 1000;
  return { model, split, hyperparameters, epochs, seconds, cpuSeconds: (user + kernel) / 1e6 };
}

function stageHooks(stage: Stage, hooks: LabHooks): FitHooks {
  return {
    signal: hooks.signal,
    onEpoch: (record) => hooks.onEpoch(stage, record),
    onProgress: (fraction) => hooks.onProgress(stage, fraction),
  };
}

/** The number of epochs that did best on the validation part, if it was measured. */
function withBestEpoch<T extends Task>(
  system: System<T>,
  request: LabRequest,
  records: readonly EpochProgress[],
): LabRequest {
  const epochs = bestEpoch(records);
  if (epochs === null) return request;
  const hyperparameters = system.hyperparameters.parse({ ...request.hyperparameters, epochs });
  return { ...request, hyperparameters: hyperparameters as LabRequest['hyperparameters'] };
}

/** @returns the first epoch with the highest validation metric; null where none was measured */
export function bestEpoch(epochs: readonly EpochProgress[]): number | null {
  let best: { readonly epoch: number; readonly metric: number } | null = null;
  for (const { epoch, validationMetric: metric } of epochs) {
    if (metric !== undefined && metric > (best?.metric ?? Number.NEGATIVE_INFINITY))
      best = { epoch, metric };
  }
  return best?.epoch ?? null;
}

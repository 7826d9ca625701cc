/** The training loop: epochs, early stopping, cancellation. Deterministic by seed; yields to the event loop after every step. */
import { setImmediate } from 'node:timers/promises';
import type { TrainingData } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { Adam, cosineDecay } from '../../tensor';
import { type FitContext, TrainingDivergedError } from '../algorithm';
import { Batches } from './batches';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { TwoTowerModel, toArtifact } from './model';
import { type ParameterName, type Parameters, restore, snapshot } from './parameters';
import { prepareStep, type StepContext, trainStep } from './step';

export interface TrainingInput {
  readonly data: TrainingData;
  readonly parameters: Parameters;
  readonly settings: TwoTowerHyperparameters;
  readonly step: StepContext;
  readonly demographicKeys: readonly string[];
}

/** Streams of one seed, so that what one part draws never moves another. Epoch e draws from EPOCHS + e. */
export const STREAM = { initial: 0, epochs: 1 } as const;

/** Changes `parameters` to the best by `context.validate`, or to the last where there is none.
 *  @throws TrainingDivergedError, AbortError */
export async function train(input: TrainingInput, context: FitContext): Promise<TwoTowerModel> {
  const { data, parameters, settings } = input;
  const batches = new Batches(data, settings);
  const totalSteps = settings.epochs * batches.expectedPerEpoch;
  const adam = new Adam({
    learningRate: cosineDecay({ learningRate: settings.learningRate, totalSteps, warmupSteps: Math.min(20, totalSteps - 1) }),
  });
  const publish = () => new TwoTowerModel(toArtifact(parameters, data, { ...input.step, demographicKeys: input.demographicKeys }));
  let best: { metric: number; epoch: number; values: ReadonlyMap<ParameterName, Float32Array> } | undefined;
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const started = performance.now();
    const loss = await trainEpoch(input, { adam, batches, epoch, context });
    const metric = context.validate?.(publish());
    if (metric !== undefined && !(metric <= (best?.metric ?? -Infinity))) best = { metric, epoch, values: snapshot(parameters) };
    const seconds = (performance.now() - started) / 1000;
    context.onEpoch({ epoch, epochs: settings.epochs, loss, validationMetric: metric, seconds });
    if (best !== undefined && epoch - best.epoch >= settings.patience) break;
  }
  if (best !== undefined) restore(parameters, best.values);
  adam.dispose();
  context.onProgress(1);
  return publish();
}

interface EpochInput {
  readonly adam: Adam;
  readonly batches: Batches;
  readonly epoch: number;
  readonly context: FitContext;
}

/** @returns the mean loss of the epoch's steps */
async function trainEpoch({ parameters, settings, step }: TrainingInput, { adam, batches, epoch, context }: EpochInput): Promise<number> {
  const random = new Random(context.seed, STREAM.epochs + epoch);
  let total = 0;
  let steps = 0;
  for (const batch of batches.epoch(random)) {
    context.signal.throwIfAborted();
    const loss = trainStep(prepareStep(batch, parameters, step, random), parameters, step, adam);
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(`The loss became ${loss} in epoch ${epoch}: a smaller learningRate or margin may help.`);
    }
    total += loss;
    steps++;
    const inEpoch = Math.min(1, steps / batches.expectedPerEpoch);
    context.onProgress(Math.min(1, (epoch - 1 + inEpoch) / settings.epochs));
    await setImmediate();
  }
  context.signal.throwIfAborted();
  return total / steps;
}

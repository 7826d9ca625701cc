/** The epochs of the tower. Deterministic by seed; yields to the event loop after every step. */
import { setImmediate } from 'node:timers/promises';
import type { TrainingData } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { Adam, cosineDecay } from '../../tensor';
import { ease } from '../ease/ease';
import { runEpochs } from '../epochs';
import { type FitContext, type Model, TrainingDivergedError } from '../system';
import { Turns } from '../turns';
import { Batches, type BatchSource } from './batches';
import { HeldOutBatches } from './held-out-batches';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { TwoTowerModel, toArtifact } from './model';
import type { Parameters } from './parameters';
import { prepareStep, type StepContext, trainStep } from './step';

export interface TrainingInput {
  readonly data: TrainingData;
  readonly parameters: Parameters;
  readonly settings: TwoTowerHyperparameters;
  readonly step: StepContext;
  readonly demographicKeys: readonly string[];
}

/** Streams of one seed, so that what one part draws never moves another. Epoch e draws from EPOCHS
 *  + e. */
export const STREAM = { initial: 0, epochs: 1 } as const;

/** Changes `parameters`.
 *  @returns the best model by `context.validate`, or the last where there is none
 *  @throws TrainingDivergedError, AbortError */
export async function train(input: TrainingInput, context: FitContext): Promise<Model> {
  const { data, parameters, settings } = input;
  const { epochs, patience, learningRate } = settings;
  const batches =
    settings.objective === 'next'
      ? new Batches(data, settings)
      : new HeldOutBatches(data, settings, await teacherOf(input, context));
  const totalSteps = epochs * batches.expectedPerEpoch;
  const adam = new Adam({
    learningRate: cosineDecay({ learningRate, totalSteps, warmupSteps: Math.min(20, totalSteps - 1) }),
  });
  const model = await runEpochs(
    {
      epochs,
      patience,
      turns: new Turns(context),
      trainEpoch: (epoch) => trainEpoch(input, { adam, batches, epoch, context }),
      publish: () =>
        new TwoTowerModel(
          toArtifact(parameters, data, { ...input.step, demographicKeys: input.demographicKeys }),
        ),
    },
    context,
  );
  adam.dispose();
  return model;
}

/** EASE, as the other systems have it, on the same data. */
async function teacherOf(
  { data, settings }: TrainingInput,
  { seed, backend, signal }: FitContext,
): Promise<Model | null> {
  if (settings.distillation === 0) return null;
  const silent: FitContext = { seed, backend, signal, onEpoch: () => undefined, onProgress: () => undefined };
  return ease.fit(data, { regularization: settings.teacherRegularization }, silent);
}

interface EpochInput {
  readonly adam: Adam;
  readonly batches: BatchSource;
  readonly epoch: number;
  readonly context: FitContext;
}

/** @returns the mean loss of the epoch's steps */
async function trainEpoch(
  { parameters, settings, step }: TrainingInput,
  { adam, batches, epoch, context }: EpochInput,
): Promise<number> {
  const random = new Random(context.seed, STREAM.epochs + epoch);
  let total = 0;
  let steps = 0;
  for (const batch of batches.epoch(random)) {
    context.signal.throwIfAborted();
    const loss = trainStep(prepareStep(batch, parameters, step, random), parameters, step, adam);
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(
        `The loss became ${loss} in epoch ${epoch}: a smaller learningRate or margin may help.`,
      );
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

/** Long loops in plain TypeScript yield to the event loop, and check for cancellation, about every
 *  tenth of a second. */
import { setImmediate } from 'node:timers/promises';
import { type FitContext, type Model, TrainingDivergedError } from './system';

const TURN_MS = 100;

export class Turns {
  private turnAt = performance.now();

  constructor(private readonly context: Pick<FitContext, 'signal' | 'onProgress'>) {}

  /** Polled often; `take` is called when it returns true. */
  due(): boolean {
    return performance.now() - this.turnAt >= TURN_MS;
  }

  /** @param fraction 0 to 1 of the whole fit
   *  @throws AbortError */
  async take(fraction: number): Promise<void> {
    await setImmediate();
    this.context.signal.throwIfAborted();
    this.context.onProgress(Math.min(1, fraction));
    this.turnAt = performance.now();
  }
}

/** The frame of an iterative training: epochs, divergence, validation, early stopping with the best
 *  model kept. */

interface EpochLoop {
  readonly epochs: number;
  /** Epochs without a better validation metric after which training stops. */
  readonly patience: number;
  readonly turns: Turns;
  /** @param epoch 1 for the first @returns the mean loss */
  trainEpoch(epoch: number): Promise<number>;
  /** A copy of the current model: training continues. */
  publish(): Model;
}

/** @returns the best model by `context.validate`, or the last one where there is none
 *  @throws TrainingDivergedError when a loss is not finite, AbortError */
export async function runEpochs(
  { epochs, patience, turns, trainEpoch, publish }: EpochLoop,
  context: FitContext,
): Promise<Model> {
  let best: { readonly metric: number; readonly epoch: number; readonly model: Model } | undefined;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const startedAt = performance.now();
    const loss = await trainEpoch(epoch);
    if (!Number.isFinite(loss)) {
      throw new TrainingDivergedError(
        `The loss became ${loss} in epoch ${epoch}: a smaller learningRate may help.`,
      );
    }
    const model = context.validate && publish();
    const validationMetric = model && context.validate?.(model);
    context.onEpoch({
      epoch,
      epochs,
      loss,
      validationMetric,
      seconds: (performance.now() - startedAt) / 1000,
    });
    await turns.take(epoch / epochs);
    if (model === undefined || validationMetric === undefined) continue;
    if (best === undefined || validationMetric > best.metric)
      best = { metric: validationMetric, epoch, model };
    else if (epoch - best.epoch >= patience) break;
  }
  context.onProgress(1);
  return best?.model ?? publish();
}

/** A closed-form fit reports as one epoch. */
export function reportOneEpoch(model: Model, startedAt: number, context: FitContext): Model {
  const validationMetric = context.validate?.(model);
  const seconds = (performance.now() - startedAt) / 1000;
  context.onEpoch({ epoch: 1, epochs: 1, loss: 0, validationMetric, seconds });
  context.onProgress(1);
  return model;
}

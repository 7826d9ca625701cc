/** The "neural attention mechanism model based on multi-layer perceptrons" of Luo et al.'s
 *  comparison, which has no row for it. Nearest published relative: NAIS, neural attentive item
 *  similarity (He et al., TKDE 2018). A user is the history: for each candidate item, attention
 *  weighs what the user has, and a multi-layer perceptron scores the candidate against the weighted
 *  sum (attention-mlp/network.ts has the formulas).
 *
 *  Different from NAIS: the attention logits are inner products of two projections (NAIS runs a
 *  perceptron for each pair of items), so that the whole catalogue can be scored by matrix
 *  products; the score is NAIS's inner product plus a perceptron's; and only the last `window`
 *  items before the candidate count, in training as in ranking, where NAIS takes all but the
 *  candidate.
 *
 *  There are no user parameters: users seen and not seen in training are the same. Stars play no
 *  part. Scoring needs `loadEngine` before it. */

import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { z } from 'zod';
import { interactionCounts } from '../../interactions/csr';
import type { TrainingData, UserHistory } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import { loadEngine } from '../../tensor/engine';
import { Adam, cosineDecay, RowTable } from '../../tensor/row-adam';
import { tf } from '../../tensor/tf';
import { type Artifact, CorruptArtifactError } from '../artifact';
import { arrayOf, assertFit, assertKind, settingsOf } from '../checks';
import { defineSystem, type FitContext, type Model, UnfitDataError } from '../system';
import { runEpochs, Turns } from '../training-loop';
import {
  initialParameters,
  network,
  PARAMETER_NAMES,
  type Parameters,
  type ParameterTensors,
  popularityBiases,
  prepareStep,
  shapesOf,
  trainStep,
} from './step';
import { Windows } from './windows';

const KIND = 'ATTENTION_MLP';
/** Streams of one seed: the start, then epoch e draws from EPOCHS + e. */
const STREAM = { initial: 0, epochs: 1 } as const;

const hyperparameters = z.strictObject({
  embeddingSize: z.int().min(1).max(512).default(32).describe('Dimensions of an item (d).'),
  attentionSize: z
    .int()
    .min(1)
    .max(512)
    .default(16)
    .describe('Dimensions in which a candidate and a rated item meet for attention (a).'),
  hiddenSize: z
    .int()
    .min(1)
    .max(512)
    .default(32)
    .describe('Hidden units of the multi-layer perceptron that scores.'),
  smoothing: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("β, NAIS's exponent of the softmax's denominator: 1 is the ordinary softmax."),
  window: z.int().min(1).max(2_000).default(50).describe('Number of latest items of a history that count.'),
  epochs: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Passes over the interactions, unless validation stops training earlier.'),
  patience: z
    .int()
    .min(1)
    .max(1_000)
    .default(3)
    .describe('Epochs without a better validation metric after which training stops.'),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .default(0.003)
    .describe("Adam's step size at the start; it decays to 0 along half a cosine."),
  regularization: z
    .number()
    .min(0)
    .max(10)
    .default(0.001)
    .describe('Weight of the mean squared length of the item points in a batch.'),
  batchSize: z.int().min(1).max(65_536).default(256).describe('Histories a step.'),
  positives: z
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe('Items that came next, which share one history in a step.'),
  negatives: z
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe('Sampled items that never came, for each item that came next.'),
});
type AttentionMlpHyperparameters = z.output<typeof hyperparameters>;

/** O(N (1 + negatives) window (d + a)) time an epoch. */
export const attentionMlp = defineSystem({
  name: 'ATTENTION_MLP',
  label: 'Attention MLP',
  description:
    'A multi-layer perceptron over an attention-weighted sum of the recent history (after He ' +
    'et al., TKDE 2018).',
  task: 'MOVIES',
  engine: true,
  seedless: false,
  servable: false,
  hyperparameters,
  async fit(data, settings, context) {
    context.signal.throwIfAborted();
    refuseUnfit(data);
    await loadEngine({ backend: context.backend === 'auto' ? undefined : context.backend });
    const turns = new Turns(context);
    const training = new Training(data, settings, context);
    const { epochs, patience } = settings;
    const trainEpoch = (epoch: number) => training.epoch(epoch, turns);
    return runEpochs({ epochs, patience, turns, trainEpoch, publish: () => training.publish() }, context);
  },
  load(artifact) {
    assertKind(artifact, KIND);
    const settings = settingsOf(artifact, hyperparameters);
    const shapes = shapesOf(settings);
    const itemCount = arrayOf(artifact, 'biases', 'float32', 2).shape[0];
    const tables = PARAMETER_NAMES.map((name) => {
      const { data, shape } = arrayOf(artifact, name, 'float32', 2);
      const [rows, columns] = shapes[name];
      if (shape[0] !== (rows ?? itemCount) || shape[1] !== columns)
        throw new CorruptArtifactError(`Array ${name} has a shape inconsistent with the others.`);
      return [name, new RowTable(data, columns)] as const;
    });
    if (itemCount === 0) throw new CorruptArtifactError('The model has no items.');
    return new AttentionMlpModel(settings, Object.fromEntries(tables) as unknown as Parameters);
  },
});

/** @throws UnfitDataError */
function refuseUnfit(data: TrainingData): void {
  assertFit(data);
  const { offsets } = data.interactions;
  const hasNext = offsets.subarray(1).some((to, user) => to - offsets[user] >= 2);
  if (!hasNext)
    throw new UnfitDataError('No user has two interactions: there is no next item to train on.');
}

class Training {
  private readonly parameters: Parameters;
  private readonly windows: Windows;
  private readonly adam: Adam;

  constructor(
    data: TrainingData,
    private readonly settings: AttentionMlpHyperparameters,
    private readonly context: FitContext,
  ) {
    this.windows = new Windows(data.interactions, settings);
    this.parameters = initialParameters(
      popularityBiases(interactionCounts(data.interactions), settings.negatives),
      settings,
      new Random(context.seed, STREAM.initial),
    );
    const totalSteps = settings.epochs * this.windows.expectedPerEpoch;
    this.adam = new Adam(
      cosineDecay({
        learningRate: settings.learningRate,
        totalSteps,
        warmupSteps: Math.min(20, totalSteps - 1),
      }),
    );
  }

  /** @returns the mean loss of the steps */
  async epoch(epoch: number, turns: Turns): Promise<number> {
    const { parameters, settings, adam, windows } = this;
    let total = 0;
    let steps = 0;
    for (const batch of windows.epoch(new Random(this.context.seed, STREAM.epochs + epoch))) {
      total += trainStep(prepareStep(batch, parameters), parameters, settings, adam);
      steps++;
      if (!Number.isFinite(total)) break;
      if (turns.due())
        await turns.take((epoch - 1 + Math.min(1, steps / windows.expectedPerEpoch)) / settings.epochs);
    }
    return total / steps;
  }

  publish(): AttentionMlpModel {
    const copy = (table: RowTable) => new RowTable(table.values.slice(), table.width);
    const tables = PARAMETER_NAMES.map((name) => [name, copy(this.parameters[name])] as const);
    return new AttentionMlpModel(this.settings, Object.fromEntries(tables) as unknown as Parameters);
  }
}

class AttentionMlpModel implements Model {
  readonly name = 'ATTENTION_MLP';
  readonly space = null;
  readonly itemCount: number;

  constructor(
    private readonly settings: AttentionMlpHyperparameters,
    private readonly parameters: Parameters,
  ) {
    this.itemCount = parameters.biases.rows;
  }

  /** One user at a time, so that who else is asked about changes nothing: [I, n] attention each. */
  score(histories: readonly UserHistory[]): Float32Array {
    const { itemCount, parameters, settings } = this;
    const scores = new Float32Array(histories.length * itemCount);
    tf.tidy(() => {
      const weights = Object.fromEntries(
        PARAMETER_NAMES.map((name) => [
          name,
          tf.tensor2d(parameters[name].values, [parameters[name].rows, parameters[name].width]),
        ]),
      ) as unknown as ParameterTensors;
      const alone = (table: Tensor2D) => tf.expandDims(table, 0) as Tensor3D;
      const catalogue = {
        targets: alone(weights.targets),
        queries: alone(tf.matMul(weights.targets, weights.queryWeights)),
        biases: tf.reshape(weights.biases, [1, itemCount]) as Tensor2D,
      };
      histories.forEach(({ items }, b) => {
        tf.tidy(() => {
          // Of an empty history one masked item is attended to: nothing.
          const known = items.length === 0 ? Int32Array.of(0) : items.subarray(-settings.window);
          const memories = parameters.memories.take(known);
          const mask = tf.fill([1, 1, known.length], items.length === 0 ? 0 : 1) as Tensor3D;
          const keys = alone(tf.matMul(memories, weights.keyWeights));
          const logits = network(
            weights,
            { ...catalogue, memories: alone(memories), keys, mask },
            settings.smoothing,
          );
          scores.set(logits.dataSync<'float32'>(), b * itemCount);
        });
      });
    });
    return scores;
  }

  save(): Artifact {
    const { parameters } = this;
    const arrays = Object.fromEntries(
      PARAMETER_NAMES.map((name) => [
        name,
        { data: parameters[name].values, shape: [parameters[name].rows, parameters[name].width] },
      ]),
    );
    return { kind: KIND, format: 1, settings: this.settings, arrays };
  }
}

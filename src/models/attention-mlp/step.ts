/** One training step: the rows that a batch needs, the loss over them, its gradient, the update of
 *  just these rows. */
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { type Adam, uniqueRows } from '../../tensor/row-adam';
import { tf, withGradient } from '../../tensor/tf';
import { network } from './network';
import {
  ITEM_TABLES,
  PARAMETER_NAMES,
  type ParameterName,
  type Parameters,
  type ParameterTensors,
} from './parameters';
import type { WindowBatch } from './windows';

export interface StepSettings {
  /** β */
  readonly smoothing: number;
  readonly regularization: number;
}

/** What a step works on, looked up in plain memory. */
export interface PreparedStep {
  readonly batch: WindowBatch;
  /** Rows of each table */
  readonly rows: Readonly<Record<ParameterName, Int32Array>>;
  /** [S · n] and [S · T] places among the taken rows */
  readonly historyPlaces: Int32Array;
  readonly targetPlaces: Int32Array;
}

export function prepareStep(batch: WindowBatch, parameters: Parameters): PreparedStep {
  const history = uniqueRows(batch.history);
  const targets = uniqueRows(batch.targets);
  const all = (name: ParameterName) => Int32Array.from({ length: parameters[name].rows }, (_, row) => row);
  const rows = Object.fromEntries(
    PARAMETER_NAMES.map((name) => [
      name,
      !ITEM_TABLES.has(name) ? all(name) : name === 'memories' ? history.rows : targets.rows,
    ]),
  ) as Record<ParameterName, Int32Array>;
  return { batch, rows, historyPlaces: history.positions, targetPlaces: targets.positions };
}

/** @returns the loss before the update */
export function trainStep(
  step: PreparedStep,
  parameters: Parameters,
  settings: StepSettings,
  adam: Adam,
): number {
  return tf.tidy(() => {
    const tensors = PARAMETER_NAMES.map((name) => parameters[name].take(step.rows[name]));
    const { value, grads } = tf.valueAndGrads((...inputs: Tensor[]) => {
      const named = Object.fromEntries(
        PARAMETER_NAMES.map((name, n) => [name, inputs[n]]),
      ) as unknown as ParameterTensors;
      return stepLoss(named, step, settings);
    })(tensors);
    PARAMETER_NAMES.forEach((name, n) => {
      adam.stepRows(parameters[name], step.rows[name], grads[n] as Tensor2D);
    });
    adam.advance();
    return value.dataSync()[0];
  });
}

/** @returns scalar: binary cross-entropy + regularization · mean squared length of the item points
 *    taken */
export function stepLoss(
  parameters: ParameterTensors,
  step: PreparedStep,
  { smoothing, regularization }: StepSettings,
): Scalar {
  const { batch, historyPlaces, targetPlaces } = step;
  const s = batch.windows;
  const n = batch.length;
  const t = batch.targets.length / s;
  const gathered = (table: Tensor2D, places: Int32Array, length: number) =>
    tf.reshape(tf.gather(table, tf.tensor1d(places, 'int32')), [s, length, table.shape[1]]) as Tensor3D;
  const queries = tf.matMul<Tensor2D>(parameters.targets, parameters.queryWeights);
  const keys = tf.matMul<Tensor2D>(parameters.memories, parameters.keyWeights);
  const logits = network(
    parameters,
    {
      targets: gathered(parameters.targets, targetPlaces, t),
      queries: gathered(queries, targetPlaces, t),
      biases: tf.reshape(gathered(parameters.biases, targetPlaces, t), [s, t]) as Tensor2D,
      memories: gathered(parameters.memories, historyPlaces, n),
      keys: gathered(keys, historyPlaces, n),
      mask: tf.tensor3d(batch.mask, [s, 1, n]),
    },
    smoothing,
  );
  const meanSquare = (table: Tensor2D) => tf.mul(tf.sum(tf.square(table)), regularization / table.shape[0]);
  const penalty = tf.add(meanSquare(parameters.targets), meanSquare(parameters.memories));
  return tf.add(binaryCrossEntropy(logits, batch), penalty);
}

/** The weighted mean of ln(1 + eʸ) − label · y, in plain JavaScript on any back end: logits are
 *  few, and wasm lacks the softplus.
 *  @param logits [S, T] */
export function binaryCrossEntropy(
  logits: Tensor2D,
  { labels, weights }: Pick<WindowBatch, 'labels' | 'weights'>,
): Scalar {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return withGradient<Scalar, [Tensor2D], []>([logits], (given) => {
    const values = given.dataSync<'float32'>();
    let loss = 0;
    const slope = new Float32Array(values.length);
    for (let at = 0; at < values.length; at++) {
      const y = values[at];
      loss += weights[at] * (Math.max(y, 0) + Math.log1p(Math.exp(-Math.abs(y))) - labels[at] * y);
      slope[at] = (weights[at] * (1 / (1 + Math.exp(-y)) - labels[at])) / total;
    }
    return {
      value: tf.scalar(loss / total),
      saved: [],
      gradient: (dy) => [tf.mul(tf.tensor2d(slope, given.shape), dy)],
    };
  });
}

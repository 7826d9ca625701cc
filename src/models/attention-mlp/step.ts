/** The network: attention over a history for each target, and the score of the target. The same
 *  code trains and ranks.
 *
 *    f_ij = (Q p_i) · (K q_j) / √a,   a_ij = exp f_ij / (Σ_j exp f_ij)^β,   v_i = Σ_j a_ij q_j
 *    y_i = Σ_k z_k + o · relu(W z + b) + b_i   with z = p_i ⊙ v_i
 *
 *  S histories of n items and T targets each; p, q: [d]. */
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { Random } from '../../numeric/random';
import { type Adam, RowTable, uniqueRows } from '../../tensor/row-adam';
import { tf, withGradient } from '../../tensor/tf';
import type { WindowBatch } from './windows';

interface NetworkInput {
  /** [S, T, d] p */
  readonly targets: Tensor3D;
  /** [S, T, a] Q p */
  readonly queries: Tensor3D;
  /** [S, T] b_i */
  readonly biases: Tensor2D;
  /** [S, n, d] q */
  readonly memories: Tensor3D;
  /** [S, n, a] K q */
  readonly keys: Tensor3D;
  /** [S, 1, n] 1 where there is an item, 0 where the history is shorter */
  readonly mask: Tensor3D;
}

type Weights = Pick<ParameterTensors, 'hiddenWeights' | 'hiddenBiases' | 'outputWeights'>;

/** @returns [S, T] logits; not bounded */
export function network(weights: Weights, input: NetworkInput, beta: number): Tensor2D {
  const { targets, queries, biases, memories, keys, mask } = input;
  const [s, t, d] = targets.shape;
  const logits = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(keys.shape[2])) as Tensor3D; // [S, T, n]
  const pooled = tf.matMul(smoothedSoftmax(logits, mask, beta), memories); // [S, T, d]
  const z = tf.reshape(tf.mul(targets, pooled), [s * t, d]) as Tensor2D;
  const hidden = tf.relu(tf.add(tf.matMul(z, weights.hiddenWeights), weights.hiddenBiases)) as Tensor2D; // [S · T, h]
  const scores = tf.add(tf.sum(z, 1, true), tf.matMul(hidden, weights.outputWeights)); // [S · T, 1]
  return tf.add(tf.reshape(scores, [s, t]), biases);
}

/** All that the attention MLP learns, as tables in plain memory: a step takes the rows it needs and
 *  updates just these. */

export interface Widths {
  /** d */
  readonly embeddingSize: number;
  /** a */
  readonly attentionSize: number;
  /** h */
  readonly hiddenSize: number;
}

export const PARAMETER_NAMES = [
  'targets',
  'memories',
  'biases',
  'queryWeights',
  'keyWeights',
  'hiddenWeights',
  'hiddenBiases',
  'outputWeights',
] as const;
export type ParameterName = (typeof PARAMETER_NAMES)[number];
export type Parameters = Readonly<Record<ParameterName, RowTable>>;
export type ParameterTensors = Readonly<Record<ParameterName, Tensor2D>>;

/** The catalogue's tables; the others are taken whole in each step. */
const ITEM_TABLES: ReadonlySet<ParameterName> = new Set(['targets', 'memories', 'biases']);

/** @returns [rows, columns] of each table; null rows are the catalogue's */
export function shapesOf({
  embeddingSize: d,
  attentionSize: a,
  hiddenSize: h,
}: Widths): Readonly<Record<ParameterName, readonly [number | null, number]>> {
  return {
    targets: [null, d],
    memories: [null, d],
    biases: [null, 1],
    queryWeights: [d, a],
    keyWeights: [d, a],
    hiddenWeights: [d, h],
    hiddenBiases: [1, h],
    outputWeights: [h, 1],
  };
}

const POINT_SCALE = 0.1;

/** The log-odds at which an item that came next is told from one that never came by popularity
 *  alone: training starts from there.
 *  @param counts [I] interactions of each item; half a one is added to each
 *  @returns [I] */
export function popularityBiases(counts: Int32Array, negatives: number): Float32Array {
  const rated = counts.filter((count) => count > 0);
  const mean = rated.reduce((sum, count) => sum + count, 0) / rated.length;
  return Float32Array.from(counts, (count) => Math.log((count + 0.5) / (mean * negatives)));
}

/** @param biases [I] where the items' biases start; kept */
export function initialParameters(biases: Float32Array, widths: Widths, random: Random): Parameters {
  const itemCount = biases.length;
  const shapes = shapesOf(widths);
  const { embeddingSize: d, hiddenSize } = widths;
  const scales: Record<Exclude<ParameterName, 'biases'>, number> = {
    targets: POINT_SCALE,
    memories: POINT_SCALE,
    queryWeights: 1 / Math.sqrt(d),
    keyWeights: 1 / Math.sqrt(d),
    hiddenWeights: Math.sqrt(2 / d),
    hiddenBiases: 0,
    outputWeights: 1 / Math.sqrt(hiddenSize),
  };
  const table = (name: ParameterName) => {
    if (name === 'biases') return [name, new RowTable(biases, 1)] as const;
    const [rows, width] = shapes[name];
    const values = Float32Array.from(
      { length: (rows ?? itemCount) * width },
      () => scales[name] * random.normal(),
    );
    return [name, new RowTable(values, width)] as const;
  };
  return Object.fromEntries(PARAMETER_NAMES.map(table)) as Record<ParameterName, RowTable>;
}

/** A softmax whose denominator is smoothed, as one operation with its own gradient (He et al.,
 *  NAIS, TKDE 2018, eq. 10).
 *
 *    a_j = exp(f_j) / (Σ_l exp(f_l))^β
 *
 *  With β = 1 it is the softmax, which makes long histories weak: their weights share 1 as short
 *  ones' do. */

/** What `mask` adds where there is nothing to attend to. */
const NOTHING = -1e9;

/** @param logits [S, T, n]
 *  @param mask   [S, 1, n] 1 where there is something, 0 where not
 *  @returns [S, T, n]; 0 where there is nothing, and everywhere for someone who has nothing
 *
 *  ∂L/∂f_l = a_l g_l − β p_l Σ_j a_j g_j, with g = ∂L/∂a and p the ordinary softmax. */
export function smoothedSoftmax(logits: Tensor3D, mask: Tensor3D, beta: number): Tensor3D {
  return withGradient<Tensor3D, [Tensor3D], [Tensor3D, Tensor3D]>([logits], (f) => {
    const masked = tf.add(f, tf.mul(tf.sub(1, mask), NOTHING));
    const top = tf.max(masked, 2, true);
    const logSum = tf.add(top, tf.log(tf.sum(tf.exp(tf.sub(masked, top)), 2, true))); // [S, T, 1]
    const value = tf.mul(tf.exp(tf.sub(masked, tf.mul(logSum, beta))), mask) as Tensor3D;
    const softmax = tf.mul(tf.exp(tf.sub(masked, logSum)), mask) as Tensor3D;
    return {
      value,
      saved: [value, softmax],
      gradient(dy, [a, p]) {
        const weighted = tf.mul(a, dy);
        return [tf.sub(weighted, tf.mul(p, tf.mul(tf.sum(weighted, 2, true), beta)))];
      },
    };
  });
}

/** One training step: the rows that a batch needs, the loss over them, its gradient, the update of
 *  just these rows. */

interface StepSettings {
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

/** All that the attention MLP learns, as tables in plain memory: a step takes the rows it needs and
 *  updates just these. */
import type { Tensor2D } from '@tensorflow/tfjs';
import type { Random } from '../../numeric/random';
import { RowTable } from '../../tensor/row-adam';

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
export const ITEM_TABLES: ReadonlySet<ParameterName> = new Set(['targets', 'memories', 'biases']);

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

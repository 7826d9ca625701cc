/** Several towers in one space: each member has w = d / M coordinates, matrices and hidden units of
 *  its own, and learns by a loss over its own distance. The squared distance of the space is the
 *  sum of theirs, so the ranking is that of an ensemble (the product of the members' softmaxes),
 *  and still one Euclidean distance of one point to another. What a star is worth and how fast the
 *  pools forget is shared.
 *
 *  Tables of width d hold the members side by side, column after column; the matrices are stored
 *  member after member without the zeros between members, which only the published space has. */
import type { Tensor2D } from '@tensorflow/tfjs';
import { tf } from '../../tensor';
import type { TwoTowerHyperparameters } from './hyperparameters';
import { type ParameterName, type Parameters, POOLS } from './parameters';
import type { ParameterTensors } from './towers';

const COLUMNS = [
  'gates',
  'placeGates',
  'userBias',
  'demographics',
  'userHiddenBias',
] as const satisfies readonly ParameterName[];
const ROWS = [
  'transitions',
  'userHiddenWeights',
  'userOutputWeights',
] as const satisfies readonly ParameterName[];

/** @param table [n, d] @returns the members' coordinates, [n, w] each */
export function columnsOf(table: Tensor2D, members: number): Tensor2D[] {
  return members === 1 ? [table] : tf.split(table, members, 1);
}

/** @returns what the user tower of each member reads */
export function memberParameters(parameters: ParameterTensors, members: number): ParameterTensors[] {
  const own: ParameterTensors[] = Array.from({ length: members }, () => ({ ...parameters }));
  if (members === 1) return own;
  const share = (name: ParameterName, axis: 0 | 1) => {
    const table = parameters[name];
    if (table === undefined) return;
    tf.split<Tensor2D>(table, members, axis).forEach((part, member) => {
      own[member][name] = part;
    });
  };
  for (const name of COLUMNS) share(name, 1);
  for (const name of ROWS) share(name, 0);
  return own;
}

/** @param values member after member, if any @returns a member's part of them */
export function partOf(
  values: Float32Array | null | undefined,
  member: number,
  members: number,
): Float32Array | undefined {
  const size = values ? values.length / members : 0;
  return values?.subarray(member * size, (member + 1) * size);
}

/** The matrices of the published user tower: those of the members, and zeros from one member to
 *  another. */
export interface Matrices {
  /** [T · d, d] */
  readonly transitions: Float32Array;
  /** [(P + T) · d, hidden] */
  readonly userHiddenWeights: Float32Array;
  /** [hidden, d] */
  readonly userOutputWeights: Float32Array;
}

export function publishedMatrices(
  { transitions, userHiddenWeights, userOutputWeights }: Parameters,
  { members, embeddingSize, userHiddenSize, transitions: places }: TwoTowerHyperparameters,
): Matrices {
  const w = embeddingSize / members;
  const units = userHiddenSize / members;
  return {
    transitions: blocks(transitions.values, { members, groups: places, rows: w, columns: w }),
    userHiddenWeights: blocks(userHiddenWeights.values, {
      members,
      groups: units > 0 ? POOLS + places : 0,
      rows: w,
      columns: units,
    }),
    userOutputWeights: blocks(userOutputWeights.values, { members, groups: 1, rows: units, columns: w }),
  };
}

/** @param values [members, groups, rows, columns]
 *  @returns [groups · members · rows, members · columns] zero where row and column are of different
 *    members */
function blocks(
  values: Float32Array,
  shape: { members: number; groups: number; rows: number; columns: number },
): Float32Array {
  const { members, groups, rows, columns } = shape;
  const out = new Float32Array(groups * members * rows * members * columns);
  for (let member = 0, from = 0; member < members; member++) {
    for (let group = 0; group < groups; group++) {
      for (let row = 0; row < rows; row++, from += columns) {
        const to = ((group * members + member) * rows + row) * members * columns + member * columns;
        out.set(values.subarray(from, from + columns), to);
      }
    }
  }
  return out;
}

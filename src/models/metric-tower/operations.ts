/** What the user tower does with packed histories, as TensorFlow operations with custom gradients:
 *  the loops run outside TensorFlow (numeric/packed-rows.ts, in WebAssembly where it is built), the
 *  same on any back end. No value depends on a later rating or on another history.
 *
 *  As a recurrence a pool is O(N d) for all positions of all histories, however long each is; as a
 *  product with a decay matrix it is O(N window d) and requires padding. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import { copyPlaces, finalPoolsGradient, finalPools as plainFinalPools } from '../../numeric/packed-rows';
import { packedRows } from '../../numeric/packed-rows-simd';
import { tf, withGradient } from '../../tensor/tf';

export interface PackedHistories {
  /** [N] rows of `points`, history after history, oldest first */
  readonly rows: Int32Array;
  /** [N] rating levels */
  readonly levels: Uint8Array;
  /** [S + 1] history s is offsets[s] .. offsets[s+1] */
  readonly offsets: Int32Array;
  /** [N, d] dropout: 0 or 1 / (1 − rate); all ones when absent */
  readonly mask?: Float32Array | undefined;
}

/** Never a view of wasm's memory, which moves: the back ends that compute elsewhere copy. */
const plainValues = (tensor: Tensor): Float32Array => tensor.dataSync<'float32'>();

/** x_j = mask_j ⊙ w(level_j) · h_j.
 *  @param points       [R, d] h
 *  @param levelWeights [L, 1] w
 *  @returns [N, d] x, differentiable once in both */
export function historyValues(
  points: Tensor2D,
  levelWeights: Tensor2D,
  { rows, levels, mask }: PackedHistories,
): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([points, levelWeights], (h, w) => {
    const d = h.shape[1];
    const input = { points: plainValues(h), d, rows, levels, weights: plainValues(w), mask };
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const { forPoints, forWeights } = packedRows().weighGradient(input, plainValues(dy));
      return [tf.tensor2d(forPoints, h.shape), tf.tensor2d(forWeights, w.shape)];
    };
    return { value: tf.tensor2d(packedRows().weigh(input), [rows.length, d]), saved: [], gradient };
  });
}

/** The pools at every position, over the history up to and including it.
 *  @param x       [N, d] weighted points of the ratings, history after history
 *  @param decays  [P, 1] γ in (0, 1]
 *  @param offsets [S + 1] of the histories
 *  @param growth  e, 0 to 1
 *  @returns [P, N, d], differentiable once in x and decays */
export function historyPools(x: Tensor2D, decays: Tensor2D, offsets: Int32Array, growth = 0): Tensor3D {
  return withGradient<Tensor3D, [Tensor2D, Tensor2D], []>([x, decays], (values, gamma) => {
    const [n, d] = values.shape;
    const input = { x: plainValues(values), d, decays: plainValues(gamma), offsets, power: 1 - growth };
    const output = packedRows().pools(input);
    const gradient = (dy: Tensor3D): Tensor2D[] => {
      const { forX, forDecays } = packedRows().poolsGradient(input, output, plainValues(dy));
      return [tf.tensor2d(forX, values.shape), tf.tensor2d(forDecays, gamma.shape)];
    };
    return { value: tf.tensor3d(output, [gamma.shape[0], n, d]), saved: [], gradient };
  });
}

/** The pools after the last rating of each history alone: no position in between costs memory.
 *  @returns [P, S, d], differentiable once in x and decays */
export function finalPools(x: Tensor2D, decays: Tensor2D, offsets: Int32Array, growth = 0): Tensor3D {
  return withGradient<Tensor3D, [Tensor2D, Tensor2D], []>([x, decays], (values, gamma) => {
    const d = values.shape[1];
    const input = { x: plainValues(values), d, decays: plainValues(gamma), offsets, power: 1 - growth };
    const final = plainFinalPools(input);
    const gradient = (dy: Tensor3D): Tensor2D[] => {
      const { forX, forDecays } = finalPoolsGradient(input, final, plainValues(dy));
      return [tf.tensor2d(forX, values.shape), tf.tensor2d(forDecays, gamma.shape)];
    };
    const shape: [number, number, number] = [gamma.shape[0], offsets.length - 1, d];
    return { value: tf.tensor3d(final.output, shape), saved: [], gradient };
  });
}

/** A gate per place and dimension, the newest rating being place 0: out_t = Σ_(j < K) a_j ⊙
 *  x_(t−j).
 *  @param x     [N, d]
 *  @param gates [K, d]
 *  @returns [N, d], differentiable once in both */
export function gatedPlaces(x: Tensor2D, gates: Tensor2D, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D, Tensor2D], []>([x, gates], (history, gate) => {
    const input = { x: plainValues(history), d: history.shape[1], gates: plainValues(gate), offsets };
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const { forX, forGates } = packedRows().gateGradient(input, plainValues(dy));
      return [tf.tensor2d(forX, history.shape), tf.tensor2d(forGates, gate.shape)];
    };
    return { value: tf.tensor2d(packedRows().gate(input), history.shape), saved: [], gradient };
  });
}

/** The last ratings concatenated, for a product with a matrix per position: row t is [x_t, x_(t−1),
 *  …, x_(t−M+1)], zeros before the first rating.
 *  @param x [N, d] @returns [N, M · d], differentiable once */
export function placesSideBySide(x: Tensor2D, places: number, offsets: Int32Array): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D], []>([x], (history) => {
    const [n, d] = history.shape;
    const width = places * d;
    const value = plainValues(history);
    const out = new Float32Array(n * width);
    for (let s = 0; s + 1 < offsets.length; s++) {
      for (let t = offsets[s]; t < offsets[s + 1]; t++)
        copyPlaces(out.subarray(t * width, (t + 1) * width), value, {
          d,
          newest: t * d,
          oldest: offsets[s] * d,
        });
    }
    const gradient = (dy: Tensor2D): Tensor2D[] => [
      tf.tensor2d(packedRows().besideGradient({ d, places, offsets }, plainValues(dy)), history.shape),
    ];
    return { value: tf.tensor2d(out, [n, width]), saved: [], gradient };
  });
}

/** Means of listed rows (an item's tags).
 *  @param points [R, d]
 *  @param lists  [n] rows of `points`; an empty list gives zeros
 *  @returns [n, d], differentiable once in `points` */
export function meanRows(points: Tensor2D, lists: readonly ArrayLike<number>[]): Tensor2D {
  return withGradient<Tensor2D, [Tensor2D], []>([points], (x) => {
    const d = x.shape[1];
    const data = plainValues(x);
    const means = new Float32Array(lists.length * d);
    forEachEntry(lists, (list, row, share) => {
      for (let k = 0; k < d; k++) means[list * d + k] += share * data[row * d + k];
    });
    const gradient = (dy: Tensor2D): Tensor2D[] => {
      const slope = plainValues(dy);
      const sums = new Float32Array(x.size);
      forEachEntry(lists, (list, row, share) => {
        for (let k = 0; k < d; k++) sums[row * d + k] += share * slope[list * d + k];
      });
      return [tf.tensor2d(sums, x.shape)];
    };
    return { value: tf.tensor2d(means, [lists.length, d]), saved: [], gradient };
  });
}

function forEachEntry(
  lists: readonly ArrayLike<number>[],
  visit: (list: number, row: number, share: number) => void,
): void {
  for (let list = 0; list < lists.length; list++) {
    const rows = lists[list];
    for (let n = 0; n < rows.length; n++) visit(list, rows[n], 1 / rows.length);
  }
}

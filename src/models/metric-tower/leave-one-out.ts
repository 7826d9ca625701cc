/** Where a user would be without one of their ratings, exactly, at the cost of a few vectors
 *  instead of the whole history.
 *
 *  Pool p runs over the window from its oldest rating to its newest: S_t = γ S_{t−1} + x_t. Without
 *  rating r, and with x_e, the rating that the window then reaches, it comes out as
 *
 *    S_{n−1} + γ^(n−1−r) ((1 − γ) S_{r−1} − x_r + γ^r x_e)
 *
 *  The rest of the tower is computed as always (forward.ts). */
import type { UserHistory } from '../../interactions/interaction-log';
import { addToPool, copyPlaces, poolShare } from '../../numeric/packed-rows';
import type { LeftOut } from '../metric-space';
import { historyValues, pointOfFeatures, type UserTower } from './forward';

/** @param historyPoints [I, d] @param history not empty */
export function leaveOneOut(tower: UserTower, historyPoints: Float32Array, history: UserHistory): LeftOut {
  const { embeddingSize: d, decays, window, growth, gates, placeGates, transitions } = tower;
  const items = history.items.subarray(Math.max(0, history.items.length - window));
  const n = items.length;

  const without = (rows: readonly number[]): Float32Array[] => {
    // In front, the rating that a window of one more would hold, if there is one.
    const values = historyValues({ ...tower, window: window + 1 }, historyPoints, history);
    const entering = values.length / d - n;
    const features = rows.map(() => new Float64Array(gates.length + transitions.length / d));
    decays.forEach((decay, p) => {
      const pools = features.map((feature) => feature.subarray(p * d, (p + 1) * d));
      const share = poolShare(decay, n - 1 + entering, growth);
      poolsWithout({ values, n, entering, decay, rows, share }, pools);
    });
    const places = Math.max(placeGates.length, transitions.length / d) / d;
    return rows.map((row, at) => {
      const newest = newestWithout(values, d, entering + row, places);
      copyPlaces(features[at].subarray(gates.length), newest, { d, newest: newest.length - d, oldest: 0 });
      return pointOfFeatures(tower, features[at], newest, history.demographics);
    });
  };
  return { items, without };
}

interface PoolRun {
  /** [entering + n, d] oldest first */
  readonly values: Float64Array;
  readonly n: number;
  readonly entering: number;
  readonly decay: number;
  readonly rows: readonly number[];
  /** What a sum is multiplied by. */
  readonly share: number;
}

/** One pool without each of the rows, in one run over the window. @param pools [rows.length] of
 *  [d], zeros, overwritten */
function poolsWithout(
  { values, n, entering, decay, rows, share }: PoolRun,
  pools: readonly Float64Array[],
): void {
  const d = pools[0]?.length ?? 0;
  const sum = new Float64Array(d);
  const wanted = new Map<number, Float64Array>(rows.map((row, at) => [row, pools[at]]));
  for (let t = 0, x = entering * d; t < n; t++, x += d) {
    const pool = wanted.get(t);
    if (pool !== undefined) {
      const earlier = entering * decay ** t;
      const later = decay ** (n - 1 - t);
      for (let k = 0; k < d; k++)
        pool[k] = later * ((1 - decay) * sum[k] - values[x + k] + earlier * values[k]);
    }
    addToPool(sum, decay, values, x);
  }
  for (const pool of pools) for (let k = 0; k < d; k++) pool[k] = share * (sum[k] + pool[k]);
}

/** @returns [min(places, n − 1), d] the newest values but the one at `left`, oldest first */
function newestWithout(values: Float64Array, d: number, left: number, places: number): Float64Array {
  const rest = values.length / d - 1;
  const newest = new Float64Array(Math.min(places, rest) * d);
  let to = newest.length;
  for (let row = rest; to > 0; row--) {
    if (row === left) continue;
    to -= d;
    newest.set(values.subarray(row * d, (row + 1) * d), to);
  }
  return newest;
}

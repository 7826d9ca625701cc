/** What finding a user's point from a history has in common for the systems that do it by gradient
 *  steps. */
import { Random } from '../numeric/random';
import { historyHash } from './bpr-mf/fold-in';

export interface HistorySteps {
  /** However long the history is: so the cost of a score has a bound. */
  readonly steps: number;
  readonly seed: number;
}

/** Calls `step` with items of the history, in random order, again and again. The draws depend on
 *  seed and history alone: the same history gives the same point, whoever it belongs to and
 *  whatever else is scored.
 *  @param step gets an item of the history, random numbers to go on with, and how far it has come,
 *    0 to 1 */
export function stepThroughHistory(
  history: Int32Array,
  { steps, seed }: HistorySteps,
  step: (positive: number, random: Random, done: number) => void,
): void {
  if (history.length === 0) return;
  const random = new Random(seed, historyHash(history));
  const order = history.slice();
  for (let n = 0; n < steps; n++) {
    const at = n % order.length;
    if (at === 0) random.shuffle(order);
    step(order[at], random, n / steps);
  }
}

/** @param rows [n, d] row-major
 *  @param chosen row numbers; all rows without it
 *  @returns [d], zeros where nothing is chosen */
export function meanRow(rows: Float32Array, d: number, chosen?: Int32Array): Float32Array {
  const sums = new Float64Array(d);
  const count = chosen?.length ?? rows.length / d;
  for (let n = 0; n < count; n++) {
    const at = (chosen === undefined ? n : chosen[n]) * d;
    for (let k = 0; k < d; k++) sums[k] += rows[at + k];
  }
  return Float32Array.from(sums, (sum) => sum / Math.max(1, count));
}

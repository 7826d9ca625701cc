/** The factor of a history, with the items as they were learned. */
import { Random } from '../../numeric/random';
import { type ItemFactors, type Rates, userStep } from './pair-step';

export interface FoldInPlan {
  readonly rates: Rates;
  /** Pairs drawn for each item of the history. */
  readonly passes: number;
  readonly seed: number;
}

/** BPR's own objective for one user, by the same steps as in training, from the mean user on; the
 *  pairs are drawn by seed and history, so the same history gives the same factor, whoever it
 *  belongs to and whatever else is scored.
 *  @param start [d], not changed
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldIn(
  history: Int32Array,
  items: ItemFactors,
  start: Float64Array,
  plan: FoldInPlan,
): Float64Array {
  const user = Float64Array.from(start);
  const itemCount = items.biases.length;
  const rated = new Set(history);
  if (rated.size >= itemCount) return user;
  const random = new Random(plan.seed, historyHash(history));
  const order = history.slice();
  for (let pass = 0; pass < plan.passes; pass++) {
    const rates = { ...plan.rates, learningRate: plan.rates.learningRate * (1 - pass / plan.passes) };
    for (const positive of random.shuffle(order)) {
      let negative = random.integerBelow(itemCount);
      while (rated.has(negative)) negative = random.integerBelow(itemCount);
      userStep(user, items, { positive, negative }, rates);
    }
  }
  return user;
}

/** FNV-1a over the items in their order. @returns 32 bits, signed */
export function historyHash(history: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const item of history) hash = Math.imul(hash ^ item, 0x01000193);
  return hash | 0;
}

/** A user's factor from a history, the items and times as they were learned. */
import { Random } from '../../numeric/random';
import { historyHash } from '../bpr-mf/fold-in';
import { userStep } from '../bpr-mf/pair-step';
import type { Numbers } from './pairwise-step';

export interface FoldInPlan {
  /** Falls linearly to 0. */
  readonly learningRate: number;
  readonly regularization: number;
  /** Pairs drawn for each item of the history. */
  readonly passes: number;
  readonly seed: number;
}

export interface FixedItems {
  /** [I, d] what meets the user */
  readonly items: Numbers;
  readonly d: number;
  /** @param bin -1 for an unknown time @returns [I] what the time says of each item: a constant
   *    beside the user's factor */
  timeScores(bin: number): Float32Array;
}

export interface TimedHistory {
  /** [h] */
  readonly items: Int32Array;
  /** [h] time bin of each interaction, -1 where unknown */
  readonly bins: Int32Array;
}

/** PITF's own objective for one user by the steps of training, from the mean user on. Pairs are
 *  drawn by seed and history, so the same history gives the same factor, whoever it belongs to and
 *  whatever else is scored.
 *  @param start [d]
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldIn(
  { items: history, bins }: TimedHistory,
  fixed: FixedItems,
  start: Numbers,
  plan: FoldInPlan,
): Float64Array {
  const user = Float64Array.from(start);
  const { items, d } = fixed;
  const itemCount = items.length / d;
  const rated = new Set(history);
  if (rated.size >= itemCount) return user;
  const random = new Random(plan.seed, historyHash(history));
  const order = Int32Array.from(history.keys());
  for (let pass = 0; pass < plan.passes; pass++) {
    const rates = {
      learningRate: plan.learningRate * (1 - pass / plan.passes),
      userRegularization: plan.regularization,
      itemRegularization: 0,
      biasRegularization: 0,
    };
    for (const at of random.shuffle(order)) {
      let negative = random.integerBelow(itemCount);
      while (rated.has(negative)) negative = random.integerBelow(itemCount);
      userStep(
        user,
        { items, biases: fixed.timeScores(bins[at]), d },
        { positive: history[at], negative },
        rates,
      );
    }
  }
  return user;
}

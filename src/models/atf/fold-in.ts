/** A user's factor from a history: ATF's own objective, adversary included, for that user alone;
 *  items and times as learned. */
import { stepThroughHistory } from '../history-steps';
import { hardestOf } from '../pair-sampler';
import type { Adversary } from './adversarial-pair';
import { type AtfFactors, PairStepper } from './pair-step';

export interface AtfFoldIn extends Adversary {
  readonly foldInSteps: number;
  readonly foldInLearningRate: number;
  /** Draws of which the hardest is the pair's negative */
  readonly foldInNegativeCandidates: number;
  readonly regularization: number;
  readonly seed: number;
}

/** @param history dense item indices
 *  @param times   [h] the stretch of time of each, -1 for an unknown one
 *  @param start   [d], not changed
 *  @returns [d]; the start itself for an empty history, or one of everything */
export function foldInUser(
  history: Int32Array,
  times: Int32Array,
  learned: Omit<AtfFactors, 'users'>,
  start: Float32Array,
  plan: AtfFoldIn,
): Float32Array {
  const user = start.slice();
  const itemCount = learned.biases.length;
  const timeOf = new Map(Array.from(history, (item, at) => [item, times[at]]));
  if (timeOf.size >= itemCount) return user;
  const stepper = new PairStepper(plan, learned.d);
  const { foldInSteps: steps, foldInLearningRate, foldInNegativeCandidates, regularization, seed } = plan;
  stepThroughHistory(history, { steps, seed }, (positive, random, done) => {
    const time = timeOf.get(positive) ?? -1;
    const draw = () => {
      let item = random.integerBelow(itemCount);
      while (timeOf.has(item)) item = random.integerBelow(itemCount);
      return item;
    };
    const negative = hardestOf(
      draw(),
      foldInNegativeCandidates - 1,
      draw,
      stepper.scorer(learned, user, 0, time),
    );
    const pair = { positive, negative, time };
    stepper.takeForUser(user, learned, pair, {
      learningRate: foldInLearningRate * (1 - done),
      regularization,
    });
  });
  return user;
}

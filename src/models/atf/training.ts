/** The training loop of ATF: as many pairs an epoch as there are interactions, at a rate that falls
 *  linearly to 0. */
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import { pairEpoch } from '../pair-epoch';
import { hardestOf, type PairSampler } from '../pair-sampler';
import type { Turns } from '../turns';
import type { Adversary } from './adversarial-pair';
import { type AtfFactors, PairStepper, type Rates } from './pair-step';

export interface AtfEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  /** [N] the stretch of time of each row, -1 for an unknown one */
  readonly times: Int32Array;
  readonly rates: Rates;
  readonly adversary: Adversary;
  /** Draws of which the hardest is the pair's negative */
  readonly negativeCandidates: number;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** @returns the mean loss */
export function trainAtfEpoch(
  factors: AtfFactors,
  plan: AtfEpoch,
  random: Random,
  turns: Turns,
): Promise<number> {
  const { log, sampler, times, rates, adversary, negativeCandidates } = plan;
  const stepper = new PairStepper(adversary, factors.d);
  return pairEpoch({ ...plan, learningRate: rates.learningRate }, random, turns, (learningRate) => {
    const current = { ...rates, learningRate };
    return (user, row, first) => {
      const time = times[row];
      const draw = () => sampler.negative(user, random);
      const scoreOf = stepper.scorer(factors, factors.users, user * factors.d, time);
      const negative = hardestOf(first, negativeCandidates - 1, draw, scoreOf);
      return stepper.take(factors, user, { positive: log.itemIndex[row], negative, time }, current);
    };
  });
}

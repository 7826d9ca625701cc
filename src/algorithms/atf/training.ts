/** The training loop of ATF: as many pairs an epoch as there are interactions, at a rate that falls linearly to 0. */
import type { InteractionLog } from '../../interactions/interaction-log';
import type { Random } from '../../numeric/random';
import type { PairSampler } from '../bpr-mf/training';
import type { Turns } from '../turns';
import type { Adversary } from './adversarial-pair';
import { type AtfFactors, PairStepper, type Rates } from './pair-step';

/** Pairs between two looks at the clock. */
const STRIDE = 4_096;

export interface AtfEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  /** [N] the stretch of time of each row, -1 for an unknown one */
  readonly times: Int32Array;
  readonly rates: Rates;
  readonly adversary: Adversary;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** @returns the mean loss */
export async function trainAtfEpoch(factors: AtfFactors, plan: AtfEpoch, random: Random, turns: Turns): Promise<number> {
  const { log, sampler, times, rates, adversary, epoch, epochs } = plan;
  const stepper = new PairStepper(adversary, factors.d);
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const done = (epoch + from / pairs) / epochs;
    const current = { ...rates, learningRate: rates.learningRate * (1 - done) };
    const until = Math.min(pairs, from + STRIDE);
    for (let n = from; n < until; n++) {
      const row = sampler.row(random);
      const user = sampler.userOf(row);
      const negative = sampler.negative(user, random);
      if (negative < 0) continue;
      loss += stepper.take(factors, user, { positive: log.itemIndex[row], negative, time: times[row] }, current);
    }
    if (turns.due()) await turns.take(done);
  }
  return loss / pairs;
}

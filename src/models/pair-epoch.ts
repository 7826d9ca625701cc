/** An epoch of learning from pairs (LearnBPR, Rendle et al., UAI 2009): as many as there are
 *  interactions, each drawn uniformly with an item that its user does not know, at a rate that
 *  falls linearly to 0 over all epochs. */
import type { InteractionLog } from '../interactions/interaction-log';
import type { Random } from '../numeric/random';
import type { PairSampler } from './pair-sampler';
import type { Turns } from './turns';

/** Pairs between two looks at the clock, all at one rate. */
const STRIDE = 4_096;

export interface PairEpoch {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  /** At the start of the first epoch */
  readonly learningRate: number;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** One step: the interaction in `row` of the log, of `user`, against `negative`. @returns its
 *  loss */
export type PairStep = (user: number, row: number, negative: number) => number;

/** @param stepAt the step at a rate
 *  @returns the mean loss */
export async function pairEpoch(
  plan: PairEpoch,
  random: Random,
  turns: Turns,
  stepAt: (learningRate: number) => PairStep,
): Promise<number> {
  const { log, sampler, learningRate, epoch, epochs } = plan;
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const done = (epoch + from / pairs) / epochs;
    const step = stepAt(learningRate * (1 - done));
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      const user = sampler.userOf(row);
      const negative = sampler.negative(user, random);
      if (negative >= 0) loss += step(user, row, negative);
    }
    if (turns.due()) await turns.take(done);
  }
  return loss / pairs;
}

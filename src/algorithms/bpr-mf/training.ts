/** The training loop of BPR: pairs drawn from the data (LearnBPR of Rendle et al. 2009), at a rate that falls linearly to 0. */
import type { InteractionLog } from '../../interactions/interaction-log';
import { Random } from '../../numeric/random';
import type { Turns } from '../turns';
import { type Factors, pairStep, type Rates } from './pair-step';

/** Pairs between two looks at the clock. */
const STRIDE = 4_096;

export class PairSampler {
  /** Each user's items, ascending: membership is a binary search, and no bitset of users by items is needed. */
  private readonly sorted: Int32Array;
  private readonly userOfRow: Int32Array;

  constructor(private readonly log: InteractionLog) {
    this.sorted = log.itemIndex.slice();
    this.userOfRow = new Int32Array(log.itemIndex.length);
    for (let user = 0; user < log.users.size; user++) {
      this.sorted.subarray(log.offsets[user], log.offsets[user + 1]).sort();
      this.userOfRow.fill(user, log.offsets[user], log.offsets[user + 1]);
    }
  }

  /** @returns a row of the log, uniform */
  row(random: Random): number {
    return random.integerBelow(this.sorted.length);
  }

  userOf(row: number): number {
    return this.userOfRow[row];
  }

  has(user: number, item: number): boolean {
    return includes(this.sorted, this.log.offsets[user], this.log.offsets[user + 1], item);
  }

  /** @returns an item, uniform among those the user has not got; -1 for a user of everything */
  negative(user: number, random: Random): number {
    const { log, sorted } = this;
    const from = log.offsets[user];
    const length = log.offsets[user + 1] - from;
    if (length >= log.items.size) return -1;
    for (;;) {
      const item = random.integerBelow(log.items.size);
      if (!includes(sorted, from, from + length, item)) return item;
    }
  }
}

function includes(sorted: Int32Array, from: number, until: number, item: number): boolean {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < item) low = middle + 1;
    else high = middle;
  }
  return low < until && sorted[low] === item;
}

export interface EpochPlan {
  readonly log: InteractionLog;
  readonly sampler: PairSampler;
  readonly rates: Rates;
  /** 0 for the first */
  readonly epoch: number;
  readonly epochs: number;
}

/** As many pairs as there are interactions.
 *  @returns the mean of −ln σ(x) */
export async function trainEpoch(factors: Factors, plan: EpochPlan, random: Random, turns: Turns): Promise<number> {
  const { log, sampler, rates, epoch, epochs } = plan;
  const pairs = log.itemIndex.length;
  let loss = 0;
  for (let from = 0; from < pairs; from += STRIDE) {
    const done = (epoch + from / pairs) / epochs;
    const current = { ...rates, learningRate: rates.learningRate * (1 - done) };
    const until = Math.min(pairs, from + STRIDE);
    for (let pair = from; pair < until; pair++) {
      const row = sampler.row(random);
      const user = sampler.userOf(row);
      const negative = sampler.negative(user, random);
      if (negative >= 0) loss += pairStep(factors, user, { positive: log.itemIndex[row], negative }, current);
    }
    if (turns.due()) await turns.take(done);
  }
  return loss / pairs;
}

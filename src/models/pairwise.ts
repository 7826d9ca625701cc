/** Draws interactions and items that their users do not know, for learning from pairs. */
import type { InteractionLog } from '../interactions/interaction-log';
import { Random } from '../numeric/random';
import type { Turns } from './training-loop';

export class PairSampler {
  /** Each user's items, ascending: membership is a binary search, and no bitset of users by items
   *  is needed. */
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

/** Dynamic negative sampling (Zhang, Chen, Wang and Yu, SIGIR 2013): a pair teaches little once it
 *  is in the right order, so of several items the one that the current model ranks highest is used.
 *  @param first a draw, taken as it comes where there are no `others`
 *  @param others how many further items `draw` is asked for
 *  @returns the item of the highest score, the earliest of equals */
export function hardestOf(
  first: number,
  others: number,
  draw: () => number,
  scoreOf: (item: number) => number,
): number {
  if (others === 0) return first;
  let hardest = first;
  let highest = scoreOf(first);
  for (let n = 0; n < others; n++) {
    const item = draw();
    const score = scoreOf(item);
    if (score > highest) {
      hardest = item;
      highest = score;
    }
  }
  return hardest;
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

/** An epoch of learning from pairs (LearnBPR, Rendle et al., UAI 2009): as many as there are
 *  interactions, each drawn uniformly with an item that its user does not know, at a rate that
 *  falls linearly to 0 over all epochs. */

/** Pairs between two checks of the clock, all at one learning rate. */
const STRIDE = 4_096;

interface PairEpoch {
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
type PairStep = (user: number, row: number, negative: number) => number;

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

/** What finding a user's point from a history has in common for the systems that do it by gradient
 *  steps. */

interface HistorySteps {
  /** However long the history is: so the cost of a score has a bound. */
  readonly steps: number;
  readonly seed: number;
}

/** Calls `step` with items of the history, in random order, again and again. The draws depend on
 *  seed and history alone: the same history always gives the same point, independent of the user
 *  and of other queries.
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

/** FNV-1a over the items in their order. @returns 32 bits, signed */
export function historyHash(history: Int32Array): number {
  let hash = 0x811c9dc5;
  for (const item of history) hash = Math.imul(hash ^ item, 0x01000193);
  return hash | 0;
}

/** ln(1 + eˣ) without overflow. */
export function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
